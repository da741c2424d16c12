// If several reasons apply to an event, the first in the list of reasons is given: customer, known
// event id, event time, feature, subscription, plan, quantity and limit.

#include <gtest/gtest.h>

#include "tests/support/ledger.h"
#include "tests/support/store.h"

namespace owo::ledger {
namespace {

constexpr char kFuture[] = "2026-11-15T12:05:01Z";
constexpr char kLongAgo[] = "2026-10-11T11:59:59Z";

class PrecedenceTest : public ::testing::Test {
 protected:
  PrecedenceTest() {
    ledger_.AddCustomer("ada", "pro");
    ledger_.AddCustomer("gone", "pro");
    ledger_.TrackOne(EventOf("ada", "calls", "1", "known"));
    ledger_.Advance(absl::Minutes(1));
    Must(ledger_.Cancel({.customer = "gone"}));
    ledger_.Advance(absl::Minutes(-1));
  }
  static CatalogSpec PrecedenceCatalog() {
    return CatalogOf(
        {PlanOf("pro", {Blocking("calls", "10")}), PlanOf("max", {Blocking("x", "1")})});
  }
  Reason ReasonFor(const UsageEvent& event) {
    const TrackResult result = ledger_.TrackOne(event);
    EXPECT_EQ(result.code, TrackCode::kRejected);
    return RefusalOf(result.error).reason;
  }

  TestLedger ledger_{PrecedenceCatalog()};
};

TEST_F(PrecedenceTest, CustomerComesBeforeTheKnownId) {
  EXPECT_EQ(ReasonFor(EventOf("nobody", "calls", "1", "known")), Reason::kCustomerNotFound);
}

TEST_F(PrecedenceTest, KnownIdComesBeforeEverythingElse) {
  EXPECT_EQ(ReasonFor(EventOf("ada", "no-such", "-5", "known", kFuture)), Reason::kEventIdReused);
  EXPECT_EQ(ReasonFor(EventOf("gone", "calls", "99", "known", kLongAgo)), Reason::kEventIdReused);
}

TEST_F(PrecedenceTest, ARepeatIsKnownWhateverElseIsWrong) {
  for (const char* const time : {kFuture, kLongAgo}) {
    const TrackResult result = ledger_.TrackOne(EventOf("ada", "calls", "1", "known", time));
    EXPECT_TRUE(result.duplicate);
    EXPECT_EQ(result.code, TrackCode::kTracked);
  }
  ledger_.MoveTo("ada", "max");  // this plan does not have the feature
  EXPECT_TRUE(ledger_.TrackOne(EventOf("ada", "calls", "1", "known")).duplicate);
  ledger_.Advance(absl::Hours(1));
  Must(ledger_.Cancel({.customer = "ada"}));
  EXPECT_TRUE(ledger_.TrackOne(EventOf("ada", "calls", "1", "known")).duplicate);
}

TEST_F(PrecedenceTest, TimeComesBeforeTheFeature) {
  EXPECT_EQ(ReasonFor(EventOf("ada", "no-such", "-1", "", kFuture)), Reason::kEventInFuture);
  EXPECT_EQ(ReasonFor(EventOf("ada", "no-such", "-1", "", kLongAgo)), Reason::kEventTooOld);
}

TEST_F(PrecedenceTest, FeatureComesBeforeTheSubscription) {
  ledger_.Advance(absl::Hours(1));
  EXPECT_EQ(ReasonFor(EventOf("gone", "no-such", "-1")), Reason::kFeatureNotFound);
}

TEST_F(PrecedenceTest, SubscriptionComesBeforeThePlanAndThePlanBeforeTheQuantity) {
  ledger_.Advance(absl::Hours(1));
  const TrackResult gone = ledger_.TrackOne(EventOf("gone", "x", "-1"));
  EXPECT_EQ(gone.code, TrackCode::kNoActiveSubscription);
  EXPECT_FALSE(gone.recorded || gone.allowed() || gone.period != nullptr);
  const TrackResult not_in_plan = ledger_.TrackOne(EventOf("ada", "x", "-1"));
  EXPECT_EQ(not_in_plan.code, TrackCode::kFeatureNotInPlan);
  EXPECT_FALSE(not_in_plan.recorded || not_in_plan.allowed() || not_in_plan.period != nullptr);
}

TEST_F(PrecedenceTest, QuantityComesBeforeTheLimit) {
  ledger_.Use("ada", "calls", "9");
  EXPECT_EQ(ReasonFor(EventOf("ada", "calls", "-1")), Reason::kQuantityOutOfRange);
  for (int i = 0; i < 999; ++i) {
    UsageEvent event = EventOf("ada", "calls", "1000000000000");
    event.record_always = true;
    ASSERT_TRUE(ledger_.TrackOne(event).recorded);
  }
  EXPECT_EQ(ReasonFor(EventOf("ada", "calls", "1000000000000")), Reason::kQuantityOutOfRange);
}

TEST_F(PrecedenceTest, TimeBoundsAreInclusive) {
  EXPECT_TRUE(ledger_.Use("ada", "calls", "1", "2026-11-15T12:05:00Z").recorded);
  // 35 days ago is accepted as a time; the customer had no plan then.
  EXPECT_EQ(ledger_.Use("ada", "calls", "1", "2026-10-11T12:00:00Z").code,
            TrackCode::kNoActiveSubscription);
}

TEST(EventAgeTest, ZeroIsNoBound) {
  TestLedger ledger(CatalogOf(PlanOf("pro", {Blocking("calls", "10")})), {.event_age_max = 0});
  Must(ledger.Create({.id = "ada"}));
  Must(ledger.Subscribe({.customer = "ada", .plan = "pro", .start = At("1999-01-01T00:00:00Z")}));
  EXPECT_TRUE(ledger.Use("ada", "calls", "1", "2001-01-01T00:00:00Z").recorded);
}

TEST(EventAgeTest, TheRefusalSaysTimeAndBound) {
  TestLedger ledger(CatalogOf(PlanOf("pro", {Blocking("calls", "10")})),
                    {.event_age_max = storage::kDay});
  ledger.AddCustomer("ada", "pro");
  const TrackResult result = ledger.Use("ada", "calls", "1", "2026-11-14T11:00:00Z");
  EXPECT_THAT(result.error, RefusedAs(Reason::kEventTooOld));
  EXPECT_EQ(ValueIn(result.error, "event_time"), "2026-11-14T11:00:00+00:00");
  EXPECT_EQ(ValueIn(result.error, "event_age_max"), "24h");
}

}  // namespace
}  // namespace owo::ledger
