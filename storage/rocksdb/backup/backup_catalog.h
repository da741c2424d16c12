// The backups in a directory: lists, checks and removes them.
//
//   OWO_TRY(const std::vector<ListedBackup> backups, ListBackups("/backup", env));
//   OWO_TRY(const auto damaged, VerifyBackups("/backup", /*id=*/0, env));
//   OWO_TRY(const size_t removed, PruneBackups("/backup", /*keep=*/60, env));
//
// The directory holds, each as RocksDB's BackupEngine lays it out:
//
//   db        the backups of the database; their ids are those of the backups
//   sealed    the backups of the archive, which those of the database name
//   LOCK      one process at a time adds or removes backups

#ifndef OWO_STORAGE_ROCKSDB_BACKUP_BACKUP_CATALOG_H_
#define OWO_STORAGE_ROCKSDB_BACKUP_BACKUP_CATALOG_H_

#include <rocksdb/env.h>

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "storage/backup.h"
#include "storage/records.pb.h"

namespace owo::storage {

// In each of these functions `env` is the file system of the backups; null: the machine's.

// Where the backups of the database and of the archive are.
std::string DatabaseBackups(const std::string& dir);
std::string ArchiveBackups(const std::string& dir);

struct ListedBackup {
  BackupInfo info;
  BackupRecord record;
  absl::Status damage;  // not OK: files are missing or have another size; only info.id is set
};
// By id, the oldest first. NOT_FOUND if the directory has no backups. Does not read the files: see
// VerifyBackups.
absl::StatusOr<std::vector<ListedBackup>> ListBackups(const std::string& dir, rocksdb::Env* env);

struct VerifiedBackup {
  uint32_t id = 0;
  absl::Status status;  // DATA_LOSS names the first damaged file
};
// Reads every file of the backup with this id, or of all backups (0), and compares it with its
// checksum. NOT_FOUND if there is no such backup.
absl::StatusOr<std::vector<VerifiedBackup>> VerifyBackups(const std::string& dir, uint32_t id,
                                                          rocksdb::Env* env);

// Keeps the newest `keep` backups that are not damaged, and the newest one from before a migration.
// Removes all others, with files that no other backup shares. Returns how many were removed.
// FAILED_PRECONDITION if another process changes the directory. REQUIRES: keep ≥ 1.
absl::StatusOr<size_t> PruneBackups(const std::string& dir, size_t keep, rocksdb::Env* env);
// The same, for the owner of a BackupLock.
absl::StatusOr<size_t> PruneLocked(const std::string& dir, size_t keep, rocksdb::Env& env);

// The right to change a directory of backups, as long as the object exists.
class BackupLock {
 public:
  // Creates the directory if it is missing. FAILED_PRECONDITION if another process has the lock.
  static absl::StatusOr<std::unique_ptr<BackupLock>> Take(const std::string& dir,
                                                          rocksdb::Env& env);
  ~BackupLock();
  BackupLock(const BackupLock&) = delete;
  BackupLock& operator=(const BackupLock&) = delete;

 private:
  BackupLock(rocksdb::Env& env, rocksdb::FileLock* lock) : env_(env), lock_(lock) {}

  rocksdb::Env& env_;
  rocksdb::FileLock* const lock_;
};

}  // namespace owo::storage

#endif  // OWO_STORAGE_ROCKSDB_BACKUP_BACKUP_CATALOG_H_
