// Reads that must not wait for the disk, in a store with hundreds of tables of which few are open.
// They return what a full read returns, or that they need the disk.

#include <dirent.h>
#include <gtest/gtest.h>
#include <rocksdb/cache.h>
#include <sys/resource.h>

#include <algorithm>
#include <map>
#include <random>

#include "storage/rocksdb/commit/staged_batch.h"
#include "storage/rocksdb/engine/database.h"
#include "storage/rocksdb/open.h"
#include "tests/support/all_reads.h"
#include "tests/support/memory_disk.h"
#include "tests/support/random.h"
#include "tests/support/temp_dir.h"

namespace owo::storage {
namespace {

constexpr ReadOptions kInMemory{.tier = ReadTier::kMemoryOnly};
constexpr int kQuietCustomers = 260;
constexpr size_t kManyTables = 200;
constexpr size_t kAllTables = 1000;

// Returns options for small memtables, and small tables on disk.
OpenOptions SmallTables(const std::string& data_dir, rocksdb::Env* env) {
  return {.data_dir = data_dir,
          .sync = false,
          .unflushed_events_max = 50,
          .cached_max = 20,
          .memtable_bytes = 256 << 10,
          .table_bytes = 2 << 10,
          .env = env};
}

size_t Tables(const Database& database) {
  std::vector<rocksdb::LiveFileMetaData> files;
  database.db().GetLiveFilesMetaData(&files);
  return files.size();
}

// Compacts everything into small tables. Returns their number.
size_t CompactAll(const OpenOptions& options) {
  auto database = Database::Open(options);
  EXPECT_TRUE(database.ok()) << database.status();
  if (!database.ok()) return 0;
  rocksdb::CompactRangeOptions force;
  force.bottommost_level_compaction = rocksdb::BottommostLevelCompaction::kForce;
  for (size_t i = 0; i < kColumnFamilyNames.size(); ++i) {
    rocksdb::ColumnFamilyHandle* const family = (*database)->handle(static_cast<ColumnFamily>(i));
    EXPECT_TRUE((*database)->db().CompactRange(force, family, nullptr, nullptr).ok());
  }
  return Tables(**database);
}

struct AnswerCounts {
  size_t from_memory = 0;
  size_t need_disk = 0;
};

struct TablesState {
  const char* name;
  size_t open_tables_max;
  bool compacted;
};
void PrintTo(const TablesState& state, std::ostream* out) { *out << state.name; }

class MemoryReadsTest : public ::testing::TestWithParam<TablesState> {
 protected:
  void SetUp() override {
    options_ = SmallTables(kDiskData, disk_.get());
    options_.open_tables_max = GetParam().open_tables_max;
    for (int life = 0; life < 5; ++life) {
      Reopen();
      quiet_.Add(*store_, kQuietCustomers / 5);
    }
    reads_ = quiet_.Reads();
    for (const StoreRead& read : reads_) expected_[read.name] = Asked(read, kReadAll).value();
    store_.reset();
    if (GetParam().compacted) {
      EXPECT_GE(CompactAll(options_), kManyTables);
    }
    Reopen();
  }

  void Reopen() {
    store_.reset();
    auto store = OpenRocksStore(options_);
    ASSERT_TRUE(store.ok()) << store.status();
    store_ = *std::move(store);
  }

  std::optional<std::string> Asked(const StoreRead& read, const ReadOptions& options) {
    return read.answer(*store_, options);
  }

  // Performs every read from memory only, in random order.
  AnswerCounts AskMemory() {
    std::shuffle(reads_.begin(), reads_.end(), std::mt19937_64(random_.Word()));
    AnswerCounts answers;
    for (const StoreRead& read : reads_) {
      const std::optional<std::string> answer = Asked(read, kInMemory);
      ++(answer.has_value() ? answers.from_memory : answers.need_disk);
      EXPECT_EQ(answer.value_or(expected_[read.name]), expected_[read.name]) << read.name;
      EXPECT_FALSE(read.always_needs_disk && answer.has_value()) << read.name;
    }
    return answers;
  }
  void AskAll() {
    for (const StoreRead& read : reads_) {
      EXPECT_EQ(Asked(read, kReadAll), expected_[read.name]) << read.name;
    }
  }

