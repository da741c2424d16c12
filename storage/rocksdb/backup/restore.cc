#include "storage/rocksdb/backup/restore.h"

#include <rocksdb/utilities/backup_engine.h>

#include <algorithm>
#include <filesystem>
#include <map>
#include <memory>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "storage/rocksdb/backup/backup_catalog.h"
#include "storage/rocksdb/backup/backup_record.h"
#include "storage/rocksdb/commit/account_cache.h"
#include "storage/rocksdb/commit/ids_ignoring_case.h"
#include "storage/rocksdb/commit/journal_applier.h"
#include "storage/rocksdb/commit/staged_batch.h"
#include "storage/rocksdb/engine/database.h"
#include "storage/rocksdb/engine/replace_file.h"
#include "storage/rocksdb/engine/watermark.h"
#include "storage/rocksdb/format/keys.h"
#include "storage/rocksdb/read/account_snapshots.h"
#include "storage/util/try.h"

namespace owo::storage {
namespace {

using Series = std::pair<TenantId, std::string>;

// Numbers have at most 18 digits, so that they never overflow.
constexpr uint64_t kNumberMax = 999'999'999'999'999'999;

std::string SeriesText(TenantId tenant, std::string_view series) {
  const std::string of_tenant =
      tenant == kDefaultTenant ? "" : absl::StrCat(static_cast<uint32_t>(tenant), "/");
  return absl::StrCat(of_tenant, std::string(series));
}

absl::StatusOr<ListedBackup> FindBackup(const RestoreParams& params) {
  OWO_TRY(std::vector<ListedBackup> backups, ListBackups(params.from, params.env));
  absl::Status damage;
  for (auto backup = backups.rbegin(); backup != backups.rend(); ++backup) {
    if (params.backup != 0 && backup->info.id != params.backup) continue;
    if (backup->damage.ok()) return *std::move(backup);
    damage = absl::DataLossError(
        absl::StrCat("backup ", backup->info.id, " is damaged: ", backup->damage.message()));
    if (params.backup != 0) return damage;
  }
  OWO_RETURN_IF_ERROR(damage);
  return absl::NotFoundError(
      params.backup == 0 ? absl::StrCat("there are no backups in ", params.from)
                         : absl::StrCat("there is no backup ", params.backup, " in ", params.from));
}

// The numbers with which the series go on. `last`: what was given by the time of the backup.
absl::StatusOr<std::vector<NextNumber>> ChooseNumbers(const RestoreParams& params,
                                                      const std::vector<LastNumber>& last) {
  std::map<Series, uint64_t> given;
  for (const LastNumber& number : last) given[{number.tenant, number.series}] = number.last;
  std::map<Series, uint64_t> chosen;
  for (const NextNumber& number : params.next_numbers) {
    const Series series{number.tenant, number.series};
    const auto found = given.find(series);
    const uint64_t least = found == given.end() ? 1 : found->second + 1;
    if (number.next < least || number.next > kNumberMax) {
      return absl::InvalidArgumentError(
          absl::StrCat("next number of ", SeriesText(number.tenant, number.series), ": got ",
                       number.next, ", want ", least, " to ", kNumberMax));
    }
    if (!chosen.try_emplace(series, number.next).second) {
      return absl::InvalidArgumentError(absl::StrCat(
          "next number of ", SeriesText(number.tenant, number.series), ": is given twice"));
    }
  }
  for (const auto& [series, number] : given) {
    if (params.skip_numbers.has_value()) {
      chosen.try_emplace(series, number + 1 + std::min(*params.skip_numbers, kNumberMax - number));
    }
    if (chosen.contains(series)) continue;
    const std::string text = SeriesText(series.first, series.second);
    return absl::InvalidArgumentError(absl::StrCat(
        "series ", text, ": when the backup was made, the next invoice number was ", number + 1,
        ". Numbers given since must not be given again: say --next_number=", text,
        ":N with the number to go on with, or --skip_numbers=N for all series"));
  }
  std::vector<NextNumber> numbers;
  numbers.reserve(chosen.size());
  for (const auto& [series, next] : chosen) numbers.push_back({series.first, series.second, next});
  return numbers;
}

class Restore {
 public:
  explicit Restore(const RestoreParams& params)
      : params_(params),
        env_(params.env != nullptr ? *params.env : *rocksdb::Env::Default()),
        mark_(absl::StrCat(params.data_dir, "/", std::string(kRestoringFile))) {}

