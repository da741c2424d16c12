// Many callers on one customer whose usage needs a limit check: they take turns, and waiting calls
// are checked together.

#include <gmock/gmock.h>

#include <latch>

#include "storage/disk_full.h"
#include "tests/support/await.h"
#include "tests/support/ledger.h"

namespace owo::ledger {
namespace {

constexpr int kExecutorThreads = 4;  // of the test ledger
constexpr int kWaiting = 20;

class HotCustomerTest : public ::testing::Test {
 protected:
  HotCustomerTest() {
    ledger_.AddCustomer("ada", "pro");
    Must(ledger_.Update("ada", {.spend_cap = 100}));
    ledger_.Use("ada", "calls", "0");
  }

  // Returns when every call that was posted to the executor before is in its lane. REQUIRES: runs
  // on a thread of the executor, and no other one is blocked.
  void AwaitOthers() {
    const auto all = std::make_shared<std::latch>(kExecutorThreads);
    for (int thread = 1; thread < kExecutorThreads; ++thread) {
      ledger_.parts().executor.Continue([all] { all->arrive_and_wait(); });
    }
    all->arrive_and_wait();
  }

  void TrackLater(std::vector<UsageEvent> events) {
    TrackLater(ledger_.context(), std::move(events));
  }
  void TrackLater(const CallContext& context, std::vector<UsageEvent> events) {
    metering_.Track(context, std::move(events), TrackDetail::kAll,
                    [this](absl::StatusOr<std::vector<TrackResult>> results) {
                      const absl::MutexLock lock(&mutex_);
                      if (!results.ok()) return failures_.push_back(results.status());
                      for (const TrackResult& result : Must(std::move(results))) {
                        codes_.push_back(result.code);
                      }
                    });
  }

  std::vector<TrackCode> AwaitCodes(size_t count) {
    const auto enough = [&]() ABSL_SHARED_LOCKS_REQUIRED(mutex_) { return codes_.size() >= count; };
    const absl::MutexLock lock(&mutex_);
    mutex_.Await(absl::Condition(&enough));
    return codes_;
  }

  TestLedger ledger_{CatalogOf({PlanOf("pro", {UsageBased("calls", "10")})})};
  Metering metering_{ledger_.parts()};
  absl::Mutex mutex_;
  std::vector<TrackCode> codes_ ABSL_GUARDED_BY(mutex_);
  std::vector<absl::Status> failures_ ABSL_GUARDED_BY(mutex_);
};

TEST_F(HotCustomerTest, WhatWaitsIsReadCheckedAndCountedTogether) {
  ledger_.store().BeforeNextTrack([&] {
    for (int i = 0; i < kWaiting; ++i) TrackLater({EventOf("ada", "calls", "1")});
    AwaitOthers();
  });
  const size_t tracks_before = ledger_.store().tracks();
  TrackLater({EventOf("ada", "calls", "1")});
  const std::vector<TrackCode> codes = AwaitCodes(kWaiting + 1);
  EXPECT_EQ(ledger_.store().tracks() - tracks_before, 2);
  // The cap has room for ten events in total, the first ones.
  for (size_t i = 0; i < codes.size(); ++i) {
    EXPECT_EQ(codes[i], i < 10 ? TrackCode::kTrackedOverage : TrackCode::kLimitExceeded) << i;
  }
  EXPECT_EQ(ledger_.Unbilled("ada"), 100);
}

TEST_F(HotCustomerTest, OnAFullDiskARepeatIsAnsweredDespiteANewEvent) {
  const UsageEvent counted = EventOf("ada", "calls", "1", "counted");
  TrackLater({counted});
  AwaitCodes(1);
  ledger_.store().BeforeNextTrack([&] {
    TrackLater({EventOf("ada", "calls", "1", "new")});
    AwaitOthers();  // so that it comes first
    TrackLater({counted});
    AwaitOthers();
    const absl::Status full = storage::DiskFull("no space left");
    ledger_.store().RefuseTrackAfter(1, full);  // both together
    ledger_.store().BeforeNextTrack([this, full] {
      ledger_.store().BeforeNextTrack(
          [this, full] { ledger_.store().RefuseTrackAfter(0, full); });  // the new one alone
    });
  });
  const size_t tracks_before = ledger_.store().tracks();
  TrackLater({EventOf("ada", "calls", "1")});
  const std::vector<TrackCode> codes = AwaitCodes(3);  // the last one is the repeat's
  EXPECT_EQ(ledger_.store().tracks() - tracks_before, 4);
  EXPECT_THAT(codes, ::testing::Each(TrackCode::kTrackedOverage));
  {
    const absl::MutexLock lock(&mutex_);
    ASSERT_EQ(failures_.size(), 1);
    EXPECT_TRUE(storage::IsDiskFull(failures_[0])) << failures_[0];
  }
  EXPECT_EQ(ledger_.Unbilled("ada"), 20);
}

TEST_F(HotCustomerTest, AWaitingCallThatIsPastItsDeadlineLeavesItsPlaceToTheOthers) {
  CallContext late = ledger_.context();
  late.deadline = 1;
  ledger_.store().BeforeNextTrack([&] {
    TrackLater({EventOf("ada", "calls", "1")});
    TrackLater(late, {EventOf("ada", "calls", "1")});
    TrackLater({EventOf("ada", "calls", "1")});
    AwaitOthers();
  });
  TrackLater({EventOf("ada", "calls", "1")});
  {
    const auto answered = [&]() ABSL_SHARED_LOCKS_REQUIRED(mutex_) {
      return codes_.size() + failures_.size() == 4;
    };
    const absl::MutexLock lock(&mutex_);
    mutex_.Await(absl::Condition(&answered));
    EXPECT_EQ(codes_, std::vector(3, TrackCode::kTrackedOverage));
    EXPECT_THAT(failures_, ::testing::ElementsAre(PastDeadline()));
  }
  ledger_.Use("ada", "calls", "1");
  EXPECT_EQ(ledger_.Unbilled("ada"), 40);
}

TEST_F(HotCustomerTest, WhatFailsLetsTheNextHaveTheirTurn) {
  ledger_.store().BeforeNextTrack([&] {
    TrackLater({EventOf("ada", "calls", "1")});
    TrackLater({EventOf("ada", "calls", "1")});
    AwaitOthers();
    ledger_.store().RefuseTrackAfter(1, absl::UnavailableError("who knows"));  // both together
  });
  TrackLater({EventOf("ada", "calls", "1")});
  AwaitCodes(1);
  const auto both = [&]() ABSL_SHARED_LOCKS_REQUIRED(mutex_) { return failures_.size() == 2; };
  mutex_.LockWhen(absl::Condition(&both));
  mutex_.Unlock();
  ledger_.Use("ada", "calls", "1");
  EXPECT_EQ(ledger_.Unbilled("ada"), 20);
}

}  // namespace
}  // namespace owo::ledger
