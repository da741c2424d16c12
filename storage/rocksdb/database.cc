#include "storage/rocksdb/database.h"

#include <rocksdb/filter_policy.h>
#include <rocksdb/table.h>

#include <filesystem>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "storage/rocksdb/expiry.h"
#include "storage/rocksdb/keys.h"
#include "storage/try.h"

namespace owo::storage {
namespace {

constexpr std::string_view kFormatVersion = "2";

// RocksDB's own log file aborts the process on a full disk; what it has to say is not kept.
class NoLog : public rocksdb::Logger {
 public:
  using rocksdb::Logger::Logv;
  void Logv(const char*, va_list) override {}
};

rocksdb::DBOptions DbOptions(const OpenOptions& options) {
  rocksdb::DBOptions db;
  if (options.env != nullptr) db.env = options.env;
  db.create_if_missing = true;
  db.create_missing_column_families = true;
  db.info_log = std::make_shared<NoLog>();
  // Anything else drops acknowledged records behind a damaged one, silently.
  db.wal_recovery_mode = rocksdb::WALRecoveryMode::kTolerateCorruptedTailRecords;
  db.max_total_wal_size = 256 << 20;
  db.max_background_jobs = 2;
  db.max_open_files = 512;
  return db;
}

rocksdb::ColumnFamilyOptions FamilyOptions(Space space,
                                           const std::shared_ptr<rocksdb::Cache>& cache) {
  rocksdb::ColumnFamilyOptions family;
  family.write_buffer_size = 32 << 20;
  family.compression = rocksdb::kNoCompression;
  rocksdb::BlockBasedTableOptions table;
  table.filter_policy.reset(rocksdb::NewBloomFilterPolicy(10));
  table.block_cache = cache;
  family.table_factory.reset(rocksdb::NewBlockBasedTableFactory(table));
  if (space == Space::kRequests) family.compaction_filter_factory = RequestExpiry();
  return family;
}

}  // namespace

absl::Status FromRocks(const rocksdb::Status& status) {
  if (status.ok()) return absl::OkStatus();
  if (status.IsCorruption()) return absl::DataLossError(status.ToString());
  return absl::UnavailableError(status.ToString());
}

absl::StatusOr<std::unique_ptr<Database>> Database::Open(const OpenOptions& options) {
  if (options.env == nullptr) {
    std::error_code error;
    std::filesystem::create_directories(options.data_dir, error);
    if (error) {
      return absl::FailedPreconditionError(
          absl::StrCat("cannot make the data directory ", options.data_dir, ": ", error.message()));
    }
  }
  const auto cache = rocksdb::NewLRUCache(64 << 20);
  std::vector<rocksdb::ColumnFamilyDescriptor> families;
  for (size_t i = 0; i < kSpaceNames.size(); ++i) {
    families.emplace_back(kSpaceNames[i], FamilyOptions(static_cast<Space>(i), cache));
  }
  auto database = std::unique_ptr<Database>(new Database);
  database->sync_ = options.sync;
  database->directory_ = options.data_dir;
  std::vector<rocksdb::ColumnFamilyHandle*> handles;
  rocksdb::DB* db = nullptr;
  OWO_RETURN_IF_ERROR(
      FromRocks(rocksdb::DB::Open(DbOptions(options), options.data_dir, families, &handles, &db)));
  database->db_.reset(db);
  std::copy(handles.begin(), handles.end(), database->handles_.begin());

  OWO_TRY(const std::optional<std::string> format, database->Get(Space::kMeta, keys::kFormat));
  if (!format.has_value()) {
    rocksdb::WriteBatch batch;
    batch.Put(ToSlice(keys::kFormat), ToSlice(kFormatVersion));
    OWO_RETURN_IF_ERROR(database->Write(batch));
  } else if (*format != kFormatVersion) {
    return absl::FailedPreconditionError(absl::StrCat(options.data_dir, " has format ", *format,
                                                      "; this program reads ",
                                                      std::string(kFormatVersion)));
  }
  return database;
}

Database::~Database() {
  if (db_ == nullptr) return;
  for (rocksdb::ColumnFamilyHandle* handle : handles_) {
    if (handle != nullptr) db_->DestroyColumnFamilyHandle(handle).PermitUncheckedError();
  }
  db_->Close().PermitUncheckedError();  // every write that was answered is synced already
}

absl::StatusOr<std::optional<std::string>> Database::Get(Space space, std::string_view key,
                                                         const rocksdb::Snapshot* snapshot) const {
  rocksdb::ReadOptions options;
  options.snapshot = snapshot;
  std::string value;
  const rocksdb::Status status = db_->Get(options, handle(space), ToSlice(key), &value);
  if (status.IsNotFound()) return std::optional<std::string>();
  if (!status.ok()) return FromRocks(status);
  return std::optional<std::string>(std::move(value));
}

std::unique_ptr<rocksdb::Iterator> Database::Iterate(Space space,
                                                     const rocksdb::ReadOptions& options) const {
  return std::unique_ptr<rocksdb::Iterator>(db_->NewIterator(options, handle(space)));
}

std::string Database::RunPath(uint64_t number) const {
  return absl::StrCat(directory_, "/run-", number, ".sst");
}

absl::StatusOr<std::unique_ptr<rocksdb::SstFileWriter>> Database::NewRun(
    Space space, const std::string& path) const {
  auto writer = std::make_unique<rocksdb::SstFileWriter>(
      rocksdb::EnvOptions(), db_->GetOptions(handle(space)), handle(space));
  OWO_RETURN_IF_ERROR(FromRocks(writer->Open(path)));
  return writer;
}

absl::Status Database::TakeIn(Space space, const std::string& path) {
  rocksdb::IngestExternalFileOptions options;
  options.move_files = true;
  return FromRocks(db_->IngestExternalFile(handle(space), {path}, options));
}

absl::Status Database::Write(rocksdb::WriteBatch& batch) {
  rocksdb::WriteOptions options;
  options.sync = sync_;
  return FromRocks(db_->Write(options, &batch));
}

}  // namespace owo::storage
