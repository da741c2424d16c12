#include "storage/rocksdb/engine/database_options.h"

#include <rocksdb/file_checksum.h>
#include <rocksdb/filter_policy.h>
#include <rocksdb/table.h>
#include <sys/resource.h>

#include <algorithm>

#include "storage/rocksdb/engine/request_expiry.h"

namespace owo::storage {
namespace {

// Drops RocksDB's log messages: its log file aborts the process on a full disk.
class NoLog : public rocksdb::Logger {
 public:
  using rocksdb::Logger::Logv;
  void Logv(const char*, va_list) override {}
};

// RocksDB switches to a new write-ahead log when it makes a memtable immutable.
class LogChanges : public rocksdb::EventListener {
 public:
  explicit LogChanges(Watermark& watermark) : watermark_(watermark) {}
  void OnMemTableSealed(const rocksdb::MemTableInfo& /*memtable*/) override { watermark_.NewLog(); }

 private:
  Watermark& watermark_;
};

// DBOptions::max_open_files for this many open tables. Half of the descriptors are left for
// connections, and for files that are being written.
int MaxOpenFiles(size_t open_tables_max) {
  constexpr size_t kNotOfTables = 10;  // subtracted by RocksDB
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
  // A database that is missing must not be recreated as a new one.
  db.create_if_missing = watermark.sequence() == 0;
  db.create_missing_column_families = db.create_if_missing;
  db.info_log = std::make_shared<NoLog>();
  db.listeners.push_back(std::make_shared<LogChanges>(watermark));
  // kPointInTimeRecovery silently drops acknowledged records after a damaged one, and
  // kSkipAnyCorruptedRecords the damaged one itself.
  db.wal_recovery_mode = rocksdb::WALRecoveryMode::kTolerateCorruptedTailRecords;
  // Detects a missing or truncated log other than the newest; the watermark covers the newest.
  db.track_and_verify_wals_in_manifest = true;
  // A checksum of every byte of a table. The block checksums do not cover the table's end, and
  // RocksDB's check of all blocks omits its filters.
  db.file_checksum_gen_factory = rocksdb::GetFileChecksumGenCrc32cFactory();
  // A column family that seldom changes retains logs that others filled; opening reads them all.
  db.max_total_wal_size = std::max<size_t>(limits.memtable_bytes, 64 << 20);
  db.max_background_jobs = 2;
  // Not -1, which would open every table at once and forever: descriptors and memory would grow
  // with the stored data. So reads in memory can meet tables that are not open (Database::Get).
  db.max_open_files = MaxOpenFiles(limits.open_tables_max);
  // Preallocated space is missing elsewhere: on an almost full disk a new manifest would take all
  // of it, and opening would fail. Syncs are as fast without it.
  db.allow_fallocate = false;
  // Each backup copies the manifest. A new one lists all tables, about 130 bytes each.
  db.max_manifest_file_size = 4 << 20;
  db.db_write_buffer_size = limits.memtable_bytes;
  return db;
}

rocksdb::ColumnFamilyOptions FamilyOptions(ColumnFamily family, const TableLimits& limits,
                                           const std::shared_ptr<rocksdb::Cache>& cache) {
  rocksdb::ColumnFamilyOptions options;
  // One memtable is written to a table while the next one fills.
  options.write_buffer_size = std::min<size_t>(limits.memtable_bytes / 4, 32 << 20);
  options.target_file_size_base = limits.table_bytes;
  options.compression = rocksdb::kNoCompression;
  rocksdb::BlockBasedTableOptions table;
  table.filter_policy.reset(rocksdb::NewBloomFilterPolicy(10));
  table.block_cache = cache;
  // Otherwise indexes and filters take memory outside the cache, which grows with every event. They
  // are partitioned, so that looking up an id does not read a filter of millions of ids.
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
