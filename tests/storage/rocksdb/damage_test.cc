// Damage to any file of a store is detected: opening or reading is refused, or the data is
// unchanged.

#include <gtest/gtest.h>

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "storage/rocksdb/open.h"
#include "storage/rocksdb/verify/verify.h"
#include "tests/storage/rocksdb/workload.h"
#include "tests/support/faulty_disk.h"
#include "tests/support/hex.h"
#include "tests/support/long_run.h"
#include "tests/support/memory_disk.h"
#include "tests/support/rows.h"

namespace owo::storage {
namespace {

using AllRows = std::map<std::string, std::string>;

// Reads everything. Returns the rows, or nullopt if the store refuses.
std::optional<AllRows> ReadAll(const DiskFiles& files) {
  const auto disk = DiskOf(files);
  const auto database = Database::Open({.data_dir = kDiskData, .env = disk.get()});
  if (!database.ok()) {
    EXPECT_TRUE(absl::IsDataLoss(database.status())) << database.status();
    return std::nullopt;
  }
  AllRows rows;
  for (size_t family = 0; family < kColumnFamilyNames.size(); ++family) {
    const auto it = (*database)->Iterate(static_cast<ColumnFamily>(family));
    for (it->SeekToFirst(); it->Valid(); it->Next()) {
      rows[kColumnFamilyNames[family] + it->key().ToString()] = it->value().ToString();
    }
    if (!it->status().ok()) {
      EXPECT_TRUE(absl::IsDataLoss(FromRocks(it->status()))) << it->status().ToString();
      return std::nullopt;
    }
  }
  return rows;
}

// The zeros at the end of a log do not count.
int64_t SizeOf(const std::string& path, const std::string& bytes) {
  const size_t size = path.ends_with(".log") ? bytes.find_last_not_of('\0') + 1 : bytes.size();
  return static_cast<int64_t>(size);
}

// Formats the differences.
std::string Difference(const AllRows& is, const AllRows& was) {
  std::string shown;
  for (const auto& [key, value] : was) {
    const auto row = is.find(key);
    if (row == is.end()) shown += "\nmissing " + Hex(key);
    if (row != is.end() && row->second != value) shown += "\nchanged " + Hex(key);
  }
  for (const auto& [key, value] : is) {
    if (!was.contains(key)) shown += "\nnew " + Hex(key);
  }
  return shown;
}

class DamageTest : public ::testing::Test {
 protected:
  // Creates tables, a manifest with several changes, and a log that is not empty, as after a kill.
  void SetUp() override {
    FaultyDisk disk;
    Workload workload;
    for (int life = 0; life < 3; ++life) {
      auto store =
          OpenRocksStore({.data_dir = kDiskData, .unflushed_events_max = 100, .env = disk.env()});
      ASSERT_TRUE(store.ok()) << store.status();
      if (life == 0) subject_ = AddSubject(**store, "damaged");
      for (int i = 0; i < 80; ++i) {
        workload.Step(**store, random_);
        const std::string id = "known " + std::to_string(life) + " " + std::to_string(i);
        const TrackOutcome outcome = TrackOne(**store, subject_, subject_.Event(id, 1));
        if (outcome.code == TrackCode::kCounted) known_.push_back(id);
      }
      if (life == 2) disk.CutPowerAfter(0);  // nothing is written from here on
    }
    files_ = CopyFiles(*disk.env());
    rows_ = ReadAll(files_);
    ASSERT_TRUE(rows_.has_value());
    ASSERT_GT(known_.size(), 5);
  }

  std::string AnyFile(std::string_view part) {
    std::vector<std::string> paths;
    for (const auto& [path, bytes] : files_) {
      if (path.find(part) != std::string::npos && !bytes.empty()) paths.push_back(path);
    }
    EXPECT_FALSE(paths.empty()) << "no file " << part;
    return paths[static_cast<size_t>(random_.Between(0, static_cast<int64_t>(paths.size()) - 1))];
  }

  // Flips one bit at a time in files whose path contains `part`. Returns how often the store
  // refused.
  int FlipBits(std::string_view part, int flips) {
    int refused = 0;
    for (int i = 0; i < flips; ++i) {
      DiskFiles files = files_;
      const std::string path = AnyFile(part);
      std::string& bytes = files[path];
      const auto bit = random_.Between(0, 8 * SizeOf(path, bytes) - 1);
      char& byte = bytes[static_cast<size_t>(bit / 8)];
      byte = static_cast<char>(byte ^ (1 << bit % 8));
      const auto rows = ReadAll(files);
      if (!rows.has_value()) ++refused;
      EXPECT_TRUE(!rows.has_value() || rows == rows_)
          << path << ", bit " << bit << Difference(*rows, *rows_);
    }
    return refused;
  }
  // Truncates or removes files whose path contains `part`, and expects each to be detected.
  void Truncate(std::string_view part, int times) {
    for (int i = 0; i < times; ++i) {
      DiskFiles files = files_;
      const std::string path = AnyFile(part);
      const int64_t size = SizeOf(path, files[path]);
      const auto left = random_.Between(0, size - 1);
      files[path].resize(static_cast<size_t>(left));
      EXPECT_FALSE(ReadAll(files).has_value())
          << path << ", " << left << " of " << size << " bytes";
      files.erase(path);
      EXPECT_FALSE(ReadAll(files).has_value()) << path << " is missing";
    }
  }

