// A write that fails ends writing: nothing is acknowledged any more, and what was is still read.

#include <gtest/gtest.h>

#include <atomic>
#include <future>

#include "storage/rocksdb/keys.h"
#include "tests/support/faulty_disk.h"
#include "tests/support/rows.h"
#include "tests/support/store.h"

namespace owo::storage {
namespace {

class WriteFailureTest : public ::testing::Test {
 protected:
  void Open() {
    auto store = OpenRocksStore({.data_dir = "/data",
                                 .on_failure =
                                     [this](const absl::Status& status) {
                                       ++failures_;
                                       failure_ = status;
                                     },
                                 .env = disk_.env()});
    ASSERT_TRUE(store.ok()) << store.status();
    store_ = *std::move(store);
  }
  void SetUp() override {
    Open();
    subject_ = AddSubject(*store_, "acme");
    TrackOne(*store_, subject_, subject_.Event("before", 5));
  }
  absl::Status TryTrack(std::string_view id) {
    return Track(*store_, subject_.Command({subject_.Event(id, 1)})).status();
  }

  FaultyDisk disk_;
  std::atomic<int> failures_ = 0;
  absl::Status failure_;  // written by the writing thread before it answers
  std::unique_ptr<Store> store_;
  Subject subject_;
};

TEST_F(WriteFailureTest, IsAnsweredAsUnknownAndToldOnce) {
  disk_.FailLogSyncs(true);
  EXPECT_TRUE(absl::IsUnavailable(TryTrack("failed")));
  EXPECT_EQ(failures_, 1);
  EXPECT_FALSE(failure_.ok());
}

TEST_F(WriteFailureTest, NoWriteIsAcceptedAfterItEvenIfTheDiskWorksAgain) {
  disk_.FailLogSyncs(true);
  EXPECT_TRUE(absl::IsUnavailable(TryTrack("failed")));
  disk_.FailLogSyncs(false);
  EXPECT_TRUE(absl::IsUnavailable(TryTrack("later")));
  EXPECT_TRUE(
      absl::IsUnavailable(Commit(*store_, Change(subject_, NewCustomer("later"))).status()));
  EXPECT_EQ(failures_, 1);
}

TEST_F(WriteFailureTest, ReadsServeWhatWasAcknowledged) {
  disk_.FailLogSyncs(true);
  EXPECT_TRUE(absl::IsUnavailable(TryTrack("failed")));
  EXPECT_EQ(ReadCounter(*store_, subject_, subject_.Counter()).total, Units(5));
  EXPECT_TRUE(store_->ReadCustomer(subject_.tenant, subject_.customer).ok());
}

TEST_F(WriteFailureTest, EverythingThatWaitedIsAnsweredUnavailable) {
  std::promise<void> held;
  std::promise<void> release;
  store_->Track(subject_.Command({}), [&](auto) {
    held.set_value();
    release.get_future().wait();
  });
  held.get_future().wait();
  disk_.FailLogSyncs(true);
  constexpr int kWaiting = 50;
  std::atomic<int> unavailable = 0;
  for (int i = 0; i < kWaiting; ++i) {
    store_->Track(
        subject_.Command({subject_.Event("e" + std::to_string(i), 1)}),
        [&](const auto& outcomes) { unavailable += absl::IsUnavailable(outcomes.status()); });
  }
  release.set_value();
  store_.reset();
  EXPECT_EQ(unavailable, kWaiting);
  EXPECT_EQ(failures_, 1);
}

TEST_F(WriteFailureTest, OpeningAgainResolvesWhatWasUnknown) {
  disk_.FailLogSyncs(true);
  EXPECT_TRUE(absl::IsUnavailable(TryTrack("failed")));
  store_.reset();
  disk_.FailLogSyncs(false);
  Open();
  EXPECT_EQ(TrackOne(*store_, subject_, subject_.Event("failed", 1)).code, TrackCode::kCounted);
  EXPECT_TRUE(TrackOne(*store_, subject_, subject_.Event("before", 5)).duplicate);
  EXPECT_EQ(ReadCounter(*store_, subject_, subject_.Counter()).total, Units(6));
}

// Not a failing disk: a row that does not parse.
TEST_F(WriteFailureTest, ADamagedRowEndsWritingAndIsNeverRead) {
  store_.reset();
  {
    const auto database = OpenDatabase("/data", disk_.env());
    rocksdb::WriteBatch batch;
    batch.Put(database->handle(Space::kUsage),
              ToSlice(keys::Counter(subject_.tenant, subject_.Counter())), "damaged");
    ASSERT_TRUE(database->Write(batch).ok());
  }
  Open();
  const std::vector<CounterKey> asked = {subject_.Counter()};
  EXPECT_TRUE(
      absl::IsDataLoss(store_->ReadAccount(subject_.tenant, subject_.customer, asked).status()));
  EXPECT_TRUE(absl::IsUnavailable(TryTrack("next")));
  EXPECT_TRUE(absl::IsDataLoss(failure_)) << failure_;
  EXPECT_EQ(failures_, 1);
  EXPECT_TRUE(store_->ReadCustomer(subject_.tenant, subject_.customer).ok());
}

}  // namespace
}  // namespace owo::storage
