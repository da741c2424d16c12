// A process that is killed at any moment loses no acknowledged event and counts none twice, whether
// the system keeps what it had written or loses it, as in a power failure.

#include <gtest/gtest.h>

#include <optional>

#include "storage/rocksdb/open.h"
#include "tests/crash/child.h"
#include "tests/crash/deadly_disk.h"
#include "tests/crash/witness.h"
#include "tests/support/long_run.h"
#include "tests/support/random.h"
#include "tests/support/temp_dir.h"

namespace owo::storage {
namespace {

class KillTest : public ::testing::Test {
 protected:
  void StartAnew() {
    dir_.emplace();
    witness_.emplace();
    ASSERT_EQ(AddSubject(*Open(), "acme").customer, CrashSubject().customer);
  }

  std::unique_ptr<Store> Open() {
    auto store = OpenRocksStore({.data_dir = dir_->path()});
    EXPECT_TRUE(store.ok()) << store.status();
    return store.ok() ? *std::move(store) : nullptr;
  }

  // Runs the driver until it is killed: by itself at `point`, or by this test after a number of
  // lines.
  void DriveAndKill(int run, std::string_view point, const std::string& disk) {
    // Commits are frequent; tables and manifests are written occasionally.
    const bool rare = point == "table-writing" || point == "manifest-synced";
    const int64_t passes = random_.Between(1, rare ? 2 : 30);
    Child child({OWO_STORE_DRIVER, dir_->path(), std::to_string(run), std::string(point),
                 std::to_string(passes), disk});
    int64_t left = point == kKillPointNames[0] ? random_.Between(1, 150) : kLinesMax;
    while (const std::optional<std::string> line = child.ReadLine()) {
      witness_->Hear(*line);
      if (--left == 0) child.Kill();
    }
    ASSERT_EQ(child.Wait(), kKilled) << "the driver ended by itself, on its way to " << point;
    reached_ += left > 0;
  }

  static constexpr int kKillsOfOne = 50;
  static constexpr int64_t kLinesMax = 3000;
  static constexpr int kKilled = 128 + 9;

  Random random_;
  std::optional<TempDir> dir_;
  std::optional<Witness> witness_;
  int reached_ = 0;  // runs that ended at their kill point
};

TEST_F(KillTest, KeepsWhatWasAcknowledgedAndResolvesTheRest) {
  const int kills = IsLongRun() ? 1000 : kSanitized ? 20 : 50;
  int points = 0;
  size_t acknowledged = 0;
  for (int run = 1; run <= kills; ++run) {
    // Each kill is followed by a check of the whole store, so a store gets a limited number of
    // kills.
    if (run % kKillsOfOne == 1) StartAnew();
    const size_t before = witness_->acknowledgements();
    const std::string_view point =
        kKillPointNames[static_cast<size_t>(run) % kKillPointNames.size()];
    points += point != kKillPointNames[0];
    DriveAndKill(run, point, random_.Between(0, 1) == 0 ? "keeps" : "loses");
    // Rows that were not yet flushed when the process was killed are restored by the replay.
    ExpectSound(dir_->path());
    const auto store = Open();
    ASSERT_NE(store, nullptr) << "after kill " << run << ", " << point;
    witness_->ExpectNothingLost(*store);
    acknowledged += witness_->acknowledgements() - before;
    if (HasFailure()) FAIL() << "after kill " << run << ", " << point;
  }
  EXPECT_GT(acknowledged, static_cast<size_t>(kills) * 3);
  EXPECT_GT(reached_, points / 2) << "most kill points were never reached";
}

// Checks the test above: without syncs, events must get lost.
TEST_F(KillTest, LosesAcknowledgedEventsWhenAnswersDoNotWaitForTheDisk) {
  ASSERT_NO_FATAL_FAILURE(StartAnew());
  size_t lost = 0;
  for (int run = 1; run <= 5; ++run) {
    DriveAndKill(run, kKillPointNames[0], "unsafe");
    const auto store = Open();
    ASSERT_NE(store, nullptr) << "after kill " << run;
    lost += witness_->CountEventsOnce(*store);
  }
  EXPECT_GT(lost, 0);
}

}  // namespace
}  // namespace owo::storage
