// What reading all checksums finds, and when.

#include "storage/rocksdb/scrubber.h"

#include <gtest/gtest.h>

#include <chrono>
#include <filesystem>
#include <fstream>
#include <functional>
#include <future>

#include "tests/support/store.h"
#include "tests/support/temp_dir.h"

namespace owo::storage {
namespace {

namespace fs = std::filesystem;

constexpr auto kScrubPatience = std::chrono::seconds(30);

class ScrubberTest : public ::testing::Test {
 protected:
  // A store that has tables.
  void SetUp() override {
    for (int life = 0; life < 2; ++life) {
      auto store = OpenRocksStore({.data_dir = dir_.path()});
      ASSERT_TRUE(store.ok()) << store.status();
      if (life == 0) subject_ = AddSubject(**store, "acme");
      TrackOne(**store, subject_, subject_.Event("event " + std::to_string(life), 1));
    }
  }

  static void FlipABit(const std::string& path) {
    std::fstream file(path, std::ios::in | std::ios::out | std::ios::binary);
    file.seekg(10);  // in the first block of rows
    const char byte = static_cast<char>(file.get() ^ 1);
    file.seekp(10);
    file.put(byte);
  }

  const TempDir dir_;
  Subject subject_;
};

TEST_F(ScrubberTest, WholeTablesAreSound) {
  const auto database = Database::Open({.data_dir = dir_.path()});
  ASSERT_TRUE(database.ok()) << database.status();
  const std::vector<TableFile> tables = TablesOf(**database);
  EXPECT_GT(tables.size(), 3);
  for (const TableFile& table : tables) {
    EXPECT_EQ(table.bytes, fs::file_size(table.path));
    EXPECT_TRUE(CheckTable(**database, table).ok()) << table.path;
  }
}

TEST_F(ScrubberTest, AFlippedBitIsDamage) {
  const auto database = Database::Open({.data_dir = dir_.path()});
  ASSERT_TRUE(database.ok()) << database.status();
  for (const TableFile& table : TablesOf(**database)) {
    FlipABit(table.path);
    EXPECT_TRUE(absl::IsDataLoss(CheckTable(**database, table))) << table.path;
  }
}

// While its checksums are read, a table may be compacted away.
TEST_F(ScrubberTest, ATableThatWasReplacedIsNone) {
  const auto database = Database::Open({.data_dir = dir_.path()});
  ASSERT_TRUE(database.ok()) << database.status();
  TableFile gone = TablesOf(**database).front();
  gone.path = dir_.path() + "/db/999999.sst";
  EXPECT_TRUE(CheckTable(**database, gone).ok());
}

TEST_F(ScrubberTest, AnOpenStoreTellsOfDamageAgainAndAgain) {
  std::promise<void> told_twice;
  int told = 0;
  ScrubOptions scrub{.every = absl::Milliseconds(20)};
  scrub.on_damage = [&](const absl::Status& status) {
    EXPECT_TRUE(absl::IsDataLoss(status)) << status;
    if (++told == 2) told_twice.set_value();
  };
  const auto store = OpenRocksStore({.data_dir = dir_.path(), .scrub = scrub});
  ASSERT_TRUE(store.ok()) << store.status();
  std::string any;
  for (const auto& entry : fs::directory_iterator(dir_.path() + "/db")) {
    if (entry.path().extension() == ".sst") any = entry.path();
  }
  ASSERT_FALSE(any.empty());
  FlipABit(any);
  EXPECT_EQ(told_twice.get_future().wait_for(kScrubPatience), std::future_status::ready);
}

}  // namespace
}  // namespace owo::storage
