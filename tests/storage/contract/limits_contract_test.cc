// Limits on a counter's total hold exactly, also under concurrent events.

#include <algorithm>
#include <mutex>

#include "tests/storage/contract/store_contract.h"

namespace owo::storage {
namespace {

using Code = TrackCode;

class LimitsContract : public StoreContract {
 protected:
  void SetUp() override {
    StoreContract::SetUp();
    subject_ = AddSubject(store(), "acme");
  }

  TrackEvent Limited(std::string_view id, int64_t quantity, int64_t limit) {
    TrackEvent event = subject_.Event(id, quantity);
    TargetOf(event).limit = Units(limit);
    return event;
  }
  TrackEvent Allowed(std::string_view id, int64_t quantity, int64_t allowance) {
    TrackEvent event = subject_.Event(id, quantity);
    TargetOf(event).allowance = Units(allowance);
    return event;
  }
  TrackOutcome Track(const TrackEvent& event) { return TrackOne(store(), subject_, event); }
  Quantity Total() { return ReadCounter(store(), subject_, subject_.Counter()).total; }

  Subject subject_;
};
OWO_FOR_EVERY_STORE(LimitsContract);

TEST_P(LimitsContract, TenOfFortyConcurrentCallersPassALimitOfTen) {
  std::mutex mutex;
  std::vector<Code> codes;
  InParallel(40, [&](int i) {
    const TrackOutcome outcome = Track(Limited("e" + std::to_string(i), 1, 10));
    const std::lock_guard lock(mutex);
    codes.push_back(outcome.code);
  });
  EXPECT_EQ(std::count(codes.begin(), codes.end(), Code::kCounted), 10);
  EXPECT_EQ(std::count(codes.begin(), codes.end(), Code::kOverLimit), 30);
  EXPECT_EQ(Total(), Units(10));
}

TEST_P(LimitsContract, EachEventOfACommandIsComparedWithThoseBeforeIt) {
  EXPECT_THAT(
      TrackAll(
          store(), subject_,
          {Limited("a", 6, 10), Limited("b", 6, 10), Limited("c", 4, 10), Limited("d", 1, 10)}),
      Codes(std::vector{Code::kCounted, Code::kOverLimit, Code::kCounted, Code::kOverLimit}));
  EXPECT_EQ(Total(), Units(10));
}

TEST_P(LimitsContract, WhatIsRefusedAnswersTheTotalThatIsThere) {
  Track(Limited("a", 6, 10));
  const TrackOutcome outcome = Track(Limited("b", 6, 10));
  EXPECT_EQ(outcome.code, Code::kOverLimit);
  EXPECT_EQ(outcome.total, Units(6));
}

TEST_P(LimitsContract, OneUnitOfTheLastPlaceIsBeyondTheLimit) {
  TrackEvent beyond = Limited("a", 10, 10);
  beyond.quantity += Quantity{1};
  EXPECT_EQ(Track(beyond).code, Code::kOverLimit);
  EXPECT_EQ(Track(Limited("b", 10, 10)).code, Code::kCounted);
}

TEST_P(LimitsContract, ACorrectionIsNotLimited) {
  Track(subject_.Event("a", 20));
  EXPECT_EQ(Track(Limited("b", -5, 10)).code, Code::kCounted);
  EXPECT_EQ(Track(Limited("c", 1, 10)).code, Code::kOverLimit);
  EXPECT_EQ(Total(), Units(15));
}

TEST_P(LimitsContract, RoomThatACorrectionMadeCanBeUsed) {
  Track(Limited("a", 10, 10));
  Track(Limited("b", -4, 10));
  EXPECT_EQ(Track(Limited("c", 4, 10)).code, Code::kCounted);
  EXPECT_EQ(Track(Limited("d", 1, 10)).code, Code::kOverLimit);
}

TEST_P(LimitsContract, ATotalIsNeverNegative) {
  EXPECT_EQ(Track(subject_.Event("a", -1)).code, Code::kBelowZero);
  Track(subject_.Event("b", 5));
  EXPECT_EQ(Track(subject_.Event("c", -6)).code, Code::kBelowZero);
  EXPECT_EQ(Track(subject_.Event("d", -5)).code, Code::kCounted);
  EXPECT_EQ(Total(), Units(0));
}

TEST_P(LimitsContract, TheGreatestTotalIsReachedAndNotPassed) {
  Track(subject_.Event("a", TotalMax(), subject_.Counter()));
  EXPECT_EQ(Total(), TotalMax());
  EXPECT_EQ(Track(subject_.Event("b", Quantity{1}, subject_.Counter())).code, Code::kOutOfRange);
  EXPECT_EQ(Total(), TotalMax());
}

TEST_P(LimitsContract, TheRangeIsComparedBeforeTheLimit) {
  TrackEvent event = Limited("a", 11, 10);
  TargetOf(event).total_max = Units(10);
  EXPECT_EQ(Track(event).code, Code::kOutOfRange);
}

TEST_P(LimitsContract, BeyondTheAllowanceIsCountedAndSaidSo) {
  EXPECT_EQ(Track(Allowed("a", 10, 10)).code, Code::kCounted);
  EXPECT_EQ(Track(Allowed("b", 1, 10)).code, Code::kCountedOver);
  EXPECT_EQ(Total(), Units(11));
}

TEST_P(LimitsContract, ADuplicateAnswersTheCodeOfTheFirst) {
  Track(Allowed("within", 10, 10));
  Track(Allowed("over", 1, 10));
  Track(Allowed("back", -5, 10));
  Reopen();
  EXPECT_EQ(Track(Allowed("within", 10, 3)).code, Code::kCounted);
  const TrackOutcome over = Track(Allowed("over", 1, 10));
  EXPECT_EQ(over.code, Code::kCountedOver);
  EXPECT_TRUE(over.duplicate);
  EXPECT_EQ(over.total, Units(6));
}

TEST_P(LimitsContract, CountersDoNotShareATotal) {
  Track(subject_.Event("a", 10));
  TrackEvent other_period = Limited("b", 10, 10);
  TargetOf(other_period).counter.period = kDecember;
  TrackEvent other_feature = Limited("c", 10, 10);
  other_feature.feature = TargetOf(other_feature).counter.feature = FeatureNo{2};
  TrackEvent other_segment = Limited("d", 10, 10);
  TargetOf(other_segment).counter.segment = 1;
  TargetOf(other_segment).group_segments = 2;
  EXPECT_THAT(TrackAll(store(), subject_, {other_period, other_feature, other_segment}),
              Codes(std::vector(3, Code::kCounted)));
}

}  // namespace
}  // namespace owo::storage
