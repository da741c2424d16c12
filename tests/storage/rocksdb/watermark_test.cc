// A store that lacks acknowledged data does not open, even if its files look intact.

#include <gtest/gtest.h>

#include <chrono>
#include <filesystem>
#include <fstream>
#include <functional>
#include <sstream>
#include <thread>

#include "storage/rocksdb/open.h"
#include "tests/support/faulty_disk.h"
#include "tests/support/store.h"
#include "tests/support/temp_dir.h"

namespace owo::storage {
namespace {

namespace fs = std::filesystem;

class WatermarkTest : public ::testing::Test {
 protected:
  absl::StatusOr<std::unique_ptr<Store>> Open() {
    return OpenRocksStore({.data_dir = dir_.path()});
  }
  // Counts some events, and copies the files of the open store, as a kill would leave them.
  void LiveAndKill(const fs::path& files) {
    auto store = Open();
    ASSERT_TRUE(store.ok()) << store.status();
    if (subject_.customer == CustomerNo{}) subject_ = AddSubject(**store, "acme");
    for (int i = 0; i < 20; ++i) {
      TrackOne(**store, subject_, subject_.Event("e" + std::to_string(events_++), 1));
    }
    fs::copy(dir_.path(), files, fs::copy_options::recursive);
  }
  void LiveAndKill() {
    const fs::path files = other_.path() + "/killed";
    LiveAndKill(files);
    Replace(dir_.path(), files);
  }
  static void Replace(const fs::path& directory, const fs::path& by) {
    fs::remove_all(directory);
    fs::rename(by, directory);
  }
  std::vector<fs::path> Files(std::string_view part) const {
    std::vector<fs::path> found;
    for (const auto& entry : fs::directory_iterator(database_)) {
      if (entry.path().filename().string().find(part) != std::string::npos) {
        found.push_back(entry.path());
      }
    }
    std::sort(found.begin(), found.end());
    return found;
  }
  void RemoveAll(std::string_view part) const {
    const std::vector<fs::path> files = Files(part);
    ASSERT_FALSE(files.empty());
    for (const fs::path& file : files) fs::remove(file);
  }
  // Several times, because a refused opening must neither repair nor lose anything.
  void ExpectDataLoss() {
    for (int i = 0; i < 3; ++i) {
      const auto opened = Open();
      EXPECT_TRUE(absl::IsDataLoss(opened.status())) << opened.status();
    }
  }

