#include "storage/rocksdb/engine/database_options.h"

#include <rocksdb/file_checksum.h>
#include <rocksdb/filter_policy.h>
#include <rocksdb/table.h>
#include <sys/resource.h>

#include <algorithm>

#include "storage/rocksdb/engine/request_expiry.h"

namespace owo::storage {
namespace {

// RocksDB's own log file aborts the process on a full disk; what it has to say is not kept.
class NoLog : public rocksdb::Logger {
 public:
  using rocksdb::Logger::Logv;
  void Logv(const char*, va_list) override {}
};

// The write-ahead log changes with the memory tables that it stands for.
class LogChanges : public rocksdb::EventListener {
 public:
  explicit LogChanges(Watermark& watermark) : watermark_(watermark) {}
  void OnMemTableSealed(const rocksdb::MemTableInfo& /*memtable*/) override { watermark_.NewLog(); }

 private:
  Watermark& watermark_;
};

// DBOptions::max_open_files for so many open tables. The other half of the descriptors is for
// connections, and for files that are written.
int MaxOpenFiles(size_t open_tables_max) {
  constexpr size_t kNotOfTables = 10;  // that RocksDB takes off
  rlimit limit{};
  if (getrlimit(RLIMIT_NOFILE, &limit) == 0) {
    open_tables_max = std::min<size_t>(open_tables_max, limit.rlim_cur / 2);
  }
  return static_cast<int>(std::min<size_t>(open_tables_max, 1 << 20) + kNotOfTables);
}

}  // namespace

void BackgroundFailure::OnBackgroundError(rocksdb::BackgroundErrorReason /*reason*/,
                                          rocksdb::Status* error) {
  const absl::MutexLock lock(&mutex_);
  if (worst_.ok() || worst_.severity() < error->severity()) worst_ = *error;
}

void BackgroundFailure::OnErrorRecoveryBegin(rocksdb::BackgroundErrorReason /*reason*/,
                                             rocksdb::Status /*error*/, bool* recover) {
  *recover = false;
}

rocksdb::Status BackgroundFailure::worst() const {
  const absl::MutexLock lock(&mutex_);
  return worst_;
}

rocksdb::DBOptions DbOptions(rocksdb::Env& env, Watermark& watermark, const TableLimits& limits) {
  rocksdb::DBOptions db;
  db.env = &env;
  // A database that is gone must not be taken for one that is new.
  db.create_if_missing = watermark.sequence() == 0;
  db.create_missing_column_families = db.create_if_missing;
  db.info_log = std::make_shared<NoLog>();
  db.listeners.push_back(std::make_shared<LogChanges>(watermark));
  // Anything else drops acknowledged records behind a damaged one, silently.
  db.wal_recovery_mode = rocksdb::WALRecoveryMode::kTolerateCorruptedTailRecords;
  // Finds that a log before the newest is missing or cut off; the watermark finds the newest.
  db.track_and_verify_wals_in_manifest = true;
  // Of every byte of a table: those of its blocks leave out its end and, when all are read, its
  // filters.
  db.file_checksum_gen_factory = rocksdb::GetFileChecksumGenCrc32cFactory();
  // A family that seldom changes keeps logs that others filled. All are read when it is opened.
  db.max_total_wal_size = std::max<size_t>(limits.memtable_bytes, 64 << 20);
  db.max_background_jobs = 2;
  // Not -1, which would open every table at once and for good: descriptors and memory would grow
  // with what is stored. So reads in memory meet tables that are not open (Database::Get).
  db.max_open_files = MaxOpenFiles(limits.open_tables_max);
  // What a file takes ahead is missing elsewhere: on a disk that is almost full a new manifest
  // would take all there is, and opening fail for want of it. Syncs take as long without.
  db.allow_fallocate = false;
  db.db_write_buffer_size = limits.memtable_bytes;
  return db;
}

rocksdb::ColumnFamilyOptions FamilyOptions(ColumnFamily family, const TableLimits& limits,
                                           const std::shared_ptr<rocksdb::Cache>& cache) {
  rocksdb::ColumnFamilyOptions options;
  // One is written to a table while the next one fills.
  options.write_buffer_size = std::min<size_t>(limits.memtable_bytes / 4, 32 << 20);
  options.target_file_size_base = limits.table_bytes;
  options.compression = rocksdb::kNoCompression;
  rocksdb::BlockBasedTableOptions table;
  table.filter_policy.reset(rocksdb::NewBloomFilterPolicy(10));
  table.block_cache = cache;
  // Or they take memory beside the cache, more with every event. In parts, so that looking for an
  // id reads no filter of millions.
  table.cache_index_and_filter_blocks = true;
  table.index_type = rocksdb::BlockBasedTableOptions::kTwoLevelIndexSearch;
  table.partition_filters = true;
  table.cache_usage_options.options_overrides.insert(
      {rocksdb::CacheEntryRole::kBlockBasedTableReader,
       {.charged = rocksdb::CacheEntryRoleOptions::Decision::kEnabled}});
  options.table_factory.reset(rocksdb::NewBlockBasedTableFactory(table));
  if (family == ColumnFamily::kRequests) options.compaction_filter_factory = RequestExpiry();
  return options;
}

}  // namespace owo::storage
