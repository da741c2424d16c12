#include "storage/rocksdb/engine/database.h"

#include <rocksdb/cache.h>

#include <algorithm>
#include <cerrno>
#include <filesystem>
#include <system_error>
#include <utility>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "storage/disk_full.h"
#include "storage/rocksdb/engine/database_options.h"
#include "storage/rocksdb/engine/disk_space.h"
#include "storage/rocksdb/engine/manifest_check.h"
#include "storage/rocksdb/engine/preallocated_wal.h"
#include "storage/rocksdb/engine/replace_file.h"
#include "storage/rocksdb/format/keys.h"
#include "storage/util/try.h"

namespace owo::storage {
namespace {

rocksdb::ReadTier ToRocks(ReadTier tier) {
  return tier == ReadTier::kMemoryOnly ? rocksdb::kBlockCacheTier : rocksdb::kReadAllTier;
}

// Less free space than this still counts as a full disk.
constexpr size_t kSpaceToResume = 1 << 20;

// When opening, a missing or invalid file is damage. FromRocks knows only errors of reads.
absl::Status FromOpening(const rocksdb::Status& status) {
  const bool damaged = status.IsNotFound() || status.IsPathNotFound() ||
                       status.IsInvalidArgument() || status.IsNotSupported();
  return damaged ? absl::DataLossError(status.ToString()) : FromRocks(status);
}

}  // namespace

bool IsReadableFormat(std::string_view format) {
  for (const std::string_view known : {kFormatVersion, kFormerFormat, kFormerArchivedFormat,
                                       kFormerIdsFormat, kFormerAccessFormat}) {
    if (format == known) return true;
  }
  return false;
}

absl::Status Database::Acknowledge(uint64_t sequence) {
  // Without syncs acknowledged records may be lost in a power loss, which is not an error then.
  if (!sync_ || sequence <= watermark_->sequence()) return absl::OkStatus();
  return watermark_->Advance(sequence);
}

uint64_t Database::EstimatedRows(ColumnFamily family) const {
  uint64_t rows = 0;
  const bool known =
      db_->GetIntProperty(handle(family), rocksdb::DB::Properties::kEstimateNumKeys, &rows);
  return known ? rows : 0;
}

absl::StatusOr<std::optional<std::string>> Database::Get(const ReadOptions& read,
                                                         ColumnFamily family, std::string_view key,
                                                         const rocksdb::Snapshot* snapshot) const {
  rocksdb::ReadOptions options;
  options.snapshot = snapshot;
  options.read_tier = ToRocks(read.tier);
  std::string value;
  const rocksdb::Status status = db_->Get(options, handle(family), ToSlice(key), &value);
  if (status.IsNotFound()) return std::optional<std::string>();
  if (!status.ok()) return FromRead(read, status);
  // In kBlockCacheTier, OK with an empty value is RocksDB's answer for a table that is not open:
  // the key may exist. See docs/decisions/0008-reads-in-memory.md.
  if (value.empty()) {
    return read.tier == ReadTier::kMemoryOnly ? ReadNeedsDisk()
                                              : absl::DataLossError("a row is empty");
  }
  return std::optional<std::string>(std::move(value));
}

std::unique_ptr<rocksdb::Iterator> Database::Iterate(const ReadOptions& read, ColumnFamily family,
                                                     const rocksdb::ReadOptions& options) const {
  // Range deletions are never written. If asked to look for them, RocksDB 7.8.3 silently skips a
  // damaged table of a lower level.
  rocksdb::ReadOptions of_rows = options;
  of_rows.ignore_range_deletions = true;
  of_rows.read_tier = ToRocks(read.tier);
  return std::unique_ptr<rocksdb::Iterator>(db_->NewIterator(of_rows, handle(family)));
}

std::string Database::RunPath(uint64_t number) const {
  return absl::StrCat(directory_, "/", kRunPrefix, number, ".sst");
}

absl::StatusOr<std::unique_ptr<rocksdb::SstFileWriter>> Database::NewRun(
    ColumnFamily family, const std::string& path) const {
  auto writer = std::make_unique<rocksdb::SstFileWriter>(
      rocksdb::EnvOptions(), db_->GetOptions(handle(family)), handle(family));
  OWO_RETURN_IF_ERROR(FromRocks(writer->Open(path)));
  return writer;
}

absl::Status Database::Ingest(ColumnFamily family, const rocksdb::ExternalSstFileInfo& run) {
  // Ingested rows are durable at once: they must not be of a commit that is not durable yet.
  OWO_RETURN_IF_ERROR(SyncLog());
  rocksdb::IngestExternalFileArg ingested;
  ingested.column_family = handle(family);
  ingested.external_files = {run.file_path};
  ingested.options.move_files = true;
  ingested.options.write_global_seqno = false;  // the manifest has it
  // Uses the checksum from when the file was written, not one of what is read now.
  ingested.options.verify_file_checksum = false;
  ingested.files_checksums = {run.file_checksum};
  ingested.files_checksum_func_names = {run.file_checksum_func_name};
  const absl::MutexLock lock(&ingesting_);
  return FromRocks(db_->IngestExternalFiles({ingested}));
}

absl::Status Database::Write(rocksdb::WriteBatch& batch) { return Write(batch, sync_); }

// Not SyncWAL, which fails an assertion if a write to the log failed before.
absl::Status Database::SyncLog() {
  rocksdb::WriteBatch nothing;
  return sync_ ? absl::OkStatus() : Write(nothing, /*sync=*/true);
}

absl::Status Database::Write(rocksdb::WriteBatch& batch, bool sync) {
  if (refuses_writes_) return DiskFull("the database is open for reading only");
  rocksdb::WriteOptions options;
  options.sync = sync;
  const rocksdb::Status status = db_->Write(options, &batch);
  if (!status.IsIncomplete()) return FromRocks(status);
  // Incomplete: the write would wait for background work that failed; its cause is in background_.
  const rocksdb::Status failed = background_->worst();
  return FromRocks(failed.ok() ? status : failed);
}

absl::Status Database::Compact(ColumnFamily family, std::string_view end,
                               std::atomic<bool>& cancelled) {
  if (!full_.ok()) return absl::OkStatus();
  const auto ended = [this] {
    const rocksdb::Status worst = background_->worst();
    return worst.severity() < rocksdb::Status::kHardError ? rocksdb::Status() : worst;
  };
  OWO_RETURN_IF_ERROR(FromRocks(ended()));
  rocksdb::CompactRangeOptions options;
  options.exclusive_manual_compaction = false;
  options.canceled = &cancelled;
  options.allow_write_stall = true;  // otherwise it waits, and cannot be cancelled
  const rocksdb::Slice to = ToSlice(end);
  const rocksdb::Status status = db_->CompactRange(options, handle(family), /*begin=*/nullptr, &to);
  // If writing has ended meanwhile, that failure is the cause, not the error of the compaction.
  if (!status.ok()) OWO_RETURN_IF_ERROR(FromRocks(ended()));
  return FromRocks(status);
}

// ---- Opening, and opening again where the disk was full.

Database::Database(const OpenOptions& options)
    : env_(options.env != nullptr ? *options.env : *rocksdb::Env::Default()),
      wal_env_(NewPreallocatedWalEnv(env_)),
      overlay_(env_),
      is_machines_(options.env == nullptr),
      data_dir_(options.data_dir),
      directory_(absl::StrCat(data_dir_, "/db")),
      restoring_(options.restoring),
      sync_(options.sync),
      limits_{.memtable_bytes = options.memtable_bytes,
              .open_tables_max = options.open_tables_max,
              .table_bytes = options.table_bytes},
      cache_bytes_(options.cache_bytes) {}

absl::StatusOr<std::unique_ptr<Database>> Database::Open(const OpenOptions& options,
                                                         OnFullDisk on_full) {
  auto database = std::unique_ptr<Database>(new Database(options));
  absl::Status status = database->OpenFiles();
  if (IsDiskFull(status) && on_full == OnFullDisk::kRead) status = database->OpenForReading(status);
  OWO_RETURN_IF_ERROR(status);
  return database;
}

absl::Status Database::OpenForReading(const absl::Status& full) {
  StopLongUse(/*reopening=*/true);
  absl::Status status;
  {
    const absl::MutexLock lock(&in_use_);
    Close();
    status = OpenInMemory(full);
  }
  StopLongUse(/*reopening=*/false);
  return status;
}

absl::Status Database::OpenInMemory(const absl::Status& full) {
  full_ = full;
  // What is read from now on is reported to callers as counted, so it must be durable. When opening
  // for writing, the tables make it so.
  OWO_RETURN_IF_ERROR(SyncLogs(env_, directory_));
  OWO_RETURN_IF_ERROR(OpenFiles());
  opening_bytes_ = overlay_.Bytes();
  return absl::OkStatus();
}

// On a full disk only steps that need no space have to succeed.
absl::Status Database::OpenFiles() {
  refuses_writes_ = false;
  overlay_.Clear();
  absl::Status locked = MakeDirectory();
  if (locked.ok()) locked = Lock();
  if (full_.ok() || !IsDiskFull(locked)) OWO_RETURN_IF_ERROR(locked);
  OWO_RETURN_IF_ERROR(CheckRestored());
  OWO_RETURN_IF_ERROR(OpenWatermark());
  OWO_RETURN_IF_ERROR(OpenRocks());
  OWO_RETURN_IF_ERROR(CheckFormat());
  OWO_RETURN_IF_ERROR(CheckWatermark());
  return DropRuns(env());
}

absl::Status Database::MakeDirectory() const {
  if (!is_machines_) return FromRocks(env_.CreateDirIfMissing(data_dir_));
  std::error_code error;
  std::filesystem::create_directories(data_dir_, error);
  if (!error) return absl::OkStatus();
  const std::string text =
      absl::StrCat("cannot make the data directory ", data_dir_, ": ", error.message());
  const bool full = error == std::errc::no_space_on_device || error.value() == EDQUOT;
  return full ? DiskFull(text) : absl::FailedPreconditionError(text);
}

// On a disk too full to create the lock file no other process can write either: each must take the
// lock first.
absl::Status Database::Lock() {
  if (lock_ != nullptr) return absl::OkStatus();
  return FromRocks(env_.LockFile(absl::StrCat(data_dir_, "/LOCK"), &lock_));
}

absl::Status Database::CheckRestored() const {
  if (restoring_) return absl::OkStatus();
  OWO_TRY(const bool restoring,
          HasFile(env(), absl::StrCat(data_dir_, "/", std::string(kRestoringFile))));
  if (!restoring) return absl::OkStatus();
  return absl::FailedPreconditionError(absl::StrCat(
      data_dir_, " holds a part of a backup: restoring it was interrupted, and must be repeated"));
}

absl::StatusOr<bool> Database::HasTables() const {
  OWO_TRY(const bool current, HasFile(env(), absl::StrCat(directory_, "/CURRENT")));
  if (current) return true;
  std::vector<std::string> children;
  const rocksdb::Status listed = env().GetChildren(directory_, &children);
  return listed.ok() && !children.empty();
}

absl::Status Database::OpenWatermark() {
  const std::string path = absl::StrCat(data_dir_, "/WATERMARK");
  watermark_.reset();
  absl::StatusOr<std::unique_ptr<Watermark>> opened = Watermark::Open(env(), path);
  if (absl::IsNotFound(opened.status())) {
    OWO_TRY(const bool is_older, HasFile(env(), absl::StrCat(data_dir_, "/CURRENT")));
    if (is_older) {
      return absl::FailedPreconditionError(absl::StrCat(
          data_dir_, " has a format before ", std::string(kFormerFormat), ", which is not read"));
    }
    OWO_TRY(const bool has_tables, HasTables());
    if (has_tables) {
      return absl::DataLossError(
          absl::StrCat(path, " is missing: ", directory_, " may lack what was acknowledged"));
    }
    OWO_RETURN_IF_ERROR(Watermark::Create(env(), path));
    opened = Watermark::Open(env(), path);
  }
  OWO_TRY(watermark_, std::move(opened));
  return absl::OkStatus();
}

absl::Status Database::OpenRocks() {
  const auto cache = rocksdb::NewLRUCache(cache_bytes_);
  std::vector<rocksdb::ColumnFamilyDescriptor> families;
  for (size_t i = 0; i < kColumnFamilyNames.size(); ++i) {
    families.emplace_back(kColumnFamilyNames[i],
                          FamilyOptions(static_cast<ColumnFamily>(i), limits_, cache));
    families.back().options.disable_auto_compactions = Overlay::IsOne(env());
  }
  // Without syncs any part of a log may be lost, so the log must end where its file ends.
  rocksdb::Env& log_env = full_.ok() && sync_ ? *wal_env_ : env();
  rocksdb::DBOptions options = DbOptions(log_env, *watermark_, limits_);
  background_ = std::make_shared<BackgroundFailure>();
  options.listeners.push_back(background_);
  OWO_TRY(const bool exists, HasFile(env(), absl::StrCat(directory_, "/CURRENT")));
  if (!exists && !options.create_if_missing) {
    return absl::DataLossError(absl::StrCat(directory_, "/CURRENT is missing"));
  }
  if (exists) {
    OWO_RETURN_IF_ERROR(CheckManifest(env(), directory_));
    OWO_RETURN_IF_ERROR(TruncateTornTail(env(), directory_));
  }
  std::vector<rocksdb::ColumnFamilyHandle*> handles;
  rocksdb::DB* db = nullptr;
  OWO_RETURN_IF_ERROR(FromOpening(rocksdb::DB::Open(options, directory_, families, &handles, &db)));
  db_.reset(db);
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
  OWO_TRY(const std::optional<std::string> format, Get(ColumnFamily::kMeta, keys::kFormat));
  if (!format.has_value()) {
    rocksdb::WriteBatch batch;
    batch.Put(ToSlice(keys::kFormat), ToSlice(kFormatVersion));
    return Write(batch);
  }
  if (IsReadableFormat(*format)) return absl::OkStatus();
  return absl::FailedPreconditionError(
      absl::StrCat(data_dir_, " has format ", *format, "; this program reads ",
                   std::string(kFormerFormat), " to ", std::string(kFormatVersion)));
}

absl::Status Database::CheckWatermark() const {
  const auto journal = Iterate(ColumnFamily::kJournal);
  journal->SeekToLast();
  OWO_RETURN_IF_ERROR(FromRocks(journal->status()));
  const uint64_t newest = journal->Valid() ? keys::TrailingNumber(ToView(journal->key())) : 0;
  if (newest >= watermark_->sequence()) return absl::OkStatus();
  return absl::DataLossError(
      absl::StrCat("journal record ", watermark_->sequence(),
                   " was acknowledged, and the newest in ", directory_, " is ", newest,
                   ": its write-ahead log is missing or cut off, or it is an old copy"));
}

// Deletes files of runs that were not ingested: their ids are read from the journal again.
absl::Status Database::DropRuns(rocksdb::Env& env) const {
  std::vector<std::string> names;
  const rocksdb::Status listed = env.GetChildren(directory_, &names);
  if (!listed.IsNotFound() && !listed.IsPathNotFound()) OWO_RETURN_IF_ERROR(FromRocks(listed));
  for (const std::string& name : names) {
    if (!absl::StartsWith(name, kRunPrefix)) continue;
    OWO_RETURN_IF_ERROR(FromRocks(env.DeleteFile(absl::StrCat(directory_, "/", name))));
  }
  return absl::OkStatus();
}

void Database::Close() {
  if (db_ == nullptr) return;
  for (rocksdb::ColumnFamilyHandle*& handle : handles_) {
    if (handle != nullptr) db_->DestroyColumnFamilyHandle(handle).PermitUncheckedError();
    handle = nullptr;
  }
  db_->Close().PermitUncheckedError();  // every answered write is synced already
  db_.reset();
}

Database::~Database() {
  Close();
  // Unlock last: another process that opens the database before it is closed would damage it.
  if (lock_ != nullptr) env_.UnlockFile(lock_).PermitUncheckedError();
}

// Opening writes to tables what only the logs hold: at most the smaller of the logs and the
// memtables. After opening for reading it is what that wrote to memory.
absl::StatusOr<uint64_t> Database::SpaceToOpen() const {
  if (is_open() && !full_.ok()) return kSpaceToResume + opening_bytes_;
  OWO_TRY(const uint64_t in_logs, LogBytes(env_, directory_));
  uint64_t in_memory = in_logs;
  if (is_open()) {
    db_->GetAggregatedIntProperty(rocksdb::DB::Properties::kCurSizeAllMemTables, &in_memory);
  }
  return kSpaceToResume + std::min(in_memory, in_logs);
}

Database::LongUse::LongUse(const Database& database, std::function<void()> stop)
    : database_(database) {
  {
    const absl::MutexLock lock(&database_.long_use_mutex_);
    if (database_.reopening_ || database_.stop_long_use_) return;
    database_.stop_long_use_ = std::move(stop);
  }
  lock_.emplace(&database_.in_use_);
}

Database::LongUse::~LongUse() {
  if (!ok()) return;
  lock_.reset();
  const absl::MutexLock lock(&database_.long_use_mutex_);
  database_.stop_long_use_ = nullptr;
}

void Database::StopLongUse(bool reopening) {
  const absl::MutexLock lock(&long_use_mutex_);
  reopening_ = reopening;
  if (reopening && stop_long_use_) stop_long_use_();
}

absl::Status Database::Resume(const std::function<absl::Status()>& replay) {
  StopLongUse(/*reopening=*/true);
  absl::Status status = TryResume(replay);
  StopLongUse(/*reopening=*/false);
  return status;
}

absl::Status Database::TryResume(const std::function<absl::Status()>& replay) {
  OWO_RETURN_IF_ERROR(MakeDirectory());
  OWO_RETURN_IF_ERROR(DropRuns(env_));
  OWO_TRY(const uint64_t bytes, SpaceToOpen());
  OWO_RETURN_IF_ERROR(ProbeSpace(env_, data_dir_, bytes));
  // Reopen instead of DB::Resume: in RocksDB 7.8.3 that fails an assertion if the manifest met the
  // full disk, or at the next ingestion.
  const absl::MutexLock lock(&in_use_);
  Close();
  full_ = absl::OkStatus();
  absl::Status status = OpenFiles();
  if (status.ok()) return replay();
  Close();
  if (!IsDiskFull(status)) {
    return absl::UnavailableError(absl::StrCat("cannot open it again: ", status.message()));
  }
  // Something else used the free space meanwhile.
  OWO_RETURN_IF_ERROR(OpenInMemory(status));
  OWO_RETURN_IF_ERROR(replay());
  return status;
}

}  // namespace owo::storage
