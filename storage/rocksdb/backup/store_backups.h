// The backups of an open store: on a schedule, on request, and before a migration.
//
//   StoreBackups backups(database, options);
//   OWO_RETURN_IF_ERROR(backups.BeforeMigration());    // before the first write
//   backups.Start(retention.get());                    // the schedule, until it is destroyed
//   OWO_TRY(const BackupInfo made, backups.Create());

#ifndef OWO_STORAGE_ROCKSDB_BACKUP_STORE_BACKUPS_H_
#define OWO_STORAGE_ROCKSDB_BACKUP_STORE_BACKUPS_H_

#include <memory>
#include <string>

#include "absl/base/thread_annotations.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"
#include "storage/backup.h"
#include "storage/rocksdb/backup/backup_copy.h"
#include "storage/rocksdb/engine/database.h"
#include "storage/rocksdb/retention/archive_db.h"
#include "storage/rocksdb/retention/retention.h"
#include "storage/util/thread.h"

namespace owo::storage {

// OK if backups may be kept in `options.backup.dir`; otherwise INVALID_ARGUMENT.
absl::Status CheckBackupDir(const OpenOptions& options);

// Backs up a store that no process has open. Opening it replays its write-ahead logs, as a server
// does. NOT_FOUND if there is no store; otherwise the errors of opening and of Backups::Create().
absl::StatusOr<BackupInfo> BackUpStopped(const OpenOptions& options);

class StoreBackups final : public Backups {
 public:
  // `database` must outlive it. REQUIRES: options.backup.dir is not empty.
  StoreBackups(const Database& database, const OpenOptions& options);
  ~StoreBackups() override;

  // If the store has an older format, makes a backup that is kept apart from the schedule's.
  // FAILED_PRECONDITION if that fails: the store must not be written to then.
  absl::Status BeforeMigration();
  // `retention` must outlive this object; null: nothing is archived while the store is open.
  void Start(Retention* retention);

  absl::StatusOr<BackupInfo> Create() override { return Create(/*before_migration=*/false); }

 private:
  absl::StatusOr<BackupInfo> Create(bool before_migration);
  absl::Status UseArchive(absl::FunctionRef<absl::Status(const ArchiveDb*)> use);
  void Run();
  // Waits until `time`. False: stopping.
  bool RestUntil(absl::Time time);

  // Constant after Start.
  const Database& database_;
  const std::string data_dir_;
  rocksdb::Env* const env_;
  const BackupOptions options_;
  Retention* retention_ = nullptr;

  BackupCopier copier_;
  // Used by a copy only. The archive, if `retention_` is null and there is one.
  std::unique_ptr<ArchiveDb> archive_;

  absl::Mutex mutex_;
  bool stopping_ ABSL_GUARDED_BY(mutex_) = false;

  std::unique_ptr<Thread> thread_;  // last: runs while everything above lives
};

}  // namespace owo::storage

#endif  // OWO_STORAGE_ROCKSDB_BACKUP_STORE_BACKUPS_H_