  // Expects that no counted event is answered as new, whatever else the answers are.
  void ExpectEveryEventKnown(Store& store) {
    std::vector<TrackEvent> events;
    for (const std::string& id : known_) events.push_back(subject_.Event(id, 1));
    const auto together = Track(store, subject_.Command(std::move(events)));
    if (!together.ok()) return;
    for (const TrackOutcome& outcome : *together) ASSERT_TRUE(outcome.duplicate);
    for (const std::string& id : known_) {
      const auto outcomes = Track(store, subject_.Command({subject_.Event(id, 1)}));
      if (!outcomes.ok()) return;
      ASSERT_TRUE(outcomes->front().duplicate) << id;
    }
  }

  const int more_ = IsLongRun() ? 20 : 1;
  Random random_;
  DiskFiles files_;
  std::optional<AllRows> rows_;
  Subject subject_;
  std::vector<std::string> known_;  // ids that were counted
};

TEST_F(DamageTest, AFlippedBitInATableIsRefusedOrHarmless) {
  EXPECT_GT(FlipBits(".sst", 80 * more_), 0);
}
TEST_F(DamageTest, AFlippedBitInTheWriteAheadLogIsRefused) {
  const int flips = 60 * more_;
  EXPECT_EQ(FlipBits(".log", flips), flips);
}
// A bit in the sector of the last commit is refused, because it could belong to a next commit.
TEST_F(DamageTest, AFlippedBitInThePreallocatedLogIsRefusedOrHarmless) {
  int harmless = 0;
  for (int i = 0; i < 20 * more_; ++i) {
    DiskFiles files = files_;
    const std::string path = AnyFile(".log");
    std::string& log = files[path];
    const int64_t last = static_cast<int64_t>(log.size()) - 1;
    log[static_cast<size_t>(random_.Between(SizeOf(path, log) + 1, last))] ^= 1;
    const auto rows = ReadAll(files);
    EXPECT_TRUE(!rows.has_value() || rows == rows_);
    harmless += rows.has_value() ? 1 : 0;
  }
  EXPECT_GT(harmless, 10);
}
TEST_F(DamageTest, AFlippedBitInTheManifestIsRefusedOrHarmless) {
  EXPECT_GT(FlipBits("MANIFEST", 40 * more_), 0);
}
TEST_F(DamageTest, AFlippedBitInTheCurrentFileIsRefused) {
  const int flips = 10 * more_;
  EXPECT_EQ(FlipBits("CURRENT", flips), flips);
}
TEST_F(DamageTest, AFlippedBitInTheWatermarkIsHarmless) {
  EXPECT_EQ(FlipBits("WATERMARK", 10 * more_), 0);
}
TEST_F(DamageTest, ALogThatIsCutOffOrMissingIsRefused) { Truncate(".log", 5 * more_); }
TEST_F(DamageTest, ATableThatIsCutOffOrMissingIsRefused) { Truncate(".sst", 5 * more_); }
// A store that cannot recover everything does not change the data. If the damage was temporary,
// nothing is missing afterwards.
TEST_F(DamageTest, AStoreOverADamagedTableIsRefusedOrKnowsEveryEvent) {
  int refused = 0;
  for (int i = 0; i < (kSanitized ? 10 : 40) * more_; ++i) {
    DiskFiles files = files_;
    const std::string path = AnyFile(".sst");
    files[path]
         [static_cast<size_t>(random_.Between(0, static_cast<int64_t>(files[path].size()) - 1))] ^=
        16;
    const auto disk = DiskOf(files);
    {
      const auto store = OpenRocksStore({.data_dir = kDiskData, .env = disk.get()});
      if (store.ok()) ExpectEveryEventKnown(**store);
      refused += store.ok() ? 0 : 1;
    }
    if (!disk->FileExists(path).ok()) continue;
    ASSERT_TRUE(rocksdb::WriteStringToFile(disk.get(), files_.at(path), path).ok());
    const auto report = VerifyRocksStore({.data_dir = kDiskData, .env = disk.get()}, nullptr);
    ASSERT_TRUE(report.ok()) << report.status();
    ASSERT_EQ(report->differences(), 0) << path << "\n" << report->ToString();
  }
  EXPECT_GT(refused, 0);
}
TEST_F(DamageTest, AManifestThatIsMissingIsRefused) {
  files_.erase(AnyFile("MANIFEST"));
  EXPECT_FALSE(ReadAll(files_).has_value());
}
TEST_F(DamageTest, ACurrentFileThatIsCutOffOrMissingIsRefused) { Truncate("CURRENT", 3 * more_); }

}  // namespace
}  // namespace owo::storage
