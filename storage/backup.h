// Backups of a store, made while it serves: their options, and what one is.
//
//   options.backup = {.dir = "/backup", .every = absl::Minutes(1), .keep = 60};
//   OWO_TRY(std::unique_ptr<Store> store, OpenStore("rocksdb:/data", options));
//   OWO_TRY(const BackupInfo backup, store->backups()->Create());
//
// How the embedded store makes and restores them: docs/decisions/0015-backups.md.

#ifndef OWO_STORAGE_BACKUP_H_
#define OWO_STORAGE_BACKUP_H_

#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "storage/types.h"

namespace owo::storage {

// The last number that was given in a series of invoice numbers.
struct LastNumber {
  TenantId tenant{};
  std::string series;
  uint64_t last = 0;
};

struct BackupInfo {
  uint32_t id = 0;        // rises; never given twice while newer backups exist
  absl::Time time;        // when it began
  std::string format;     // of the data
  uint64_t sequence = 0;  // the backup has all journal records up to this one, and maybe newer ones
  uint64_t bytes = 0;     // of its files; backups share files
  uint64_t copied_bytes = 0;  // of the files that no earlier backup has
  absl::Duration duration;    // zero in lists
  // Made before the data was migrated from `format`; pruned only when there is a newer such backup.
  bool before_migration = false;
  // Empty, with `left_out`, if there are too many series to list.
  std::vector<LastNumber> numbers;
  bool numbers_left_out = false;
};

struct BackupOptions {
  // Where backups are kept. "": no backups. Not in the data directory.
  std::string dir;
  // Time between the beginnings of two backups. 0: only when Create() is called, and before a
  // migration.
  absl::Duration every;
  // Older backups are removed after each new one. At least 1.
  size_t keep = 60;
  // Copies no more than this many bytes a second. 0: no limit.
  uint64_t bytes_per_second = 32 << 20;
  // Called once at start with the newest backup that exists, if there is one, and then after each
  // backup, on the thread that made it. May be empty.
  std::function<void(const BackupInfo&)> on_backup;
  // Called for each backup of the schedule that failed, on one of the store's threads.
  std::function<void(const absl::Status&)> on_failure;
  // Called when the data is migrated from an older format without a backup, as `dir` is "".
  std::function<void(const absl::Status&)> on_migration_without_backup;
};

// Thread-safe.
class Backups {
 public:
  virtual ~Backups() = default;

  // Makes a backup and blocks until it is durable, which may take long. It has everything that was
  // answered before the call. UNAVAILABLE if another backup runs, the store is closing, or the disk
  // of the store is full. RESOURCE_EXHAUSTED (IsDiskFull) if the disk of the backups is full.
  virtual absl::StatusOr<BackupInfo> Create() = 0;
};

}  // namespace owo::storage

#endif  // OWO_STORAGE_BACKUP_H_
