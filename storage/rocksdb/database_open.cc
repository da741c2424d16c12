// Opening, and opening anew where the disk was full.

#include <rocksdb/cache.h>

#include <algorithm>
#include <filesystem>
#include <utility>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "storage/disk_full.h"
#include "storage/rocksdb/database.h"
#include "storage/rocksdb/database_options.h"
#include "storage/rocksdb/disk_space.h"
#include "storage/rocksdb/keys.h"
#include "storage/rocksdb/manifest.h"
#include "storage/rocksdb/padded_logs.h"
#include "storage/try.h"

namespace owo::storage {
namespace {

// Less than this is still a full disk.
constexpr size_t kSpaceToResume = 1 << 20;

// What is wrong with files that are there, or not, is damage. FromRocks knows of what was read
// only.
absl::Status FromOpening(const rocksdb::Status& status) {
  const bool damaged = status.IsNotFound() || status.IsPathNotFound() ||
                       status.IsInvalidArgument() || status.IsNotSupported();
  return damaged ? absl::DataLossError(status.ToString()) : FromRocks(status);
}

}  // namespace

Database::Database(const OpenOptions& options)
    : env_(options.env != nullptr ? *options.env : *rocksdb::Env::Default()),
      padded_logs_(NewPaddedLogs(env_)),
      data_dir_(options.data_dir),
      directory_(absl::StrCat(data_dir_, "/db")),
      sync_(options.sync),
      limits_{.memtable_bytes = options.memtable_bytes,
              .open_tables_max = options.open_tables_max,
              .table_bytes = options.table_bytes},
      cache_bytes_(options.cache_bytes) {}

absl::StatusOr<std::unique_ptr<Database>> Database::Open(const OpenOptions& options) {
  if (options.env == nullptr) {
    std::error_code error;
    std::filesystem::create_directories(options.data_dir, error);
    if (error) {
      return absl::FailedPreconditionError(
          absl::StrCat("cannot make the data directory ", options.data_dir, ": ", error.message()));
    }
  }
  auto database = std::unique_ptr<Database>(new Database(options));
  OWO_RETURN_IF_ERROR(database->Lock());
  OWO_RETURN_IF_ERROR(database->OpenWatermark());
  OWO_RETURN_IF_ERROR(database->OpenRocks(Access::kAll));
  OWO_RETURN_IF_ERROR(database->CheckFormat());
  OWO_RETURN_IF_ERROR(database->CheckWatermark());
  OWO_RETURN_IF_ERROR(database->DropRuns());
  return database;
}

absl::Status Database::Lock() {
  OWO_RETURN_IF_ERROR(FromRocks(env_.CreateDirIfMissing(data_dir_)));
  return FromRocks(env_.LockFile(absl::StrCat(data_dir_, "/LOCK"), &lock_));
}

absl::Status Database::OpenWatermark() {
  const std::string path = absl::StrCat(data_dir_, "/WATERMARK");
  absl::StatusOr<std::unique_ptr<Watermark>> opened = Watermark::Open(env_, path);
  if (absl::IsNotFound(opened.status())) {
    if (env_.FileExists(absl::StrCat(data_dir_, "/CURRENT")).ok()) {
      return absl::FailedPreconditionError(absl::StrCat(
          data_dir_, " has a format before ", std::string(kFormerFormat), ", which is not read"));
    }
    std::vector<std::string> children;
    const rocksdb::Status listed = env_.GetChildren(directory_, &children);
    if (listed.ok() && !children.empty()) {
      return absl::DataLossError(
          absl::StrCat(path, " is missing: ", directory_, " may lack what was acknowledged"));
    }
    OWO_RETURN_IF_ERROR(Watermark::Create(env_, path));
    opened = Watermark::Open(env_, path);
  }
  OWO_TRY(watermark_, std::move(opened));
  return absl::OkStatus();
}

absl::Status Database::OpenRocks(Access access) {
  const auto cache = rocksdb::NewLRUCache(cache_bytes_);
  std::vector<rocksdb::ColumnFamilyDescriptor> families;
  for (size_t i = 0; i < kSpaceNames.size(); ++i) {
    families.emplace_back(kSpaceNames[i], FamilyOptions(static_cast<Space>(i), limits_, cache));
  }
  // What is not synced may be lost anywhere in a log: then its end is to be where the file ends.
  rocksdb::DBOptions options = DbOptions(sync_ ? *padded_logs_ : env_, *watermark_, limits_);
  background_ = std::make_shared<BackgroundFailure>();
  options.listeners.push_back(background_);
  const rocksdb::Status exists = env_.FileExists(absl::StrCat(directory_, "/CURRENT"));
  if (exists.IsNotFound() && !options.create_if_missing) {
    return absl::DataLossError(absl::StrCat(directory_, "/CURRENT is missing"));
  }
  if (exists.ok()) {
    OWO_RETURN_IF_ERROR(CheckManifest(env_, directory_));
    OWO_RETURN_IF_ERROR(CutTornCommits(env_, directory_));
  }
  std::vector<rocksdb::ColumnFamilyHandle*> handles;
  rocksdb::DB* db = nullptr;
  OWO_RETURN_IF_ERROR(FromOpening(
      access == Access::kAll
          ? rocksdb::DB::Open(options, directory_, families, &handles, &db)
          : rocksdb::DB::OpenForReadOnly(options, directory_, families, &handles, &db)));
  db_.reset(db);
  access_ = access;
  std::copy(handles.begin(), handles.end(), handles_.begin());
  return CheckTables();
}

absl::Status Database::CheckTables() const {
  for (rocksdb::ColumnFamilyHandle* const family : handles_) {
    rocksdb::TablePropertiesCollection tables;
    OWO_RETURN_IF_ERROR(FromOpening(db_->GetPropertiesOfAllTables(family, &tables)));
    for (const auto& [path, properties] : tables) {
      if (properties == nullptr) {
        return absl::DataLossError(absl::StrCat("the properties of ", path, " are damaged"));
      }
    }
  }
  return absl::OkStatus();
}

absl::Status Database::CheckFormat() {
  OWO_TRY(const std::optional<std::string> format, Get(Space::kMeta, keys::kFormat));
  if (!format.has_value()) {
    rocksdb::WriteBatch batch;
    batch.Put(ToSlice(keys::kFormat), ToSlice(kFormatVersion));
    return Write(batch);
  }
  for (const std::string_view known : {kFormatVersion, kFormerFormat, kFormerSealedFormat}) {
    if (*format == known) return absl::OkStatus();
  }
  return absl::FailedPreconditionError(
      absl::StrCat(data_dir_, " has format ", *format, "; this program reads ",
                   std::string(kFormerFormat), " to ", std::string(kFormatVersion)));
}

absl::Status Database::CheckWatermark() const {
  const auto journal = Iterate(Space::kJournal);
  journal->SeekToLast();
  OWO_RETURN_IF_ERROR(FromRocks(journal->status()));
  const uint64_t newest = journal->Valid() ? keys::TrailingNumber(ToView(journal->key())) : 0;
  if (newest >= watermark_->sequence()) return absl::OkStatus();
  return absl::DataLossError(
      absl::StrCat("journal record ", watermark_->sequence(),
                   " was acknowledged, and the newest in ", directory_, " is ", newest,
                   ": its write-ahead log is missing or cut off, or it is an old copy"));
}

// Files of runs that were not taken in: their ids are read from the journal again.
absl::Status Database::DropRuns() const {
  std::vector<std::string> names;
  OWO_RETURN_IF_ERROR(FromRocks(env_.GetChildren(directory_, &names)));
  for (const std::string& name : names) {
    if (!absl::StartsWith(name, kRunPrefix)) continue;
    OWO_RETURN_IF_ERROR(FromRocks(env_.DeleteFile(absl::StrCat(directory_, "/", name))));
  }
  return absl::OkStatus();
}

void Database::Close() {
  if (db_ == nullptr) return;
  for (rocksdb::ColumnFamilyHandle*& handle : handles_) {
    if (handle != nullptr) db_->DestroyColumnFamilyHandle(handle).PermitUncheckedError();
    handle = nullptr;
  }
  db_->Close().PermitUncheckedError();  // every write that was answered is synced already
  db_.reset();
}

Database::~Database() {
  Close();
  // Only after the database, which would be damaged if somebody else had it open.
  if (lock_ != nullptr) env_.UnlockFile(lock_).PermitUncheckedError();
}

// Opening writes to tables what logs have and tables do not: no more than there is of either.
absl::StatusOr<uint64_t> Database::SpaceToOpen() const {
  OWO_TRY(const uint64_t in_logs, LogBytes(env_, directory_));
  uint64_t in_memory = in_logs;
  if (is_open()) {
    db_->GetAggregatedIntProperty(rocksdb::DB::Properties::kCurSizeAllMemTables, &in_memory);
  }
  return kSpaceToResume + std::min(in_memory, in_logs);
}

absl::Status Database::Resume() {
  OWO_RETURN_IF_ERROR(DropRuns());
  OWO_TRY(const uint64_t space, SpaceToOpen());
  OWO_RETURN_IF_ERROR(ProbeSpace(env_, data_dir_, space));
  // DB::Resume of release 7.8.3 asserts when the manifest met the full disk, or at the next
  // ingestion.
  const absl::MutexLock lock(&in_use_);
  Close();
  absl::Status status = OpenRocks(Access::kAll);
  if (status.ok()) status = CheckWatermark();
  if (!status.ok()) {
    Close();
    if (IsDiskFull(status)) {  // again: somebody else took what was there
      OWO_RETURN_IF_ERROR(OpenRocks(Access::kReads));
      return status;
    }
    return absl::UnavailableError(absl::StrCat("cannot open anew: ", status.message()));
  }
  return absl::OkStatus();
}

}  // namespace owo::storage