  const TempDir dir_;
  const TempDir other_;
  const fs::path database_ = dir_.path() + "/db";
  const fs::path watermark_ = dir_.path() + "/WATERMARK";
  Subject subject_;
  int events_ = 0;
};

TEST_F(WatermarkTest, AKilledStoreThatLacksNothingOpens) {
  LiveAndKill();
  auto store = Open();
  ASSERT_TRUE(store.ok()) << store.status();
  EXPECT_EQ(ReadCounter(**store, subject_, subject_.Counter()).total, Units(events_));
}

TEST_F(WatermarkTest, AMissingLogIsSeen) {
  LiveAndKill();
  RemoveAll(".log");
  ExpectDataLoss();
}

TEST_F(WatermarkTest, ALogThatIsCutOffIsSeen) {
  LiveAndKill();
  const fs::path log = Files(".log").back();
  std::stringstream bytes;
  bytes << std::ifstream(log, std::ios::binary).rdbuf();
  // Truncates within the last acknowledged record, which is followed by zeros.
  fs::resize_file(log, bytes.str().find_last_not_of('\0'));
  ExpectDataLoss();
}

TEST_F(WatermarkTest, AnEmptyLogIsSeen) {
  LiveAndKill();
  fs::resize_file(Files(".log").back(), 0);
  ExpectDataLoss();
}

TEST_F(WatermarkTest, AMissingTableIsSeen) {
  LiveAndKill();
  ASSERT_TRUE(Open().ok());  // moves the content of the log to tables
  for (const fs::path& table : Files(".sst")) {
    fs::rename(table, other_.path() + "/table");
    ExpectDataLoss();
    fs::rename(other_.path() + "/table", table);
  }
  EXPECT_TRUE(Open().ok());
}

TEST_F(WatermarkTest, AMissingManifestIsSeen) {
  LiveAndKill();
  RemoveAll("MANIFEST");
  ExpectDataLoss();
}

TEST_F(WatermarkTest, AMissingCurrentIsNotTakenForANewDatabase) {
  LiveAndKill();
  RemoveAll("CURRENT");
  const size_t files = Files("").size();
  ExpectDataLoss();
  EXPECT_EQ(Files("").size(), files);
}

TEST_F(WatermarkTest, AMissingDatabaseIsNotTakenForANewOne) {
  LiveAndKill();
  fs::remove_all(database_);
  ExpectDataLoss();
}

TEST_F(WatermarkTest, AnOldCopyOfTheDatabaseIsSeen) {
  const fs::path old = other_.path() + "/old";
  LiveAndKill(old);
  LiveAndKill();
  Replace(database_, old / "db");
  ExpectDataLoss();
  // With its own watermark it is a complete copy of that time.
  Replace(watermark_, old / "WATERMARK");
  EXPECT_TRUE(Open().ok());
}

TEST_F(WatermarkTest, AMissingWatermarkIsNotMadeAnew) {
  LiveAndKill();
  fs::remove(watermark_);
  ExpectDataLoss();
  EXPECT_FALSE(fs::exists(watermark_));
}

// A power failure may tear one of its two copies; then the other one is intact.
TEST_F(WatermarkTest, OneOfItsPlacesIsEnough) {
  LiveAndKill();
  for (const int offset : {0, 4096}) {
    const fs::path whole = other_.path() + "/whole";
    fs::copy_file(watermark_, whole, fs::copy_options::overwrite_existing);
    std::fstream(watermark_, std::ios::in | std::ios::out).seekp(offset) << "torn";
    EXPECT_TRUE(Open().ok()) << "without the place at " << offset;
    fs::copy_file(whole, watermark_, fs::copy_options::overwrite_existing);
  }
  std::fstream(watermark_, std::ios::in | std::ios::out).seekp(0) << "torn";
  std::fstream(watermark_, std::ios::in | std::ios::out).seekp(4096) << "torn";
  ExpectDataLoss();
}

TEST_F(WatermarkTest, ADirectoryOfAnEarlierFormatIsRefused) {
  std::ofstream(dir_.path() + "/CURRENT") << "MANIFEST-000001\n";
  EXPECT_TRUE(absl::IsFailedPrecondition(Open().status()));
}

// Calls `harm` for every write-ahead log.
void ForEachLog(rocksdb::Env& env, const std::function<void(const std::string&)>& harm) {
  std::vector<std::string> names;
  ASSERT_TRUE(env.GetChildren("/data/db", &names).ok());
  for (const std::string& name : names) {
    if (name.ends_with(".log")) harm("/data/db/" + name);
  }
}

// The watermark includes the first record of every log, and is synced, before that record is
// acknowledged.
TEST(WatermarkPowerLossTest, ALogIsMissedAfterALossOfPowerFromItsFirstRecordOn) {
  Random random;
  for (int round = 0; round < 20; ++round) {
    FaultyDisk disk;
    const OpenOptions options{.data_dir = "/data", .env = disk.env()};
    const Subject subject = AddSubject(**OpenRocksStore(options), "acme");
    auto store = OpenRocksStore(options);
    ASSERT_TRUE(store.ok()) << store.status();
    TrackOne(**store, subject, subject.Event("e1", 1));
    disk.CutPowerAfter(0);
    store->reset();
    disk.RestorePower(random);
    ForEachLog(*disk.env(),
               [&](const std::string& log) { ASSERT_TRUE(disk.env()->DeleteFile(log).ok()); });
    const auto opened = OpenRocksStore(options);
    EXPECT_TRUE(absl::IsDataLoss(opened.status())) << opened.status();
  }
}

// After a pause the watermark includes the last record.
TEST(WatermarkPowerLossTest, AfterAPauseTheEndOfTheLogIsMissedToo) {
  Random random;
  FaultyDisk disk;
  const OpenOptions options{.data_dir = "/data", .env = disk.env()};
  const Subject subject = AddSubject(**OpenRocksStore(options), "acme");
  auto store = OpenRocksStore(options);
  ASSERT_TRUE(store.ok()) << store.status();
  TrackOne(**store, subject, subject.Event("e1", 1));
  TrackOne(**store, subject, subject.Event("e2", 1));
  const int64_t before = disk.writes();
  const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(30);
  while (disk.writes() == before && std::chrono::steady_clock::now() < deadline) {
    std::this_thread::sleep_for(std::chrono::milliseconds(10));
  }
  ASSERT_GT(disk.writes(), before) << "nothing was synced in the pause";
  disk.CutPowerAfter(0);
  store->reset();
  disk.RestorePower(random);
  ForEachLog(*disk.env(), [&](const std::string& log) {
    std::string bytes;
    ASSERT_TRUE(rocksdb::ReadFileToString(disk.env(), log, &bytes).ok());
    const size_t last = bytes.find_last_not_of('\0');
    if (last == std::string::npos) return;
    bytes.resize(last);
    ASSERT_TRUE(rocksdb::WriteStringToFile(disk.env(), bytes, log).ok());
  });
  const auto opened = OpenRocksStore(options);
  EXPECT_TRUE(absl::IsDataLoss(opened.status())) << opened.status();
}

}  // namespace
}  // namespace owo::storage
