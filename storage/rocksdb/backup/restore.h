// Makes a data directory from a backup.
//
//   OWO_TRY(const RestoredBackup restored,
//           RestoreBackup({.from = "/backup", .data_dir = "/data", .skip_numbers = 1000}));

#ifndef OWO_STORAGE_ROCKSDB_BACKUP_RESTORE_H_
#define OWO_STORAGE_ROCKSDB_BACKUP_RESTORE_H_

#include <rocksdb/env.h>

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "storage/backup.h"
#include "storage/types.h"

namespace owo::storage {

// The next number of a series of invoice numbers.
struct NextNumber {
  TenantId tenant{};
  std::string series;
  uint64_t next = 0;
};

struct RestoreParams {
  std::string from;      // the directory of the backups
  uint32_t backup = 0;   // its id; 0: the newest that is not damaged
  std::string data_dir;  // missing or empty
  // Numbers that were given after the backup must not be given again. Each series of the backup
  // needs a number here, unless `skip_numbers` is set: then the others skip so many numbers. A
  // series that is not in the backup may be named, too.
  std::vector<NextNumber> next_numbers;
  std::optional<uint64_t> skip_numbers;
  rocksdb::Env* env = nullptr;  // null: the machine's file system
};

struct RestoredBackup {
  BackupInfo backup;
  std::vector<NextNumber> numbers;  // with which each series goes on
};

// Every file is compared with its checksum. Until everything is durable, the directory does not
// open: an interrupted or failed restore must be repeated, into the same directory or another one.
//
// NOT_FOUND if there is no such backup. INVALID_ARGUMENT if a number is missing or was already
// given; the message names the series. FAILED_PRECONDITION if the directory is not empty, or the
// backup has a newer format. DATA_LOSS if the backup is damaged. Others if a disk fails or is full.
absl::StatusOr<RestoredBackup> RestoreBackup(const RestoreParams& params);

}  // namespace owo::storage

#endif  // OWO_STORAGE_ROCKSDB_BACKUP_RESTORE_H_
