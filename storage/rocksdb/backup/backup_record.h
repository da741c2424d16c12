// What a backup says of itself, as the metadata that RocksDB's BackupEngine keeps with it.
//
//   BackupRecord record;
//   OWO_RETURN_IF_ERROR(Describe(database, record));   // format, newest record, invoice numbers
//   engine->CreateNewBackupWithMetadata(…, PackBackupRecord(record), &id);
//   OWO_TRY(record, ParseBackupRecord(info.app_metadata));

#ifndef OWO_STORAGE_ROCKSDB_BACKUP_BACKUP_RECORD_H_
#define OWO_STORAGE_ROCKSDB_BACKUP_BACKUP_RECORD_H_

#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "storage/backup.h"
#include "storage/records.pb.h"
#include "storage/rocksdb/engine/database.h"

namespace owo::storage {

// RocksDB keeps no checksum of the metadata, so it ends in one.
std::string PackBackupRecord(const BackupRecord& record);
// DATA_LOSS if the bytes were not made by PackBackupRecord().
absl::StatusOr<BackupRecord> ParseBackupRecord(std::string_view bytes);

// Sets the format, the newest journal record that is durable, and the invoice numbers.
absl::Status Describe(const Database& database, BackupRecord& record);

// The last number of every series of every tenant, in order of tenant and series.
absl::StatusOr<std::vector<LastNumber>> ReadLastNumbers(const Database& database);

}  // namespace owo::storage

#endif  // OWO_STORAGE_ROCKSDB_BACKUP_BACKUP_RECORD_H_
