#include "storage/rocksdb/backup/backup_catalog.h"

#include <rocksdb/utilities/backup_engine.h>

#include <algorithm>
#include <set>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "storage/rocksdb/backup/backup_record.h"
#include "storage/rocksdb/engine/replace_file.h"
#include "storage/rocksdb/engine/rocks_status.h"
#include "storage/util/try.h"

namespace owo::storage {
namespace {

rocksdb::Env& EnvOr(rocksdb::Env* env) { return env != nullptr ? *env : *rocksdb::Env::Default(); }

// A missing file is damage, not an absent backup.
absl::Status FromBackup(const rocksdb::Status& status) {
  return status.IsNotFound() || status.IsPathNotFound() ? absl::DataLossError(status.ToString())
                                                        : FromRocks(status);
}

absl::StatusOr<std::unique_ptr<rocksdb::BackupEngineReadOnly>> OpenToRead(const std::string& dir,
                                                                          rocksdb::Env& env) {
  rocksdb::BackupEngineReadOnly* engine = nullptr;
  const rocksdb::Status opened =
      rocksdb::BackupEngineReadOnly::Open(rocksdb::BackupEngineOptions(dir, &env), &env, &engine);
  if (opened.IsNotFound() || opened.IsPathNotFound()) {
    return absl::NotFoundError(absl::StrCat("there are no backups in ", dir));
  }
  OWO_RETURN_IF_ERROR(FromRocks(opened));
  return std::unique_ptr<rocksdb::BackupEngineReadOnly>(engine);
}

absl::StatusOr<std::unique_ptr<rocksdb::BackupEngine>> OpenToChange(const std::string& dir,
                                                                    rocksdb::Env& env) {
  rocksdb::BackupEngine* engine = nullptr;
  OWO_RETURN_IF_ERROR(FromRocks(
      rocksdb::BackupEngine::Open(rocksdb::BackupEngineOptions(dir, &env), &env, &engine)));
  return std::unique_ptr<rocksdb::BackupEngine>(engine);
}

ListedBackup FromInfo(const rocksdb::BackupInfo& info) {
  ListedBackup listed{.info = {.id = info.backup_id}};
  absl::StatusOr<BackupRecord> record = ParseBackupRecord(info.app_metadata);
  listed.damage = record.status();
  if (!record.ok()) return listed;
  listed.record = *std::move(record);
  listed.info.time = absl::FromUnixSeconds(info.timestamp);
  listed.info.format = listed.record.format();
  listed.info.sequence = listed.record.sequence();
  listed.info.bytes = info.size;
  listed.info.before_migration = listed.record.before_migration();
  listed.info.numbers_left_out = listed.record.numbers_left_out();
  for (const LastNumberRecord& number : listed.record.numbers()) {
    listed.info.numbers.push_back({TenantId{number.tenant()}, number.series(), number.last()});
  }
  return listed;
}

// The backups of one BackupEngine, the oldest first, with the bytes that no earlier one has.
std::vector<rocksdb::BackupInfo> InfosOf(const rocksdb::BackupEngineReadOnlyBase& engine,
                                         std::vector<uint64_t>& copied) {
  std::vector<rocksdb::BackupInfo> infos;
  engine.GetBackupInfo(&infos, /*include_file_details=*/true);
  std::set<std::string> seen;
  for (const rocksdb::BackupInfo& info : infos) {
    uint64_t bytes = 0;
    for (const rocksdb::BackupFileInfo& file : info.file_details) {
      // The path below the directory of the backups, which those that share a file have in common.
      if (seen.insert(file.relative_filename).second) bytes += file.size;
    }
    copied.push_back(bytes);
  }
  return infos;
}

// Adds the archive's files to what backups take, and marks backups whose archive is missing.
absl::Status AddArchives(const std::string& dir, rocksdb::Env& env,
                         std::vector<ListedBackup>& backups) {
  const bool any = std::any_of(backups.begin(), backups.end(), [](const ListedBackup& backup) {
    return backup.record.archive_backup() != 0;
  });
  if (!any) return absl::OkStatus();
  std::vector<uint64_t> copied;
  std::vector<rocksdb::BackupInfo> archives;
  const auto engine = OpenToRead(ArchiveBackups(dir), env);
  if (engine.ok()) {
    archives = InfosOf(**engine, copied);
  } else if (!absl::IsNotFound(engine.status())) {
    return engine.status();
  }
  std::set<uint32_t> counted;
  for (ListedBackup& backup : backups) {
    const uint32_t id = backup.record.archive_backup();
    if (id == 0) continue;
    const auto archive = std::find_if(archives.begin(), archives.end(),
                                      [id](const auto& info) { return info.backup_id == id; });
    if (archive == archives.end()) {
      backup.damage =
          absl::DataLossError(absl::StrCat("backup ", id, " of the archive is missing or damaged"));
      continue;
    }
    backup.info.bytes += archive->size;
    if (!counted.insert(id).second) continue;
    backup.info.copied_bytes += copied[static_cast<size_t>(archive - archives.begin())];
  }
  return absl::OkStatus();
}

}  // namespace

std::string DatabaseBackups(const std::string& dir) { return dir + "/db"; }
std::string ArchiveBackups(const std::string& dir) { return dir + "/sealed"; }

absl::StatusOr<std::vector<ListedBackup>> ListBackups(const std::string& dir, rocksdb::Env* env) {
  OWO_TRY(const auto engine, OpenToRead(DatabaseBackups(dir), EnvOr(env)));
  std::vector<uint64_t> copied;
  std::vector<ListedBackup> backups;
  for (const rocksdb::BackupInfo& info : InfosOf(*engine, copied)) {
    backups.push_back(FromInfo(info));
    backups.back().info.copied_bytes = copied[backups.size() - 1];
  }
  OWO_RETURN_IF_ERROR(AddArchives(dir, EnvOr(env), backups));
  std::vector<rocksdb::BackupID> damaged;
  engine->GetCorruptedBackups(&damaged);
  for (const rocksdb::BackupID id : damaged) {
    // Verifying such a backup only returns what was found when the engine was opened.
    backups.push_back({.info = {.id = id}, .damage = FromBackup(engine->VerifyBackup(id))});
  }
  std::sort(backups.begin(), backups.end(),
            [](const auto& a, const auto& b) { return a.info.id < b.info.id; });
  return backups;
}

absl::StatusOr<std::vector<VerifiedBackup>> VerifyBackups(const std::string& dir, uint32_t id,
                                                          rocksdb::Env* env) {
  OWO_TRY(const std::vector<ListedBackup> backups, ListBackups(dir, env));
  OWO_TRY(const auto engine, OpenToRead(DatabaseBackups(dir), EnvOr(env)));
  std::unique_ptr<rocksdb::BackupEngineReadOnly> archives;
  std::vector<VerifiedBackup> verified;
  for (const ListedBackup& backup : backups) {
    if (id != 0 && backup.info.id != id) continue;
    absl::Status status = backup.damage;
    if (status.ok()) status = FromBackup(engine->VerifyBackup(backup.info.id, true));
    const uint32_t archive = backup.record.archive_backup();
    if (status.ok() && archive != 0) {
      if (archives == nullptr) {
        OWO_TRY(archives, OpenToRead(ArchiveBackups(dir), EnvOr(env)));
      }
      status = FromBackup(archives->VerifyBackup(archive, true));
    }
    verified.push_back({backup.info.id, status});
  }
  if (id != 0 && verified.empty()) {
    return absl::NotFoundError(absl::StrCat("there is no backup ", id, " in ", dir));
  }
  return verified;
}

absl::StatusOr<size_t> PruneBackups(const std::string& dir, size_t keep, rocksdb::Env* env) {
  OWO_TRY(const bool exists, HasFile(EnvOr(env), DatabaseBackups(dir)));
  if (!exists) return absl::NotFoundError(absl::StrCat("there are no backups in ", dir));
  OWO_TRY(const auto lock, BackupLock::Take(dir, EnvOr(env)));
  return PruneLocked(dir, keep, EnvOr(env));
}

absl::StatusOr<size_t> PruneLocked(const std::string& dir, size_t keep, rocksdb::Env& env) {
  OWO_TRY(const std::vector<ListedBackup> backups, ListBackups(dir, &env));
  std::vector<uint32_t> removed;
  std::set<uint32_t> archives;  // that are needed
  size_t kept = 0;
  bool kept_migration = false;
  for (auto backup = backups.rbegin(); backup != backups.rend(); ++backup) {
    const bool newest_migration = backup->info.before_migration && !kept_migration;
    if (kept >= keep && !newest_migration) {
      removed.push_back(backup->info.id);
      continue;
    }
    archives.insert(backup->record.archive_backup());
    kept_migration = kept_migration || newest_migration;
    if (backup->damage.ok() && !newest_migration) ++kept;
  }
  if (!removed.empty()) {
    OWO_TRY(const auto engine, OpenToChange(DatabaseBackups(dir), env));
    for (const uint32_t id : removed) OWO_RETURN_IF_ERROR(FromRocks(engine->DeleteBackup(id)));
  }
  OWO_TRY(const bool has_archives, HasFile(env, ArchiveBackups(dir)));
  if (!has_archives) return removed.size();
  OWO_TRY(const auto engine, OpenToChange(ArchiveBackups(dir), env));
  std::vector<rocksdb::BackupInfo> infos;
  engine->GetBackupInfo(&infos);
  for (const rocksdb::BackupInfo& info : infos) {
    if (archives.contains(info.backup_id)) continue;
    OWO_RETURN_IF_ERROR(FromRocks(engine->DeleteBackup(info.backup_id)));
  }
  return removed.size();
}

absl::StatusOr<std::unique_ptr<BackupLock>> BackupLock::Take(const std::string& dir,
                                                             rocksdb::Env& env) {
  const rocksdb::Status made = env.CreateDirIfMissing(dir);
  if (!made.ok()) {
    return absl::FailedPreconditionError(
        absl::StrCat("cannot make the directory of backups ", dir, ": ", made.ToString()));
  }
  rocksdb::FileLock* lock = nullptr;
  const rocksdb::Status locked = env.LockFile(dir + "/LOCK", &lock);
  if (locked.ok()) return std::unique_ptr<BackupLock>(new BackupLock(env, lock));
  const absl::Status status = FromRocks(locked);
  if (!absl::IsUnavailable(status)) return status;
  return absl::FailedPreconditionError(absl::StrCat(
      dir, " cannot be changed, or another process changes it (", locked.ToString(), ")"));
}

BackupLock::~BackupLock() { env_.UnlockFile(lock_).PermitUncheckedError(); }

}  // namespace owo::storage
