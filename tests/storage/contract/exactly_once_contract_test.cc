// An event is counted once, however often it is repeated. An event that is not counted does not use
// up its id.

#include "tests/storage/contract/store_contract.h"

namespace owo::storage {
namespace {

using Code = TrackCode;

class ExactlyOnceContract : public StoreContract {
 protected:
  void SetUp() override {
    StoreContract::SetUp();
    subject_ = AddSubject(store(), "acme");
  }
  TrackOutcome Track(const TrackEvent& event) { return TrackOne(store(), subject_, event); }
  Quantity Total() { return ReadCounter(store(), subject_, subject_.Counter()).total; }

  void ExpectDuplicate(const TrackOutcome& outcome) {
    EXPECT_EQ(outcome.code, Code::kCounted);
    EXPECT_TRUE(outcome.duplicate);
    EXPECT_EQ(outcome.total, Units(5));
    EXPECT_EQ(Total(), Units(5));
  }

  Subject subject_;
};
OWO_FOR_EVERY_STORE(ExactlyOnceContract);

TEST_P(ExactlyOnceContract, AnswersTheTotalAndCountsIt) {
  const TrackOutcome first = Track(subject_.Event("e1", 5));
  EXPECT_EQ(first.code, Code::kCounted);
  EXPECT_FALSE(first.duplicate);
  EXPECT_EQ(first.total, Units(5));
  EXPECT_EQ(Track(subject_.Event("e2", 7)).total, Units(12));

  const Counter counter = ReadCounter(store(), subject_, subject_.Counter());
  EXPECT_EQ(counter.total, Units(12));
  EXPECT_EQ(counter.events, 2);
  EXPECT_EQ(counter.terms, subject_.Event("e1", 5).target->terms);
}

TEST_P(ExactlyOnceContract, ARepeatInTheSameCommandIsADuplicate) {
  const auto outcomes =
      TrackAll(store(), subject_, {subject_.Event("e1", 5), subject_.Event("e1", 5)});
  EXPECT_FALSE(outcomes.at(0).duplicate);
  ExpectDuplicate(outcomes.at(1));
}

TEST_P(ExactlyOnceContract, ARepeatInALaterCommandIsADuplicate) {
  Track(subject_.Event("e1", 5));
  ExpectDuplicate(Track(subject_.Event("e1", 5)));
}

TEST_P(ExactlyOnceContract, ARepeatAfterReopeningIsADuplicate) {
  Track(subject_.Event("e1", 5));
  Reopen();
  ExpectDuplicate(Track(subject_.Event("e1", 5)));
}

TEST_P(ExactlyOnceContract, ARepeatOfAUuidIsADuplicate) {
  constexpr char kUuid[] = "018f2e4c-7d3a-7cc1-9a52-0242ac120002";
  Track(subject_.Event(kUuid, 5));
  Reopen();
  ExpectDuplicate(Track(subject_.Event(kUuid, 5)));
}

TEST_P(ExactlyOnceContract, ARepeatWithAnotherTimeIsADuplicate) {
  Track(subject_.Event("e1", 5));
  TrackEvent later = subject_.Event("e1", 5);
  later.time += 400 * kDay;
  ExpectDuplicate(Track(later));
}

TEST_P(ExactlyOnceContract, ARepeatThatWouldCountElsewhereIsADuplicate) {
  Track(subject_.Event("e1", 5));
  TrackEvent elsewhere = subject_.Event("e1", 5);
  TargetOf(elsewhere).counter.period = kDecember;
  EXPECT_TRUE(Track(elsewhere).duplicate);
  EXPECT_FALSE(ReadAccount(store(), subject_, {elsewhere.target->counter}).asked.at(0).has_value());
}

TEST_P(ExactlyOnceContract, ARepeatIsKnownBeforeItIsRefusedStaleOrOverLimit) {
  Track(subject_.Event("e1", 5));
  TrackEvent refused = subject_.Event("e1", 5);
  refused.refusal = 3;
  EXPECT_TRUE(Track(refused).duplicate);
  TrackEvent stale = subject_.Event("e1", 5);
  stale.customer_generation = 0;
  ExpectDuplicate(Track(stale));
  TrackEvent over = subject_.Event("e1", 5);
  TargetOf(over).limit = Units(0);
  TargetOf(over).total_max = Units(0);
  ExpectDuplicate(Track(over));
}

TEST_P(ExactlyOnceContract, OtherContentIsRefusedAndChangesNothing) {
  const Subject other = AddSubject(store(), "other");
  Track(subject_.Event("e1", 5));
  TrackEvent quantity = subject_.Event("e1", 6);
  TrackEvent feature = subject_.Event("e1", Units(5), subject_.Counter(0, FeatureNo{2}));
  TrackEvent customer = other.Event("e1", 5);
  TrackEvent unknown_feature = subject_.Event("e1", 5);
  unknown_feature.feature = FeatureNo{};
  unknown_feature.refusal = 1;
  EXPECT_THAT(TrackAll(store(), subject_, {quantity, feature, customer, unknown_feature}),
              Codes(std::vector(4, Code::kIdReused)));
  EXPECT_EQ(Total(), Units(5));
  EXPECT_TRUE(ReadAccount(store(), other).open.empty());
}

TEST_P(ExactlyOnceContract, OtherContentInTheSameCommandIsRefused) {
  EXPECT_THAT(TrackAll(store(), subject_, {subject_.Event("e1", 5), subject_.Event("e1", 6)}),
              Codes(std::vector{Code::kCounted, Code::kIdReused}));
}

TEST_P(ExactlyOnceContract, TenantsDoNotShareIds) {
  const Subject other = AddSubject(store(), "acme", TenantId{2});
  Track(subject_.Event("e1", 5));
  const TrackOutcome outcome = TrackOne(store(), other, other.Event("e1", 5));
  EXPECT_EQ(outcome.code, Code::kCounted);
  EXPECT_FALSE(outcome.duplicate);
}

TEST_P(ExactlyOnceContract, FortyCallersWithOneIdCountOnce) {
  std::atomic<int> first = 0;
  InParallel(40, [&](int) {
    if (!Track(subject_.Event("e1", 5)).duplicate) ++first;
  });
  EXPECT_EQ(first, 1);
  EXPECT_EQ(Total(), Units(5));
}

// A reason for which an event is not counted, and its outcome. The id must be free afterwards.
struct NotCounted {
  const char* name;
  Code code;
  std::function<void(TrackEvent&)> spoil;
};

class UnclaimedContract : public ExactlyOnceContract {
 protected:
  void ExpectClaimsNothing(const NotCounted& row) {
    SCOPED_TRACE(row.name);
    TrackEvent spoilt = subject_.Event(row.name, 5);
    row.spoil(spoilt);
    const Account before = ReadAccount(store(), subject_);
    EXPECT_EQ(Track(spoilt).code, row.code);
    EXPECT_EQ(ReadAccount(store(), subject_).usage_version, before.usage_version);

    TrackEvent other_content = subject_.Event(row.name, 1);
    const TrackOutcome counted = Track(other_content);
    EXPECT_EQ(counted.code, Code::kCounted);
    EXPECT_FALSE(counted.duplicate);
  }
};
OWO_FOR_EVERY_STORE(UnclaimedContract);

TEST_P(UnclaimedContract, AnEventThatIsNotCountedLeavesItsIdFree) {
  const std::vector<NotCounted> rows = {
      {"refused", Code::kRefused, [](TrackEvent& e) { e.refusal = 7; }},
      {"stale", Code::kStale, [](TrackEvent& e) { e.customer_generation = 0; }},
      {"conflict", Code::kConflict,
       [](TrackEvent& e) { TargetOf(e).expected_usage_version = 1000; }},
      {"out of range", Code::kOutOfRange, [](TrackEvent& e) { TargetOf(e).total_max = Units(4); }},
      {"below zero", Code::kBelowZero, [](TrackEvent& e) { e.quantity = Units(-1000); }},
      {"over limit", Code::kOverLimit, [](TrackEvent& e) { TargetOf(e).limit = Units(4); }},
  };
  for (const NotCounted& row : rows) ExpectClaimsNothing(row);
  Reopen();
  EXPECT_EQ(Total(), Units(static_cast<int64_t>(rows.size())));
}

}  // namespace
}  // namespace owo::storage
