// Subscribing customers: one subscription at a time, never starting before counted usage.

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "tests/support/ledger.h"

namespace owo::ledger {
namespace {

class SubscriptionTest : public ::testing::Test {
 protected:
  SubscriptionTest() { Must(ledger_.Create({.id = "ada"})); }

  absl::StatusOr<Answered<ChangedSubscription>> Subscribe(std::string_view plan,
                                                          std::string_view start = "") {
    SubscribeParams params{.customer = "ada", .plan = std::string(plan)};
    if (!start.empty()) params.start = At(start);
    return ledger_.Subscribe(params);
  }
  std::vector<SubscriptionView> All() { return Must(ledger_.Subscriptions("ada")); }

  TestLedger ledger_{CatalogOf({PlanOf("free", {Blocking("calls", "10")}),
                                PlanOf("pro", {UsageBased("calls", "10")}),
                                PlanOf("euro", {UsageBased("calls", "10")}, "EUR")})};
};

TEST_F(SubscriptionTest, BeginsNow) {
  const SubscriptionView view = Must(Subscribe("pro")).value;
  EXPECT_EQ(view.plan, "pro");
  EXPECT_EQ(view.plan_version, 1);
  EXPECT_EQ(view.customer_id, "ada");
  EXPECT_EQ(view.status, SubscriptionStatus::kActive);
  EXPECT_EQ(view.record.start_us(), ledger_.now());
  EXPECT_EQ(view.record.end_us(), storage::kForever);
  EXPECT_EQ(Must(ledger_.Get("ada")).contract.currency(), "USD");
}

TEST_F(SubscriptionTest, AnUpgradeEndsTheOneBefore) {
  const std::string first = Must(Subscribe("free")).value.id;
  ledger_.Advance(absl::Hours(1));
  const std::string second = Must(Subscribe("pro")).value.id;
  EXPECT_NE(first, second);
  const std::vector<SubscriptionView> all = All();
  ASSERT_EQ(all.size(), 2);
  EXPECT_EQ(all[0].id, second);  // newest start first
  EXPECT_EQ(all[1].id, first);
  EXPECT_EQ(all[1].status, SubscriptionStatus::kEnded);
  EXPECT_EQ(all[1].record.end_us(), all[0].record.start_us());
}

TEST_F(SubscriptionTest, ToTheSamePlanIsReturnedAsItIs) {
  const SubscriptionView first = Must(Subscribe("pro")).value;
  ledger_.Advance(absl::Hours(1));
  const SubscriptionView again = Must(Subscribe("pro")).value;
  EXPECT_EQ(again.id, first.id);
  EXPECT_EQ(again.record.start_us(), first.record.start_us());
  EXPECT_EQ(All().size(), 1);
}

TEST_F(SubscriptionTest, MayBeginInThePastWhereNoUsageWasCounted) {
  Must(Subscribe("free", "2026-11-01T00:00:00Z"));
  EXPECT_TRUE(ledger_.Use("ada", "calls", "5", "2026-11-03T00:00:00Z").recorded);
  const auto refused = Subscribe("pro", "2026-11-03T00:00:00Z");
  EXPECT_THAT(refused, RefusedAs(Reason::kUsageAfterChange));
  EXPECT_EQ(ValueIn(refused.status(), "time"), "2026-11-03T00:00:00+00:00");
  EXPECT_TRUE(Subscribe("pro", "2026-11-03T00:00:00.000001Z").ok());
  EXPECT_TRUE(ledger_.Use("ada", "calls", "50").recorded);
  EXPECT_EQ(ledger_.Unbilled("ada"), 500);
}

TEST_F(SubscriptionTest, WithoutAStartItBeginsAfterUsageThatIsAhead) {
  Must(Subscribe("pro"));
  ledger_.Use("ada", "calls", "1", "2026-11-15T12:04:00Z");
  const SubscriptionView view = Must(Subscribe("free")).value;
  EXPECT_EQ(view.record.start_us(), At("2026-11-15T12:04:00Z") + 1);
  EXPECT_EQ(view.status, SubscriptionStatus::kScheduled);
  EXPECT_EQ(ledger_.Unbilled("ada"), 10);
}

TEST_F(SubscriptionTest, UsageCountedWhileItIsDecidedIsNotMissed) {
  Must(Subscribe("pro"));
  ledger_.Advance(absl::Hours(1));
  ledger_.store().BeforeNextCommit([this] { ledger_.Use("ada", "calls", "1"); });
  const SubscriptionView view = Must(Subscribe("free")).value;
  EXPECT_GT(view.record.start_us(), ledger_.now());
  EXPECT_EQ(ledger_.Unbilled("ada"), 10);

  const storage::Micros start = ledger_.now() + 60'000'000;
  ledger_.store().BeforeNextCommit([this, start] {
    UsageEvent event = EventOf("ada", "calls", "1");
    event.time = start;
    ledger_.TrackOne(event);
  });
  EXPECT_THAT(ledger_.Subscribe({.customer = "ada", .plan = "pro", .start = start}),
              RefusedAs(Reason::kUsageAfterChange));
}

// A change that was delayed past arriving usage is slightly ahead of the clock. The next change
// comes after it.
TEST_F(SubscriptionTest, MayChangeTwiceWhileUsageArrives) {
  Must(Subscribe("pro"));
  ledger_.store().BeforeNextCommit([this] { ledger_.Use("ada", "calls", "1"); });
  Must(Subscribe("free"));
  const SubscriptionView back = Must(Subscribe("pro")).value;
  EXPECT_EQ(All()[0].id, back.id);
  ledger_.Advance(absl::Seconds(1));
  EXPECT_EQ(ledger_.Use("ada", "calls", "100").code, TrackCode::kTrackedOverage);
}

TEST_F(SubscriptionTest, MayBeginLater) {
  const SubscriptionView view = Must(Subscribe("pro", "2026-12-10T00:00:00Z")).value;
  EXPECT_EQ(view.status, SubscriptionStatus::kScheduled);
  EXPECT_EQ(ledger_.Use("ada", "calls", "1").code, TrackCode::kNoActiveSubscription);
  ledger_.SetNow("2026-12-10T00:00:00Z");
  EXPECT_EQ(ledger_.Use("ada", "calls", "1").code, TrackCode::kTrackedOverage);
  EXPECT_EQ(All()[0].status, SubscriptionStatus::kActive);
  EXPECT_EQ(ledger_.Use("ada", "calls", "1", "2026-12-09T00:00:00Z").code,
            TrackCode::kNoActiveSubscription);
}

TEST_F(SubscriptionTest, AChangeMayBeScheduled) {
  Must(Subscribe("free"));
  Must(Subscribe("pro", "2026-11-20T00:00:00Z"));
  EXPECT_EQ(ledger_.Use("ada", "calls", "11").code, TrackCode::kLimitExceeded);
  ledger_.SetNow("2026-11-20T00:00:00Z");
  EXPECT_EQ(ledger_.Use("ada", "calls", "11").code, TrackCode::kTrackedOverage);
}

TEST_F(SubscriptionTest, MayNotOverlapOneThatIsScheduled) {
  const std::string scheduled = Must(Subscribe("pro", "2026-12-01T00:00:00Z")).value.id;
  const auto refused = Subscribe("free");
  EXPECT_THAT(refused, RefusedAs(Reason::kSubscriptionConflict));
  EXPECT_EQ(ValueIn(refused.status(), "subscription"), scheduled);
  EXPECT_EQ(All().size(), 1);
  EXPECT_TRUE(Subscribe("free", "2026-12-02T00:00:00Z").ok());
}

TEST_F(SubscriptionTest, TheFirstOneFixesTheCurrency) {
  EXPECT_EQ(Must(ledger_.Usage("ada")).currency.code(), "USD");  // the server's default
  Must(Subscribe("euro"));
  EXPECT_EQ(Must(ledger_.Usage("ada")).currency.code(), "EUR");
  ledger_.Advance(absl::Hours(1));
  const auto refused = Subscribe("pro");
  EXPECT_THAT(refused, RefusedAs(Reason::kCurrencyMismatch));
  EXPECT_EQ(ValueIn(refused.status(), "plan"), "pro");
  EXPECT_EQ(ValueIn(refused.status(), "plan_currency"), "USD");
  EXPECT_EQ(ValueIn(refused.status(), "customer_currency"), "EUR");
  EXPECT_EQ(All().size(), 1);
}

TEST_F(SubscriptionTest, TheDefaultCurrencyIsTheServers) {
  TestLedger ledger(CatalogSpec(), {.default_currency = "JPY"});
  Must(ledger.Create({.id = "bob"}));
  EXPECT_EQ(Must(ledger.Usage("bob")).currency.code(), "JPY");
}

TEST_F(SubscriptionTest, ReasonsAreGivenInTheirOrder) {
  EXPECT_THAT(ledger_.Subscribe({.customer = "nobody", .plan = "no-such"}),
              RefusedAs(Reason::kCustomerNotFound));
  EXPECT_THAT(Subscribe("no-such"), RefusedAs(Reason::kPlanNotFound));
  Must(Subscribe("free", "2026-11-01T00:00:00Z"));
  ledger_.Use("ada", "calls", "1");
  EXPECT_THAT(Subscribe("no-such", "2026-11-10T00:00:00Z"), RefusedAs(Reason::kUsageAfterChange));
  EXPECT_THAT(Subscribe("euro", "2026-11-10T00:00:00Z"), RefusedAs(Reason::kUsageAfterChange));
  Must(Subscribe("pro", "2026-12-01T00:00:00Z"));
  EXPECT_THAT(Subscribe("no-such", "2026-11-10T00:00:00Z"),
              RefusedAs(Reason::kSubscriptionConflict));
}

TEST_F(SubscriptionTest, EachPlanOfAMonthHasItsOwnSegment) {
  Must(Subscribe("free", "2026-11-01T00:00:00Z"));
  ledger_.Use("ada", "calls", "10");
  ledger_.Advance(absl::Hours(1));
  Must(Subscribe("pro"));
  ledger_.Use("ada", "calls", "7");
  const UsagePage history = ledger_.History("ada");
  ASSERT_EQ(history.rows.size(), 2);
  EXPECT_EQ(history.rows[0].counter.key.segment, 1);
  EXPECT_EQ(history.rows[0].rated.context.plan->slug, "pro");
  EXPECT_EQ(history.rows[0].subscription_id, All()[0].id);
  EXPECT_EQ(history.rows[1].subscription_id, All()[1].id);
  EXPECT_EQ(ledger_.Unbilled("ada"), 70);
}

TEST_F(SubscriptionTest, KeepsItsMetadata) {
  Must(ledger_.Subscribe({.customer = "ada", .plan = "pro", .metadata = {{"seat", "3"}}}));
  EXPECT_EQ(All()[0].record.metadata().at("seat"), "3");
}

}  // namespace
}  // namespace owo::ledger
