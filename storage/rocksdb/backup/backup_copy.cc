#include "storage/rocksdb/backup/backup_copy.h"

#include <rocksdb/utilities/stackable_db.h>

#include <memory>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "storage/disk_full.h"
#include "storage/rocksdb/backup/backup_catalog.h"
#include "storage/rocksdb/backup/backup_record.h"
#include "storage/rocksdb/engine/disk_space.h"
#include "storage/util/try.h"

namespace owo::storage {
namespace {

// Each backup copies the logs. With more bytes in them, memtables are flushed first, whose tables
// are then shared by later backups. Less would make many small tables.
constexpr uint64_t kLogBytesMax = 4 << 20;

// Shows BackupEngine the files that were captured.
class CapturedDb : public rocksdb::StackableDB {
 public:
  explicit CapturedDb(const LiveFiles& live)
      : StackableDB(std::shared_ptr<rocksdb::DB>(&live.database().db(), [](rocksdb::DB*) {})),
        live_(live) {}

  rocksdb::Status GetLiveFilesStorageInfo(
      const rocksdb::LiveFilesStorageInfoOptions& /*options*/,
      std::vector<rocksdb::LiveFileStorageInfo>* files) override {
    *files = live_.files();
    return rocksdb::Status::OK();
  }

 private:
  const LiveFiles& live_;
};

absl::Status FlushLongLogs(const Database& database, const std::string& directory) {
  OWO_TRY(const uint64_t bytes, LogBytes(database.env(), directory));
  if (bytes <= kLogBytesMax) return absl::OkStatus();
  std::vector<rocksdb::ColumnFamilyHandle*> families;
  for (size_t i = 0; i < kColumnFamilyNames.size(); ++i) {
    families.push_back(database.handle(static_cast<ColumnFamily>(i)));
  }
  return FromRocks(database.db().Flush(rocksdb::FlushOptions(), families));
}

}  // namespace

BackupCopier::BackupCopier(const BackupOptions& options, rocksdb::Env* env)
    : options_(options), env_(env != nullptr ? *env : *rocksdb::Env::Default()) {}

void BackupCopier::Stop() {
  const absl::MutexLock lock(&mutex_);
  stopped_ = true;
  if (running_ != nullptr) running_->StopBackup();
}

void BackupCopier::Close() {
  {
    const absl::MutexLock lock(&mutex_);
    closed_ = true;
  }
  Stop();
}

absl::StatusOr<BackupInfo> BackupCopier::Copy(const BackupSource& source) {
  {
    const absl::MutexLock lock(&mutex_);
    if (closed_) return absl::UnavailableError("the store is closing");
    if (busy_) return absl::UnavailableError("another backup runs");
    busy_ = true;
    stopped_ = false;
  }
  absl::StatusOr<BackupInfo> made = CopyLocked(source);
  const absl::MutexLock lock(&mutex_);
  busy_ = false;
  return made;
}

absl::StatusOr<BackupInfo> BackupCopier::CopyLocked(const BackupSource& source) {
  const absl::Time begin = absl::Now();
  const Database& database = source.database;
  const Database::LongUse use(database, [this] { Stop(); });
  if (!use.ok() || !database.is_open() || !database.full().ok() || database.failed()) {
    return absl::UnavailableError("the store is not open for writing");
  }
  OWO_TRY(const auto lock, BackupLock::Take(options_.dir, env_));
  OWO_RETURN_IF_ERROR(FlushLongLogs(database, database.db().GetName()));
  BackupRecord record;
  record.set_before_migration(source.before_migration);
  std::unique_ptr<LiveFiles> live;
  OWO_RETURN_IF_ERROR(source.with_archive([&](const ArchiveDb* archive) -> absl::Status {
    OWO_RETURN_IF_ERROR(CopyArchive(archive, record));
    OWO_RETURN_IF_ERROR(Describe(database, record));
    OWO_TRY(live, LiveFiles::Capture(database));
    return absl::OkStatus();
  }));
  uint32_t id = 0;
  OWO_RETURN_IF_ERROR(CopyFiles(DatabaseBackups(options_.dir), *live, record, id));
  OWO_RETURN_IF_ERROR(PruneLocked(options_.dir, options_.keep, env_).status());
  OWO_TRY(BackupInfo made, InfoOf(id));
  made.duration = absl::Now() - begin;
  return made;
}

// The backup of the archive that the newest backup names is used again if it is still the same.
absl::Status BackupCopier::CopyArchive(const ArchiveDb* archive, BackupRecord& record) {
  if (archive == nullptr) return absl::OkStatus();
  std::string identity;
  OWO_RETURN_IF_ERROR(FromRocks(archive->database().db().GetDbIdentity(identity)));
  record.set_archive_identity(identity);
  record.set_archive_first_sequence(archive->first_sequence());
  const auto backups = ListBackups(options_.dir, &env_);
  if (!backups.ok() && !absl::IsNotFound(backups.status())) return backups.status();
  if (backups.ok() && !backups->empty() && backups->back().damage.ok()) {
    const BackupRecord& newest = backups->back().record;
    if (newest.archive_backup() != 0 && newest.archive_identity() == identity &&
        newest.archive_first_sequence() == archive->first_sequence()) {
      record.set_archive_backup(newest.archive_backup());
      return absl::OkStatus();
    }
  }
  OWO_TRY(const auto live, LiveFiles::Capture(archive->database()));
  uint32_t id = 0;
  OWO_RETURN_IF_ERROR(CopyFiles(ArchiveBackups(options_.dir), *live, record, id));
  record.set_archive_backup(id);
  return absl::OkStatus();
}

absl::Status BackupCopier::CopyFiles(const std::string& dir, const LiveFiles& live,
                                     const BackupRecord& record, uint32_t& id) {
  rocksdb::BackupEngineOptions options(dir, &env_);
  options.backup_rate_limit = options_.bytes_per_second;
  rocksdb::BackupEngine* opened = nullptr;
  OWO_RETURN_IF_ERROR(
      FromRocks(rocksdb::BackupEngine::Open(options, &live.database().env(), &opened)));
  const std::unique_ptr<rocksdb::BackupEngine> engine(opened);
  {
    const absl::MutexLock lock(&mutex_);
    if (stopped_ || closed_) return absl::UnavailableError("the backup was stopped");
    running_ = engine.get();
  }
  CapturedDb db(live);
  rocksdb::CreateBackupOptions how;
  how.decrease_background_thread_cpu_priority = true;
  how.background_thread_cpu_priority = rocksdb::CpuPriority::kLow;
  const rocksdb::Status made =
      engine->CreateNewBackupWithMetadata(how, &db, PackBackupRecord(record), &id);
  const absl::MutexLock lock(&mutex_);
  running_ = nullptr;
  return FromRocks(made);
}

absl::StatusOr<BackupInfo> BackupCopier::InfoOf(uint32_t id) const {
  OWO_TRY(const std::vector<ListedBackup> backups, ListBackups(options_.dir, &env_));
  for (const ListedBackup& backup : backups) {
    if (backup.info.id != id) continue;
    OWO_RETURN_IF_ERROR(backup.damage);
    return backup.info;
  }
  return absl::InternalError(absl::StrCat("backup ", id, " was made and is not there"));
}

}  // namespace owo::storage
