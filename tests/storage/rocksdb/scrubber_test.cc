// What a scrub of all tables detects, and when.

#include "storage/rocksdb/engine/scrubber.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <filesystem>
#include <fstream>
#include <functional>
#include <future>

#include "storage/rocksdb/engine/table_files.h"
#include "storage/rocksdb/open.h"
#include "tests/support/long_run.h"
#include "tests/support/store.h"
#include "tests/support/temp_dir.h"

namespace owo::storage {
namespace {

namespace fs = std::filesystem;

constexpr auto kScrubTimeout = std::chrono::seconds(30);

class ScrubberTest : public ::testing::Test {
 protected:
  // Creates a store with tables.
  void SetUp() override {
    for (int life = 0; life < 2; ++life) {
      auto store = OpenRocksStore({.data_dir = dir_.path()});
      ASSERT_TRUE(store.ok()) << store.status();
      if (life == 0) subject_ = AddSubject(**store, "acme");
      TrackOne(**store, subject_, subject_.Event("event " + std::to_string(life), 1));
    }
  }

  static void FlipABit(const std::string& path, size_t at) {
    std::fstream file(path, std::ios::in | std::ios::out | std::ios::binary);
    file.seekg(static_cast<std::streamoff>(at));
    const char byte = static_cast<char>(file.get() ^ 1);
    file.seekp(static_cast<std::streamoff>(at));
    file.put(byte);
  }

  // Returns what an open store reports the second time after one of its tables was damaged.
  std::string ToldTwice(const std::function<void(const std::string& table)>& damage) {
    std::promise<std::string> told_twice;
    int told = 0;
    ScrubOptions scrub{.every = absl::Milliseconds(20)};
    scrub.on_damage = [&](const absl::Status& status) {
      if (++told == 2) told_twice.set_value(status.ToString());
    };
    const auto store = OpenRocksStore({.data_dir = dir_.path(), .scrub = scrub});
    if (!store.ok()) return store.status().ToString();
    std::string any;
    for (const auto& entry : fs::directory_iterator(dir_.path() + "/db")) {
      if (entry.path().extension() == ".sst") any = entry.path();
    }
    damage(any);
    auto answer = told_twice.get_future();
    return answer.wait_for(kScrubTimeout) == std::future_status::ready ? answer.get() : "nothing";
  }

  const TempDir dir_;
  Subject subject_;
};

bool ReadOn(size_t /*bytes*/) { return true; }

TEST_F(ScrubberTest, WholeTablesAreSound) {
  const auto database = Database::Open({.data_dir = dir_.path()});
  ASSERT_TRUE(database.ok()) << database.status();
  const std::vector<TableFile> tables = TablesOf(**database);
  EXPECT_GT(tables.size(), 3);
  for (const TableFile& table : tables) {
    size_t read = 0;
    EXPECT_TRUE(CheckTable(**database, table,
                           [&read](size_t bytes) {
                             read += bytes;
                             return true;
                           })
                    .ok())
        << table.path;
    EXPECT_EQ(read, fs::file_size(table.path));
  }
  EXPECT_EQ(CheckAllTables(**database, ReadOn), absl::OkStatus());
}

// RocksDB's own checksums do not cover a table's filter and footer.
TEST_F(ScrubberTest, AFlippedBitIsDamageWhereverItIs) {
  const auto database = Database::Open({.data_dir = dir_.path()});
  ASSERT_TRUE(database.ok()) << database.status();
  for (const TableFile& table : TablesOf(**database)) {
    for (size_t at = 0; at < fs::file_size(table.path); at += kSanitized ? 53 : 7) {
      FlipABit(table.path, at);
      EXPECT_TRUE(absl::IsDataLoss(CheckTable(**database, table, ReadOn)))
          << table.path << " at " << at;
      FlipABit(table.path, at);
    }
  }
}

// The tables of runs are written separately and ingested.
TEST_F(ScrubberTest, RunsOfIdsAreChecked) {
  {
    auto store = OpenRocksStore({.data_dir = dir_.path(), .unflushed_events_max = 10});
    ASSERT_TRUE(store.ok()) << store.status();
    for (int i = 0; i < 50; ++i) {
      TrackOne(**store, subject_, subject_.Event("another " + std::to_string(i), 1));
    }
  }
  const auto database = Database::Open({.data_dir = dir_.path()});
  ASSERT_TRUE(database.ok()) << database.status();
  EXPECT_EQ(CheckAllTables(**database, ReadOn), absl::OkStatus());
  rocksdb::ColumnFamilyMetaData ids;
  (*database)->db().GetColumnFamilyMetaData((*database)->handle(ColumnFamily::kIds), &ids);
  ASSERT_GT(ids.file_count, 0);
  for (const rocksdb::LevelMetaData& level : ids.levels) {
    for (const rocksdb::SstFileMetaData& file : level.files) {
      FlipABit(file.db_path + file.name, file.size / 2);
      EXPECT_TRUE(absl::IsDataLoss(CheckAllTables(**database, ReadOn)));
      FlipABit(file.db_path + file.name, file.size / 2);
    }
  }
}

// A compaction may remove a table while it is checked.
TEST_F(ScrubberTest, ATableThatWasReplacedIsNone) {
  const auto database = Database::Open({.data_dir = dir_.path()});
  ASSERT_TRUE(database.ok()) << database.status();
  TableFile gone = TablesOf(**database).front();
  gone.path = dir_.path() + "/db/999999.sst";
  EXPECT_TRUE(CheckTable(**database, gone, ReadOn).ok());
}

// A database that is reopened after a full disk gives the numbers of its lost tables again.
TEST_F(ScrubberTest, ATableThatWasReplacedByAnotherOfItsNameIsNone) {
  const auto database = Database::Open({.data_dir = dir_.path()});
  ASSERT_TRUE(database.ok()) << database.status();
  TableFile former = TablesOf(**database).front();
  former.checksum = "of other bytes";
  EXPECT_EQ(CheckTable(**database, former, ReadOn), absl::OkStatus());
}

// Such tables were written before the manifest had checksums.
TEST_F(ScrubberTest, OfATableWithoutAChecksumTheBlocksAreChecked) {
  const auto database = Database::Open({.data_dir = dir_.path()});
  ASSERT_TRUE(database.ok()) << database.status();
  for (TableFile table : TablesOf(**database)) {
    table.checksum.clear();
    EXPECT_EQ(CheckTable(**database, table, ReadOn), absl::OkStatus());
    FlipABit(table.path, 10);
    EXPECT_TRUE(absl::IsDataLoss(CheckTable(**database, table, ReadOn)));
    FlipABit(table.path, 10);
  }
}

TEST_F(ScrubberTest, AnOpenStoreTellsOfDamageAgainAndAgain) {
  EXPECT_THAT(ToldTwice([](const std::string& table) { FlipABit(table, 10); }),
              ::testing::HasSubstr("not as it was written"));
}

TEST_F(ScrubberTest, AnOpenStoreTellsOfATableThatIsGone) {
  EXPECT_THAT(ToldTwice([](const std::string& table) { fs::remove(table); }),
              ::testing::HasSubstr("No such file"));
}

}  // namespace
}  // namespace owo::storage
