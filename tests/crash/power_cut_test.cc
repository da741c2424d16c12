// Cuts the power of a real disk while a process writes to it, by FS_IOC_SHUTDOWN on ext4. No
// acknowledged event is lost, and none counts twice.

#include <gtest/gtest.h>

#include "storage/rocksdb/open.h"
#include "tests/crash/child.h"
#include "tests/crash/witness.h"
#include "tests/support/long_run.h"
#include "tests/support/loop_disk.h"
#include "tests/support/random.h"

namespace owo::storage {
namespace {

class PowerCutTest : public ::testing::Test {
 protected:
  void SetUp() override {
    std::string why_not;
    disk_ = LoopDisk::Make({.mib = 200}, why_not);
    if (disk_ == nullptr) GTEST_SKIP() << why_not;
    data_dir_ = disk_->path() + "/data";
    ASSERT_EQ(AddSubject(*Open(), "acme").customer, CrashSubject().customer);
  }

  std::unique_ptr<Store> Open() {
    auto store = OpenRocksStore({.data_dir = data_dir_});
    EXPECT_TRUE(store.ok()) << store.status();
    return store.ok() ? *std::move(store) : nullptr;
  }

  // Cuts the power after the driver has written a number of lines.
  void DriveAndCutPower(int run, const std::string& disk) {
    Child child({OWO_STORE_DRIVER, data_dir_, std::to_string(run), "never", "1", disk});
    int64_t left = random_.Between(1, 300);
    while (const std::optional<std::string> line = child.ReadLine()) {
      witness_.Hear(*line);
      if (--left == 0) disk_->CutPower();
    }
    // The driver may also end in an assertion of RocksDB. Only the data that it leaves matters.
    EXPECT_NE(child.Wait(), EXIT_SUCCESS) << "the driver did not meet the failure";
    ASSERT_LE(left, 0) << "the driver ended before";
    disk_->Remount();
  }

  Random random_;
  std::unique_ptr<LoopDisk> disk_;
  std::string data_dir_;
  Witness witness_;
};

TEST_F(PowerCutTest, KeepsWhatWasAcknowledgedAndResolvesTheRest) {
  const int cuts = IsLongRun() ? 300 : 5;
  for (int run = 1; run <= cuts; ++run) {
    DriveAndCutPower(run, "keeps");
    ExpectSound(data_dir_);
    const auto store = Open();
    ASSERT_NE(store, nullptr) << "after cut " << run;
    witness_.ExpectNothingLost(*store);
    if (HasFailure()) FAIL() << "after cut " << run;
  }
  EXPECT_GT(witness_.acknowledgements(), static_cast<size_t>(cuts) * 3);
}

// Checks the test above: without syncs, events must get lost.
TEST_F(PowerCutTest, LosesAcknowledgedEventsWhenAnswersDoNotWaitForTheDisk) {
  size_t lost = 0;
  for (int run = 1; run <= 3; ++run) {
    DriveAndCutPower(run, "unsynced");
    const auto store = Open();
    ASSERT_NE(store, nullptr) << "after cut " << run;
    lost += witness_.CountEventsOnce(*store);
  }
  EXPECT_GT(lost, 0);
}

}  // namespace
}  // namespace owo::storage
