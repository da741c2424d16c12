// While the disk is full, a repeat of a counted event is answered as a duplicate, because that
// needs no write.

#include "storage/rocksdb/commit/acknowledged_ids.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <set>
#include <string>
#include <thread>
#include <vector>

#include "absl/synchronization/notification.h"
#include "absl/time/clock.h"
#include "storage/disk_full.h"
#include "storage/rocksdb/open.h"
#include "tests/support/faulty_disk.h"
#include "tests/support/store.h"

namespace owo::storage {
namespace {

constexpr char kDuplicatesData[] = "/data";
constexpr absl::Duration kDuplicatesTimeout = absl::Seconds(60);

class AcknowledgedIdsTest : public ::testing::TestWithParam<size_t> {
 protected:
  void SetUp() override { Open(); }
  void Open() {
    store_.reset();
    auto store =
        OpenRocksStore({.data_dir = kDuplicatesData,
                        .unflushed_events_max = GetParam(),
                        .outage = {.on_disk_full = [this](const absl::Status&) { ++outages_; },
                                   .on_resume =
                                       [this](const Resumption& resumption) {
                                         resumption_ = resumption;
                                         if (++resumptions_ == 1) resumed_.Notify();
                                       },
                                   .pause = absl::Hours(1)},
                        .env = disk_.env()});
    ASSERT_TRUE(store.ok()) << store.status();
    store_ = *std::move(store);
    if (subject_.customer == CustomerNo{}) subject_ = AddSubject(*store_, "acme");
  }
  // Counts events until the outcome of one is unknown. If the write to the log failed, the event is
  // not counted; if only that of a run of ids failed, its commit was durable, and a repeat is a
  // duplicate.
  void FillDisk() {
    disk_.FillAfter(0);
    for (;;) {
      unknown_ = "e" + std::to_string(next_++);
      const auto outcomes = TryTrack({unknown_});
      if (!outcomes.ok()) {
        ASSERT_TRUE(absl::IsUnavailable(outcomes.status())) << outcomes.status();
        const auto again = TryTrack({unknown_});
        ASSERT_TRUE(again.ok() || IsDiskFull(again.status())) << again.status();
        ASSERT_FALSE(again.ok() && GetParam() > 1000) << "it was never written";
        if (again.ok()) counted_.insert(unknown_);
        return;
      }
      counted_.insert(unknown_);
    }
  }
  void TrackSome(int count) {
    for (int i = 0; i < count; ++i) {
      const std::string id = "e" + std::to_string(next_++);
      ASSERT_TRUE(TryTrack({id}).ok());
      counted_.insert(id);
    }
  }
  absl::StatusOr<std::vector<TrackOutcome>> TryTrack(const std::vector<std::string>& ids,
                                                     int64_t quantity = 1) {
    std::vector<TrackEvent> events;
    for (const std::string& id : ids) events.push_back(subject_.Event(id, quantity));
    return Track(*store_, subject_.Command(std::move(events)));
  }
  void ExpectRepeatsAnswered() {
    const Quantity total = Units(static_cast<int64_t>(counted_.size()));
    for (const std::string& id : counted_) {
      const auto outcomes = TryTrack({id});
      ASSERT_TRUE(outcomes.ok()) << id << ": " << outcomes.status();
      EXPECT_TRUE(outcomes->front().duplicate) << id;
      EXPECT_EQ(outcomes->front().code, TrackCode::kCounted);
      EXPECT_EQ(outcomes->front().total, total);
    }
  }
  std::vector<std::string> All() const { return {counted_.begin(), counted_.end()}; }

