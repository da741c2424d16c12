// Ending subscriptions. Usage so far remains billable.

#include <gtest/gtest.h>

#include <string>

#include "tests/support/ledger.h"

namespace owo::ledger {
namespace {

class CancelTest : public ::testing::Test {
 protected:
  CancelTest() { ledger_.AddCustomer("ada", "pro"); }

  absl::StatusOr<Answered<ChangedSubscription>> Cancel(std::string_view end = "") {
    CancelParams params{.customer = "ada"};
    if (!end.empty()) params.end = At(end);
    return ledger_.Cancel(params);
  }
  absl::StatusOr<Answered<ChangedSubscription>> CancelAtPeriodEnd() {
    return ledger_.Cancel({.customer = "ada", .at_period_end = true});
  }
  TrackCode Use(std::string_view time = "") { return ledger_.Use("ada", "calls", "1", time).code; }

  TestLedger ledger_{CatalogOf(
      {PlanOf("pro", {UsageBased("calls", "10")}), PlanOf("max", {UsageBased("calls", "5")})})};
};

TEST_F(CancelTest, NowEndsTracking) {
  ledger_.Advance(absl::Hours(1));
  const SubscriptionView view = Must(Cancel()).value;
  EXPECT_EQ(view.record.end_us(), ledger_.now());
  EXPECT_EQ(view.status, SubscriptionStatus::kEnded);
  EXPECT_EQ(Use(), TrackCode::kNoActiveSubscription);
  // The subscription was in force then.
  EXPECT_EQ(Use("2026-11-15T12:30:00Z"), TrackCode::kTrackedOverage);
}

TEST_F(CancelTest, UnbilledUsageStaysVisibleAndIsInvoiced) {
  Use();
  ledger_.Advance(absl::Hours(1));
  Must(Cancel());
  EXPECT_EQ(ledger_.Unbilled("ada"), 10);
  ledger_.Advance(absl::Hours(24 * 60));
  ledger_.Reopen();
  EXPECT_EQ(ledger_.Unbilled("ada"), 10);
  EXPECT_EQ(Must(ledger_.Usage("ada")).currency.code(), "USD");
  EXPECT_EQ(ledger_.Bill("ada").total(), 10);
}

TEST_F(CancelTest, LaterEndsItThen) {
  Must(Cancel("2026-11-20T00:00:00Z"));
  ledger_.SetNow("2026-11-19T23:59:59Z");
  EXPECT_EQ(Use(), TrackCode::kTrackedOverage);
  ledger_.SetNow("2026-11-20T00:00:00Z");
  EXPECT_EQ(Use(), TrackCode::kNoActiveSubscription);
}

TEST_F(CancelTest, AtThePeriodsEndInTheCustomersZone) {
  Must(ledger_.Create({.id = "bob", .time_zone = "Africa/Lagos"}));
  ledger_.MoveTo("bob", "pro");
  const SubscriptionView view =
      Must(ledger_.Cancel({.customer = "bob", .at_period_end = true})).value;
  EXPECT_EQ(view.record.end_us(), At("2026-11-30T23:00:00Z"));
  EXPECT_EQ(Must(CancelAtPeriodEnd()).value.record.end_us(), At("2026-12-01T00:00:00Z"));
}

TEST_F(CancelTest, InThePastWhereNoUsageWasCounted) {
  ledger_.SetNow("2026-11-18T00:00:00Z");
  Use("2026-11-16T00:00:00Z");
  EXPECT_THAT(Cancel("2026-11-16T00:00:00Z"), RefusedAs(Reason::kUsageAfterChange));
  EXPECT_EQ(Must(Cancel("2026-11-17T00:00:00Z")).value.status, SubscriptionStatus::kEnded);
  EXPECT_EQ(ledger_.Unbilled("ada"), 10);
}

TEST_F(CancelTest, WithoutAnEndItEndsAfterUsageThatIsAhead) {
  Use("2026-11-15T12:04:00Z");
  EXPECT_EQ(Must(Cancel()).value.record.end_us(), At("2026-11-15T12:04:00Z") + 1);
  EXPECT_EQ(ledger_.Unbilled("ada"), 10);
}

TEST_F(CancelTest, UsageCountedWhileItIsDecidedIsNotMissed) {
  ledger_.Advance(absl::Hours(1));
  ledger_.store().BeforeNextCommit([this] { Use(); });
  EXPECT_GT(Must(Cancel()).value.record.end_us(), ledger_.now());
  EXPECT_EQ(ledger_.Unbilled("ada"), 10);
}

TEST_F(CancelTest, BeforeTheStartIsMalformed) {
  EXPECT_THAT(Cancel("2026-11-15T11:59:59Z"), RefusesField("end"));
}

TEST_F(CancelTest, WithoutASubscriptionThereIsNothingToCancel) {
  Must(ledger_.Create({.id = "bob"}));
  EXPECT_THAT(ledger_.Cancel({.customer = "bob"}), RefusedAs(Reason::kSubscriptionNotFound));
  EXPECT_THAT(ledger_.Cancel({.customer = "nobody"}), RefusedAs(Reason::kCustomerNotFound));
  ledger_.Advance(absl::Hours(1));
  Must(Cancel());
  EXPECT_THAT(Cancel(), RefusedAs(Reason::kSubscriptionNotFound));
}

TEST_F(CancelTest, OneThatEndsThenIsReturnedAsItIs) {
  const SubscriptionView first = Must(Cancel("2026-11-20T00:00:00Z")).value;
  EXPECT_EQ(Must(Cancel("2026-11-20T00:00:00Z")).value.id, first.id);
  ledger_.SetNow("2026-11-25T00:00:00Z");  // also after that time
  const SubscriptionView again = Must(Cancel("2026-11-20T00:00:00Z")).value;
  EXPECT_EQ(again.id, first.id);
  EXPECT_EQ(again.status, SubscriptionStatus::kEnded);
}

TEST_F(CancelTest, TheEndMayStillMove) {
  Must(Cancel("2026-11-20T00:00:00Z"));
  EXPECT_EQ(Must(Cancel("2026-11-25T00:00:00Z")).value.record.end_us(), At("2026-11-25T00:00:00Z"));
  EXPECT_EQ(Must(Cancel("2026-11-18T00:00:00Z")).value.record.end_us(), At("2026-11-18T00:00:00Z"));
}

TEST_F(CancelTest, MakesNoRoomForMoreSubscriptionsThanThereMayBe) {
  Must(ledger_.Create({.id = "bob"}));
  for (int subscriptions = 0; subscriptions < kSubscriptionsMax; ++subscriptions) {
    Must(ledger_.Subscribe({.customer = "bob", .plan = "pro"}));
    Must(ledger_.Cancel({.customer = "bob"}));
  }
  EXPECT_THAT(ledger_.Subscribe({.customer = "bob", .plan = "pro"}), RefusesField("plan"));
}

TEST_F(CancelTest, AScheduledSubscriptionNeverStarts) {
  Must(ledger_.Create({.id = "bob"}));
  const storage::Micros start = At("2026-12-01T00:00:00Z");
  Must(ledger_.Subscribe({.customer = "bob", .plan = "pro", .start = start}));
  const ChangedSubscription canceled = Must(ledger_.Cancel({.customer = "bob"})).value;
  EXPECT_EQ(canceled.record.end_us(), start);
  EXPECT_EQ(canceled.status, SubscriptionStatus::kCanceled);
  EXPECT_EQ(canceled.canceled.size(), 1);
  EXPECT_THAT(ledger_.Cancel({.customer = "bob"}), RefusedAs(Reason::kSubscriptionNotFound));
  ledger_.SetNow("2026-12-01T00:00:00Z");
  EXPECT_EQ(ledger_.Use("bob", "calls", "1").code, TrackCode::kNoActiveSubscription);
  ledger_.MoveTo("bob", "max");
  EXPECT_TRUE(ledger_.Use("bob", "calls", "1").recorded);
}

// Usage ahead of the clock delays an upgrade to just after it. Cancelling then ends the upgrade.
TEST_F(CancelTest, RightAfterAnUpgradeEndsTheNewOne) {
  Use("2026-11-15T12:04:00Z");
  const std::string upgraded = Must(ledger_.Subscribe({.customer = "ada", .plan = "max"})).value.id;
  EXPECT_EQ(Must(Cancel()).value.id, upgraded);
  ledger_.Advance(absl::Hours(1));
  EXPECT_EQ(Use(), TrackCode::kNoActiveSubscription);
}

TEST_F(CancelTest, SomebodyCanComeBack) {
  Use();
  ledger_.SetNow("2026-11-16T00:00:00Z");
  Must(Cancel());
  ledger_.SetNow("2026-11-20T00:00:00Z");
  ledger_.MoveTo("ada", "pro");
  EXPECT_EQ(Use(), TrackCode::kTrackedOverage);
  EXPECT_EQ(Use("2026-11-18T00:00:00Z"), TrackCode::kNoActiveSubscription);
  EXPECT_EQ(ledger_.Unbilled("ada"), 20);
}

}  // namespace
}  // namespace owo::ledger