  const std::unique_ptr<rocksdb::Env> disk_ = NewMemoryDisk();
  OpenOptions options_;
  std::unique_ptr<Store> store_;
  QuietCustomers quiet_;
  std::vector<StoreRead> reads_;
  std::map<std::string, std::string> expected_;  // by name
  Random random_;
};

TEST_P(MemoryReadsTest, AnswerAsReadsOfEverythingDoOrNeedTheDisk) {
  const AnswerCounts cold = AskMemory();
  EXPECT_GT(cold.need_disk, kQuietCustomers);
  AskAll();
  const AnswerCounts warm = AskMemory();
  EXPECT_GT(warm.from_memory, cold.from_memory);
  // If no table is ever closed, only ListEvents needs the disk.
  if (GetParam().open_tables_max == kAllTables) {
    EXPECT_EQ(warm.need_disk, kQuietCustomers);  // ListEvents
  }
  quiet_.ExpectDuplicates(*store_);
  AskMemory();
}

// A read from memory after a full read, while other reads may close its tables.
TEST_P(MemoryReadsTest, AnswerSoWhileTablesOpenAndClose) {
  size_t from_memory = 0;
  for (int i = 0; i < 1000; ++i) {
    const auto any = [&] {
      return reads_[static_cast<size_t>(
          random_.Between(0, static_cast<int64_t>(reads_.size()) - 1))];
    };
    const StoreRead read = any();
    if (random_.OneIn(2)) {
      EXPECT_EQ(Asked(read, kReadAll), expected_[read.name]) << read.name;
    }
    for (int others = static_cast<int>(random_.Between(0, 3)); others > 0; --others) {
      const StoreRead other = any();
      EXPECT_EQ(Asked(other, kReadAll), expected_[other.name]) << other.name;
    }
    const std::optional<std::string> answer = Asked(read, kInMemory);
    from_memory += answer.has_value() ? 1 : 0;
    EXPECT_EQ(answer.value_or(expected_[read.name]), expected_[read.name]) << read.name;
  }
  EXPECT_GT(from_memory, 100);
}

INSTANTIATE_TEST_SUITE_P(Stores, MemoryReadsTest,
                         ::testing::Values(TablesState{"FewOpen", 10, false},
                                           TablesState{"FewOpenCompacted", 10, true},
                                           TablesState{"AllOpen", kAllTables, false},
                                           TablesState{"AllOpenCompacted", kAllTables, true}),
                         [](const auto& instance) { return std::string(instance.param.name); });

// ---- Empty rows, which RocksDB also returns for rows that it did not look for.

TEST(EmptyRowTest, IsDamageAndNeverARow) {
  const auto disk = NewMemoryDisk();
  auto opened = Database::Open({.data_dir = kDiskData, .env = disk.get()});
  ASSERT_TRUE(opened.ok()) << opened.status();
  Database& database = **opened;
  rocksdb::WriteBatch batch;
  batch.Put(database.handle(ColumnFamily::kUsage), "empty", "");
  batch.Put(database.handle(ColumnFamily::kUsage), "row", "1");
  ASSERT_TRUE(database.Write(batch).ok());
  EXPECT_EQ(database.Get(ColumnFamily::kUsage, "row").value(), "1");
  EXPECT_EQ(database.Get(kInMemory, ColumnFamily::kUsage, "row").value(), "1");
  EXPECT_EQ(database.Get(ColumnFamily::kUsage, "none").value(), std::nullopt);
  EXPECT_TRUE(absl::IsDataLoss(database.Get(ColumnFamily::kUsage, "empty").status()));
  EXPECT_TRUE(NeedsDisk(database.Get(kInMemory, ColumnFamily::kUsage, "empty").status()));
}

TEST(EmptyRowTest, IsNotWritten) {
  const auto disk = NewMemoryDisk();
  auto database = Database::Open({.data_dir = kDiskData, .env = disk.get()});
  ASSERT_TRUE(database.ok()) << database.status();
  StagedBatch staged(**database);
  staged.Put(ColumnFamily::kUsage, "row", "");
  EXPECT_TRUE(absl::IsInternal(staged.Write()));
  staged.Clear();
  staged.Put(ColumnFamily::kUsage, "row", "1");
  EXPECT_TRUE(staged.Write().ok());
}

// ---- The cost of open tables.

// Opens every table.
void ReadAllRows(const Database& database) {
  for (size_t i = 0; i < kColumnFamilyNames.size(); ++i) {
    const auto rows = database.Iterate(static_cast<ColumnFamily>(i));
    for (rows->SeekToFirst(); rows->Valid(); rows->Next()) {
    }
    EXPECT_TRUE(rows->status().ok()) << rows->status().ToString();
  }
}

TEST(OpenTablesTest, CountAsCachedBytes) {
  const auto disk = NewMemoryDisk();
  OpenOptions options = SmallTables(kDiskData, disk.get());
  options.open_tables_max = kAllTables;
  {
    auto store = OpenRocksStore(options);
    ASSERT_TRUE(store.ok()) << store.status();
    QuietCustomers().Add(**store, kQuietCustomers);
  }
  const size_t tables = CompactAll(options);
  auto database = Database::Open(options);
  ASSERT_TRUE(database.ok()) << database.status();
  ReadAllRows(**database);
  std::map<std::string, std::string> stats;
  ASSERT_TRUE(
      (*database)->db().GetMapProperty(rocksdb::DB::Properties::kFastBlockCacheEntryStats, &stats));
  const std::string bytes = stats[rocksdb::BlockCacheEntryStatsMapKeys::UsedBytes(
      rocksdb::CacheEntryRole::kBlockBasedTableReader)];
  uint64_t estimate = 0;
  (*database)->db().GetAggregatedIntProperty(rocksdb::DB::Properties::kEstimateTableReadersMem,
                                             &estimate);
  std::cout << tables << " tables: " << estimate << " bytes, charged " << bytes << std::endl;
  EXPECT_GT(estimate, tables);
  EXPECT_GE(std::stoull(bytes), estimate);
}

size_t OpenDescriptors() {
  size_t count = 0;
  DIR* const directory = opendir("/proc/self/fd");
  while (readdir(directory) != nullptr) ++count;
  closedir(directory);
  return count - 3;  // ".", "..", and the directory itself
}

TEST(OpenTablesTest, LeaveHalfOfTheDescriptorsToOthers) {
  const TempDir dir;
  OpenOptions options = SmallTables(dir.path(), nullptr);
  options.open_tables_max = kAllTables;
  {
    auto store = OpenRocksStore(options);
    ASSERT_TRUE(store.ok()) << store.status();
    QuietCustomers().Add(**store, kQuietCustomers);
  }
  ASSERT_GE(CompactAll(options), kManyTables);
  rlimit former{};
  ASSERT_EQ(getrlimit(RLIMIT_NOFILE, &former), 0);
  const rlimit small{.rlim_cur = 120, .rlim_max = former.rlim_max};
  ASSERT_EQ(setrlimit(RLIMIT_NOFILE, &small), 0);
  {
    const size_t before = OpenDescriptors();
    auto database = Database::Open(options);
    EXPECT_TRUE(database.ok()) << database.status();
    if (database.ok()) ReadAllRows(**database);
    // In addition to tables: the lock, the watermark, the manifest, logs, directories.
    EXPECT_LE(OpenDescriptors() - before, 60 + 30);
  }
  EXPECT_EQ(setrlimit(RLIMIT_NOFILE, &former), 0);
}

}  // namespace
}  // namespace owo::storage
