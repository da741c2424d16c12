// Makes one backup of an open database and its archive.
//
//   BackupCopier copier({.dir = "/backup", .bytes_per_second = 32 << 20}, env);
//   OWO_TRY(const BackupInfo made, copier.Copy({.database = database, .archive = with_archive}));
//   copier.Stop();     // from another thread: a copy that runs ends soon
//
// docs/decisions/0015-backups.md gives the reasons.

#ifndef OWO_STORAGE_ROCKSDB_BACKUP_BACKUP_COPY_H_
#define OWO_STORAGE_ROCKSDB_BACKUP_BACKUP_COPY_H_

#include <rocksdb/utilities/backup_engine.h>

#include <cstdint>
#include <functional>
#include <string>

#include "absl/base/thread_annotations.h"
#include "absl/functional/function_ref.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/synchronization/mutex.h"
#include "storage/backup.h"
#include "storage/records.pb.h"
#include "storage/rocksdb/engine/database.h"
#include "storage/rocksdb/engine/live_files.h"
#include "storage/rocksdb/retention/archive_db.h"

namespace owo::storage {

// Calls `use` with the archive, null if there is none. Until `use` returns, the archive and the
// records that are archived do not change.
using WithArchive =
    std::function<absl::Status(absl::FunctionRef<absl::Status(const ArchiveDb* archive)> use)>;

struct BackupSource {
  const Database& database;
  WithArchive with_archive;
  bool before_migration = false;
};

// Thread-safe; one copy at a time.
class BackupCopier {
 public:
  // `env`: the file system of the backups; null: the machine's. The callbacks of `options` are not
  // called.
  BackupCopier(const BackupOptions& options, rocksdb::Env* env);

  // Copies what earlier backups lack, then prunes. Blocks until the backup is durable. UNAVAILABLE
  // if it was stopped, if another copy runs, or if the database is not open for writing. Otherwise
  // as Backups::Create(). After an error the backup may be listed, whole or as damaged.
  absl::StatusOr<BackupInfo> Copy(const BackupSource& source);
  // Ends a copy that runs. Does not wait for that.
  void Stop();
  // The same, and later copies fail.
  void Close();

 private:
  absl::StatusOr<BackupInfo> CopyLocked(const BackupSource& source);
  absl::Status CopyArchive(const ArchiveDb* archive, BackupRecord& record);
  absl::Status CopyFiles(const std::string& dir, const LiveFiles& live, const BackupRecord& record,
                         uint32_t& id);
  absl::StatusOr<BackupInfo> InfoOf(uint32_t id) const;

  // Constant after construction.
  const BackupOptions options_;
  rocksdb::Env& env_;

  absl::Mutex mutex_;
  rocksdb::BackupEngine* running_ ABSL_GUARDED_BY(mutex_) = nullptr;
  bool busy_ ABSL_GUARDED_BY(mutex_) = false;
  bool stopped_ ABSL_GUARDED_BY(mutex_) = false;
  bool closed_ ABSL_GUARDED_BY(mutex_) = false;
};

}  // namespace owo::storage

#endif  // OWO_STORAGE_ROCKSDB_BACKUP_BACKUP_COPY_H_
