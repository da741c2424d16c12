#include "storage/rocksdb/backup/store_backups.h"

#include <algorithm>
#include <filesystem>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "storage/rocksdb/backup/backup_catalog.h"
#include "storage/rocksdb/engine/replace_file.h"
#include "storage/rocksdb/format/keys.h"
#include "storage/util/try.h"

namespace owo::storage {

absl::Status CheckBackupDir(const OpenOptions& options) {
  std::error_code error;
  const std::filesystem::path data = std::filesystem::weakly_canonical(options.data_dir, error);
  const std::filesystem::path dir = std::filesystem::weakly_canonical(options.backup.dir, error);
  const auto differs = std::mismatch(data.begin(), data.end(), dir.begin(), dir.end());
  if (differs.first != data.end()) return absl::OkStatus();
  return absl::InvalidArgumentError(
      absl::StrCat("the backups in ", options.backup.dir, " would be lost with the data in ",
                   options.data_dir, ": keep them on another volume"));
}

absl::StatusOr<BackupInfo> BackUpStopped(const OpenOptions& options) {
  OWO_RETURN_IF_ERROR(CheckBackupDir(options));
  rocksdb::Env& env = options.env != nullptr ? *options.env : *rocksdb::Env::Default();
  OWO_TRY(const bool exists, HasFile(env, options.data_dir + "/WATERMARK"));
  if (!exists) return absl::NotFoundError(absl::StrCat("there is no store in ", options.data_dir));
  OWO_TRY(const std::unique_ptr<Database> database, Database::Open(options));
  return StoreBackups(*database, options).Create();
}

StoreBackups::StoreBackups(const Database& database, const OpenOptions& options)
    : database_(database),
      data_dir_(options.data_dir),
      env_(options.env),
      options_(options.backup),
      copier_(options.backup, options.env) {}

StoreBackups::~StoreBackups() {
  {
    const absl::MutexLock lock(&mutex_);
    stopping_ = true;
  }
  copier_.Close();
}

absl::Status StoreBackups::BeforeMigration() {
  OWO_TRY(const auto format, database_.Get(ColumnFamily::kMeta, keys::kFormat));
  if (format == kFormatVersion) return absl::OkStatus();
  const absl::StatusOr<BackupInfo> made = Create(/*before_migration=*/true);
  if (made.ok()) return absl::OkStatus();
  return absl::FailedPreconditionError(absl::StrCat(
      "the data has format ", format.value_or(""), ", and the backup before it is ", "migrated to ",
      std::string(kFormatVersion),
      " failed: ", made.status().ToString(absl::StatusToStringMode::kWithNoExtraData)));
}

void StoreBackups::Start(Retention* retention) {
  retention_ = retention;
  archive_.reset();  // BeforeMigration may have opened it
  if (options_.every <= absl::ZeroDuration()) return;
  thread_ = std::make_unique<Thread>("backups", [this] { Run(); });
}

absl::StatusOr<BackupInfo> StoreBackups::Create(bool before_migration) {
  absl::StatusOr<BackupInfo> made =
      copier_.Copy({.database = database_,
                    .with_archive = [this](auto use) { return UseArchive(use); },
                    .before_migration = before_migration});
  if (made.ok() && options_.on_backup) options_.on_backup(*made);
  return made;
}

absl::Status StoreBackups::UseArchive(absl::FunctionRef<absl::Status(const ArchiveDb*)> use) {
  if (retention_ != nullptr) return retention_->BetweenSteps(use);
  if (archive_ == nullptr) {
    OWO_TRY(const bool exists, ArchiveDb::Exists(data_dir_, env_));
    if (exists) {
      OWO_TRY(archive_, ArchiveDb::Open(data_dir_, env_));
    }
  }
  return use(archive_.get());
}

void StoreBackups::Run() {
  absl::Time next = absl::InfinitePast();
  const auto existing = ListBackups(options_.dir, env_);
  if (existing.ok() && !existing->empty() && existing->back().damage.ok()) {
    const BackupInfo& newest = existing->back().info;
    if (options_.on_backup) options_.on_backup(newest);
    // A clock that was set back must not postpone backups.
    next = std::min(newest.time, absl::Now()) + options_.every;
  }
  while (RestUntil(next)) {
    next = absl::Now() + options_.every;
    const absl::StatusOr<BackupInfo> made = Create();
    if (!made.ok() && options_.on_failure) options_.on_failure(made.status());
  }
}

bool StoreBackups::RestUntil(absl::Time time) {
  const absl::MutexLock lock(&mutex_);
  return !mutex_.AwaitWithDeadline(absl::Condition(&stopping_), time);
}

}  // namespace owo::storage