  absl::StatusOr<RestoredBackup> Run() {
    OWO_TRY(ListedBackup backup, FindBackup(params_));
    if (!IsReadableFormat(backup.info.format)) {
      return absl::FailedPreconditionError(absl::StrCat(
          "backup ", backup.info.id, " has format ", backup.info.format, "; this program reads ",
          std::string(kFormerFormat), " to ", std::string(kFormatVersion)));
    }
    if (!backup.info.numbers_left_out) {
      OWO_RETURN_IF_ERROR(ChooseNumbers(params_, backup.info.numbers).status());
    }
    OWO_RETURN_IF_ERROR(Begin());
    OWO_RETURN_IF_ERROR(CopyFiles(backup));
    OWO_TRY(std::vector<NextNumber> numbers, SetNumbers());
    OWO_RETURN_IF_ERROR(FromRocks(env_.DeleteFile(mark_)));
    OWO_RETURN_IF_ERROR(SyncDirectory(params_.data_dir));
    return RestoredBackup{std::move(backup.info), std::move(numbers)};
  }

 private:
  absl::Status SyncDirectory(const std::string& path) {
    std::unique_ptr<rocksdb::Directory> directory;
    OWO_RETURN_IF_ERROR(FromRocks(env_.NewDirectory(path, &directory)));
    return FromRocks(directory->Fsync());
  }

  // Makes the directory, and from then on no program opens it.
  absl::Status Begin() {
    OWO_TRY(const bool interrupted, HasFile(env_, mark_));
    std::vector<std::string> names;
    const rocksdb::Status listed = env_.GetChildren(params_.data_dir, &names);
    if (!listed.IsNotFound() && !listed.IsPathNotFound()) OWO_RETURN_IF_ERROR(FromRocks(listed));
    // What a new file system has.
    std::erase(names, "lost+found");
    // What an interruption of the next step but one leaves.
    std::erase(names, absl::StrCat(std::string(kRestoringFile), ".new"));
    if (!names.empty() && !interrupted) {
      return absl::FailedPreconditionError(
          absl::StrCat(params_.data_dir, " is not empty: it has ", names.front()));
    }
    OWO_RETURN_IF_ERROR(FromRocks(env_.CreateDirIfMissing(params_.data_dir)));
    std::filesystem::path parent = std::filesystem::path(params_.data_dir).lexically_normal();
    if (!parent.has_filename()) parent = parent.parent_path();
    parent = parent.parent_path();
    OWO_RETURN_IF_ERROR(SyncDirectory(parent.empty() ? "." : parent.string()));
    OWO_RETURN_IF_ERROR(ReplaceFile(env_, mark_, "This directory is being restored.\n"));
    for (const char* const part : {"/WATERMARK", "/sealed/WATERMARK", "/LOCK", "/sealed/LOCK"}) {
      OWO_TRY(const bool exists, HasFile(env_, params_.data_dir + part));
      if (exists) OWO_RETURN_IF_ERROR(FromRocks(env_.DeleteFile(params_.data_dir + part)));
    }
    return RemoveFiles(params_.data_dir + "/sealed/db");
  }

  absl::Status RemoveFiles(const std::string& directory) {
    std::vector<std::string> names;
    const rocksdb::Status listed = env_.GetChildren(directory, &names);
    if (listed.IsNotFound() || listed.IsPathNotFound()) return absl::OkStatus();
    OWO_RETURN_IF_ERROR(FromRocks(listed));
    for (const std::string& name : names) {
      OWO_RETURN_IF_ERROR(FromRocks(env_.DeleteFile(absl::StrCat(directory, "/", name))));
    }
    return absl::OkStatus();
  }

