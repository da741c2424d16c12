// Event ids are remembered forever. An event that was not counted does not use up its id.

#include <gtest/gtest.h>

#include <string>

#include "tests/support/ledger.h"
#include "tests/support/store.h"

namespace owo::ledger {
namespace {

class RepeatedEventTest : public ::testing::Test {
 protected:
  RepeatedEventTest() {
    ledger_.AddCustomer("ada", "pro");
    ledger_.AddCustomer("bob", "pro");
    ledger_.Advance(absl::Hours(2));
  }

  TestLedger ledger_{
      CatalogOf(PlanOf("pro", {PerUnit("calls", "5", "10"), Blocking("seats", "3")}))};
};

TEST_F(RepeatedEventTest, ARepeatHasNoEffectAndSaysSo) {
  const UsageEvent event = EventOf("ada", "calls", "3", "e");
  const TrackResult first = ledger_.TrackOne(event);
  EXPECT_TRUE(first.recorded && !first.duplicate);
  EXPECT_EQ(first.event_id, "e");
  const TrackResult again = ledger_.TrackOne(event);
  EXPECT_TRUE(again.recorded && again.duplicate);
  EXPECT_EQ(again.code, TrackCode::kTracked);
  EXPECT_EQ(again.event_id, "e");
  EXPECT_EQ(again.period->usage, D("3"));
}

TEST_F(RepeatedEventTest, ARepeatAnswersTheFirstCode) {
  ledger_.TrackOne(EventOf("ada", "calls", "5", "within"));
  ledger_.TrackOne(EventOf("ada", "calls", "1", "over"));
  EXPECT_EQ(ledger_.TrackOne(EventOf("ada", "calls", "5", "within")).code, TrackCode::kTracked);
  EXPECT_EQ(ledger_.TrackOne(EventOf("ada", "calls", "1", "over")).code,
            TrackCode::kTrackedOverage);
}

TEST_F(RepeatedEventTest, AnotherTimeDoesNotMakeAnotherEvent) {
  ledger_.TrackOne(EventOf("ada", "calls", "3", "e", "2026-11-15T12:30:00Z"));
  EXPECT_TRUE(
      ledger_.TrackOne(EventOf("ada", "calls", "3", "e", "2026-11-15T13:00:00Z")).duplicate);
  EXPECT_TRUE(ledger_.TrackOne(EventOf("ada", "calls", "3", "e")).duplicate);
}

TEST_F(RepeatedEventTest, ItIsKnownAfterARestartAndAYear) {
  ledger_.TrackOne(EventOf("ada", "calls", "3", "e", "2026-11-15T12:30:00Z"));
  ledger_.Reopen();
  EXPECT_TRUE(ledger_.TrackOne(EventOf("ada", "calls", "3", "e")).duplicate);
  ledger_.Advance(absl::Hours(24) * 365);
  EXPECT_TRUE(ledger_.TrackOne(EventOf("ada", "calls", "3", "e")).duplicate);
  EXPECT_TRUE(
      ledger_.TrackOne(EventOf("ada", "calls", "3", "e", "2026-11-15T12:30:00Z")).duplicate);
}

TEST_F(RepeatedEventTest, OtherContentIsRefused) {
  ledger_.TrackOne(EventOf("ada", "calls", "1", "e"));
  for (const UsageEvent& other :
       {EventOf("ada", "calls", "2", "e"), EventOf("ada", "seats", "1", "e"),
        EventOf("bob", "calls", "1", "e"), EventOf("ada", "calls", "-1", "e"),
        EventOf("ada", "calls", "1.000000000001", "e")}) {
    const TrackResult result = ledger_.TrackOne(other);
    EXPECT_EQ(result.code, TrackCode::kRejected);
    EXPECT_THAT(result.error, RefusedAs(Reason::kEventIdReused));
    EXPECT_EQ(ValueIn(result.error, "event_id"), "e");
    EXPECT_FALSE(result.recorded);
  }
  EXPECT_EQ(ledger_.History("ada").rows.size(), 1);
}

TEST_F(RepeatedEventTest, QuantitiesAreComparedAsNumbers) {
  ledger_.TrackOne(EventOf("ada", "calls", "1", "e"));
  EXPECT_TRUE(ledger_.TrackOne(EventOf("ada", "calls", "1.0", "e")).duplicate);
  EXPECT_TRUE(ledger_.TrackOne(EventOf("ada", "calls", "001.000000000000", "e")).duplicate);
}

TEST_F(RepeatedEventTest, PropertiesAreNotContent) {
  ledger_.TrackOne(EventOf("ada", "calls", "1", "e"));
  UsageEvent with = EventOf("ada", "calls", "1", "e");
  with.properties = "region=eu";
  EXPECT_TRUE(ledger_.TrackOne(with).duplicate);
}

TEST_F(RepeatedEventTest, ACustomerKeepsItsEventsUnderAnotherName) {
  ledger_.TrackOne(EventOf("ada", "calls", "1", "e"));
  Must(ledger_.Update("ada", {.id = "lovelace"}));
  EXPECT_TRUE(ledger_.TrackOne(EventOf("lovelace", "calls", "1", "e")).duplicate);
}

TEST_F(RepeatedEventTest, ARefusedEventClaimsNothing) {
  EXPECT_EQ(ledger_.TrackOne(EventOf("ada", "seats", "4", "e")).code, TrackCode::kLimitExceeded);
  EXPECT_EQ(ledger_.TrackOne(EventOf("ada", "seats", "4", "e")).event_id, "");
  const TrackResult smaller = ledger_.TrackOne(EventOf("ada", "seats", "3", "e"));
  EXPECT_TRUE(smaller.recorded && !smaller.duplicate);

  Must(ledger_.Create({.id = "cleo"}));
  const UsageEvent early = EventOf("cleo", "calls", "1", "early");
  EXPECT_EQ(ledger_.TrackOne(early).code, TrackCode::kNoActiveSubscription);
  ledger_.MoveTo("cleo", "pro");
  EXPECT_FALSE(ledger_.TrackOne(early).duplicate);

  const UsageEvent ahead = EventOf("ada", "calls", "1", "ahead", "2026-11-15T15:00:00Z");
  EXPECT_THAT(ledger_.TrackOne(ahead).error, RefusedAs(Reason::kEventInFuture));
  ledger_.Advance(absl::Hours(1));
  EXPECT_FALSE(ledger_.TrackOne(ahead).duplicate);
}

TEST_F(RepeatedEventTest, WithoutAnIdTheServerMakesOne) {
  const TrackResult first = ledger_.Use("ada", "calls", "1");
  const TrackResult second = ledger_.Use("ada", "calls", "1");
  EXPECT_EQ(second.period->usage, D("2"));
  EXPECT_NE(first.event_id, second.event_id);
  EXPECT_TRUE(ledger_.TrackOne(EventOf("ada", "calls", "1", first.event_id)).duplicate);
}

TEST_F(RepeatedEventTest, OfTwentyConcurrentRepeatsOneCounts) {
  std::atomic<int> counted = 0;
  storage::InParallel(20, [&](int) {
    const TrackResult result = ledger_.TrackOne(EventOf("ada", "calls", "1", "e"));
    EXPECT_TRUE(result.recorded);
    counted += result.duplicate ? 0 : 1;
  });
  EXPECT_EQ(counted, 1);
  EXPECT_EQ(ledger_.History("ada").rows.at(0).counter.events, 1);
}

}  // namespace
}  // namespace owo::ledger