  FaultyDisk disk_;
  std::atomic<int> outages_ = 0;
  std::atomic<int> resumptions_ = 0;
  Resumption resumption_;
  absl::Notification resumed_;
  std::unique_ptr<Store> store_;
  Subject subject_;
  int next_ = 0;
  std::set<std::string> counted_;
  std::string unknown_;
};

TEST_P(AcknowledgedIdsTest, AreAnsweredWhileTheDiskIsFull) {
  TrackSome(100);
  FillDisk();
  // Before and after the store tries to resume; an attempt is a write that fails.
  const absl::Time deadline = absl::Now() + kDuplicatesTimeout;
  for (int tries = 0; tries < 3; ++tries) {
    const int64_t writes = disk_.writes();
    do {
      ExpectRepeatsAnswered();
      if (!counted_.contains(unknown_)) {
        EXPECT_TRUE(IsDiskFull(TryTrack({unknown_}).status()));
      }
      EXPECT_TRUE(IsDiskFull(TryTrack({"new"}).status()));
      ASSERT_LT(absl::Now(), deadline);
    } while (disk_.writes() == writes && !HasFailure());
  }
  EXPECT_EQ(TryTrack({*counted_.begin()}, 2)->front().code, TrackCode::kIdReused);
  disk_.Free();
}

TEST_P(AcknowledgedIdsTest, AreAnsweredByALifeThatCountedNoneOfThem) {
  TrackSome(50);
  Open();
  FillDisk();
  ExpectRepeatsAnswered();
  disk_.Free();
}

TEST_P(AcknowledgedIdsTest, OfABatchAllAreAnsweredOrNone) {
  TrackSome(60);
  FillDisk();
  std::vector<std::string> batch = All();
  const auto outcomes = TryTrack(batch);
  ASSERT_TRUE(outcomes.ok()) << outcomes.status();
  ASSERT_EQ(outcomes->size(), batch.size());
  for (const TrackOutcome& outcome : *outcomes) EXPECT_TRUE(outcome.duplicate);
  batch.insert(batch.begin() + 7, "new");
  EXPECT_TRUE(IsDiskFull(TryTrack(batch).status()));
  disk_.Free();
}

// A refusal that applies now does not turn a repeat into another event.
TEST_P(AcknowledgedIdsTest, AreAnsweredWhateverHoldsToday) {
  TrackSome(1);
  FillDisk();
  TrackEvent refused = subject_.Event(*counted_.begin(), 1);
  refused.refusal = 1;
  refused.target = nullptr;
  const auto outcomes = Track(*store_, subject_.Command({refused}));
  ASSERT_TRUE(outcomes.ok()) << outcomes.status();
  EXPECT_TRUE(outcomes->front().duplicate);
  disk_.Free();
}

TEST_P(AcknowledgedIdsTest, ThatKeepComingDoNotKeepWritingFromGoingOn) {
  TrackSome(40);
  FillDisk();
  std::atomic<bool> stop = false;
  std::atomic<int> wrong = 0;
  std::vector<std::thread> callers;
  for (int i = 0; i < 3; ++i) {
    callers.emplace_back([&, id = *std::next(counted_.begin(), i)] {
      while (!stop) {
        const auto outcomes = TryTrack({id});
        // During the replay of the journal, the ids in memory are not available.
        const bool right =
            outcomes.ok() ? outcomes->front().duplicate : IsDiskFull(outcomes.status());
        if (!right) ++wrong;
      }
    });
  }
  disk_.Free();
  EXPECT_TRUE(resumed_.WaitForNotificationWithTimeout(kDuplicatesTimeout));
  stop = true;
  for (std::thread& caller : callers) caller.join();
  EXPECT_EQ(wrong, 0);
  EXPECT_EQ(outages_, 1);
  EXPECT_EQ(resumptions_, 1);
  const auto after = TryTrack({"after"});
  ASSERT_TRUE(after.ok()) << after.status();
  EXPECT_FALSE(after->front().duplicate);
  for (const std::string& id : counted_) EXPECT_TRUE(TryTrack({id})->front().duplicate) << id;
}

TEST_P(AcknowledgedIdsTest, AnOutageIsReportedWithWhatWasReplayed) {
  TrackSome(40);
  FillDisk();
  EXPECT_EQ(outages_, 1);
  EXPECT_EQ(resumptions_, 0);
  disk_.Free();
  ASSERT_TRUE(resumed_.WaitForNotificationWithTimeout(kDuplicatesTimeout));
  EXPECT_GT(resumption_.outage, absl::ZeroDuration());
  if (GetParam() > 1000) {
    EXPECT_GE(resumption_.records, counted_.size());
  }
  // Another outage soon after is not reported.
  FillDisk();
  disk_.Free();
  const absl::Time deadline = absl::Now() + kDuplicatesTimeout;
  while (!TryTrack({unknown_}).ok()) ASSERT_LT(absl::Now(), deadline);
  EXPECT_EQ(outages_, 1);
  EXPECT_EQ(resumptions_, 1);
}

// All ids in memory, or nearly all of them in tables.
INSTANTIATE_TEST_SUITE_P(Ids, AcknowledgedIdsTest, ::testing::Values(1'000'000, 10));

}  // namespace
}  // namespace owo::storage