  // RocksDB compares each file with its checksum while it copies, and syncs it.
  absl::Status CopyDatabase(const std::string& backups, uint32_t id, const std::string& to) {
    rocksdb::BackupEngineReadOnly* opened = nullptr;
    OWO_RETURN_IF_ERROR(FromRocks(rocksdb::BackupEngineReadOnly::Open(
        rocksdb::BackupEngineOptions(backups, &env_), &env_, &opened)));
    const std::unique_ptr<rocksdb::BackupEngineReadOnly> engine(opened);
    return FromRocks(engine->RestoreDBFromBackup(rocksdb::RestoreOptions(), id, to, to));
  }

  absl::Status CopyFiles(const ListedBackup& backup) {
    const std::string& data_dir = params_.data_dir;
    if (backup.record.archive_backup() != 0) {
      const std::string sealed = data_dir + "/sealed";
      OWO_RETURN_IF_ERROR(FromRocks(env_.CreateDirIfMissing(sealed)));
      OWO_RETURN_IF_ERROR(CopyDatabase(ArchiveBackups(params_.from), backup.record.archive_backup(),
                                       sealed + "/db"));
      OWO_RETURN_IF_ERROR(Watermark::Create(env_, sealed + "/WATERMARK"));
    }
    OWO_RETURN_IF_ERROR(
        CopyDatabase(DatabaseBackups(params_.from), backup.info.id, data_dir + "/db"));
    return Watermark::Create(env_, data_dir + "/WATERMARK", backup.info.sequence);
  }

  // Opening checks that the database reaches the watermark. Where a series skips numbers, the
  // journal says so.
  absl::StatusOr<std::vector<NextNumber>> SetNumbers() {
    OWO_TRY(const auto database,
            Database::Open({.data_dir = params_.data_dir, .restoring = true, .env = params_.env}));
    OWO_TRY(const std::vector<LastNumber> last, ReadLastNumbers(*database));
    OWO_TRY(std::vector<NextNumber> numbers, ChooseNumbers(params_, last));
    std::vector<NextNumber> jumps = numbers;
    std::erase_if(jumps, [&last](const NextNumber& number) {
      const auto found = std::find_if(last.begin(), last.end(), [&](const LastNumber& of) {
        return of.tenant == number.tenant && of.series == number.series;
      });
      return number.next == (found == last.end() ? 0 : found->last) + 1;
    });
    if (!jumps.empty()) OWO_RETURN_IF_ERROR(Jump(*database, jumps));
    return numbers;
  }

  static absl::Status Jump(Database& database, const std::vector<NextNumber>& jumps) {
    OWO_RETURN_IF_ERROR(PutIdsIgnoringCase(database));  // an older format lacks them
    uint64_t sequence = 1;
    {
      const auto journal = database.Iterate(ColumnFamily::kJournal);
      journal->SeekToLast();
      OWO_RETURN_IF_ERROR(FromRocks(journal->status()));
      if (journal->Valid()) sequence = keys::TrailingNumber(ToView(journal->key())) + 1;
    }
    StagedBatch staged(database);
    AccountSnapshots snapshots;
    AccountCache account_cache(staged, snapshots);
    JournalApplier applier(account_cache, /*ids=*/nullptr, staged);
    account_cache.Start(sequence);
    JournalRecord record;
    record.set_committed_us(absl::ToUnixMicros(absl::Now()));
    for (const NextNumber& number : jumps) {
      JournalChange& change = *record.add_changes();
      change.set_tenant(static_cast<uint32_t>(number.tenant));
      change.mutable_number_jump()->set_series(number.series);
      change.mutable_number_jump()->set_next(number.next);
      OWO_RETURN_IF_ERROR(applier.Apply(number.tenant, change));
    }
    account_cache.Flush(/*up_to=*/0, sequence);
    staged.PutBlind(ColumnFamily::kMeta, keys::kFormat, kFormatVersion);
    staged.PutBlind(ColumnFamily::kJournal, keys::Journal(sequence), record.SerializeAsString());
    OWO_RETURN_IF_ERROR(staged.Write());
    OWO_RETURN_IF_ERROR(database.Acknowledge(sequence));
    return database.SyncWatermark();
  }

  const RestoreParams& params_;
  rocksdb::Env& env_;
  const std::string mark_;
};

}  // namespace

absl::StatusOr<RestoredBackup> RestoreBackup(const RestoreParams& params) {
  return Restore(params).Run();
}

}  // namespace owo::storage
