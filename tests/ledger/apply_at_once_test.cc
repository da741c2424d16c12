// When a plan's newest version takes effect, and how a later sync moves subscriptions that still
// wait for their billing period.

#include <gtest/gtest.h>

#include <functional>
#include <string>

#include "tests/support/ledger.h"

namespace owo::ledger {
namespace {

class ApplyAtOnceTest : public ::testing::Test {
 protected:
  static CatalogSpec Priced(std::string_view price, bool at_once) {
    CatalogSpec spec = CatalogOf(PlanOf("pro", {UsageBased("calls", price)}));
    spec.at_once = at_once;
    return spec;
  }
  // Syncs an hour later, and returns the change of the plan.
  CatalogChange Sync(std::string_view price, bool at_once = false) {
    ledger_.Advance(absl::Hours(1));
    return Must(ledger_.Sync(Priced(price, at_once))).value.back();
  }
  storage::MinorUnits PriceOf(std::string_view customer, std::string_view time = "") {
    const storage::MinorUnits before = ledger_.Unbilled(customer);
    EXPECT_TRUE(ledger_.Use(customer, "calls", "1", time).recorded);
    return ledger_.Unbilled(customer) - before;
  }

  TestLedger ledger_{Priced("10", false)};
};

TEST_F(ApplyAtOnceTest, MovesSubscriptionsToAVersionMadeBefore) {
  ledger_.AddCustomer("ada", "pro");
  const storage::Micros made = Sync("20").effective.value();
  EXPECT_EQ(PriceOf("ada"), 10);
  const CatalogChange change = Sync("20", /*at_once=*/true);
  EXPECT_EQ(change.action, CatalogAction::kUpdated);
  EXPECT_EQ(change.version, 2);
  EXPECT_EQ(change.effective, ledger_.now());
  EXPECT_EQ(PriceOf("ada"), 20);
  EXPECT_EQ(PriceOf("ada", "2026-11-15T13:30:00Z"), 10);
  ASSERT_EQ(Must(ledger_.Subscriptions("ada")).at(0).plan_version, 2);

  // The version itself is as it was.
  const auto catalog = Must(ledger_.parts().directory.GetCatalog(storage::kReadAll, kTenant));
  EXPECT_EQ(catalog->FindPlan("pro")->versions.size(), 2);
  EXPECT_EQ(catalog->FindPlan("pro")->newest().effective, made);
}

TEST_F(ApplyAtOnceTest, OnceIsEnough) {
  ledger_.AddCustomer("ada", "pro");
  Sync("20");
  const storage::Micros moved = Sync("20", /*at_once=*/true).effective.value();
  for (const bool at_once : {true, false}) {
    const CatalogChange again = Sync("20", at_once);
    EXPECT_EQ(again.action, CatalogAction::kUnchanged);
    EXPECT_EQ(again.version, 2);
    EXPECT_EQ(again.effective == moved, at_once);
  }
  EXPECT_EQ(Must(ledger_.store().ReadCatalog(storage::kReadAll, kTenant)).generation(), 3);
}

TEST_F(ApplyAtOnceTest, WhereNoSubscriptionWaitsThereIsNothingToDo) {
  ledger_.AddCustomer("ada", "pro");
  EXPECT_EQ(Sync("10", /*at_once=*/true).action, CatalogAction::kUnchanged);
  Sync("20", /*at_once=*/true);
  EXPECT_EQ(Sync("20", /*at_once=*/true).action, CatalogAction::kUnchanged);
}

TEST_F(ApplyAtOnceTest, ValidateOnlySaysItAndMovesNothing) {
  ledger_.AddCustomer("ada", "pro");
  Sync("20");
  ledger_.Advance(absl::Hours(1));
  CatalogSpec spec = Priced("20", /*at_once=*/true);
  spec.validate_only = true;
  const CatalogChange change = Must(ledger_.Sync(spec)).value.back();
  EXPECT_EQ(change.action, CatalogAction::kUpdated);
  EXPECT_EQ(change.version, 2);
  EXPECT_EQ(change.effective, ledger_.now());
  EXPECT_EQ(PriceOf("ada"), 10);
}

TEST_F(ApplyAtOnceTest, TheNextBillingPeriodMayComeFirst) {
  ledger_.AddCustomer("ada", "pro");
  Sync("20");
  ledger_.SetNow("2026-12-10T00:00:00Z");
  EXPECT_EQ(PriceOf("ada"), 20);
  Sync("20", /*at_once=*/true);
  EXPECT_EQ(PriceOf("ada", "2026-12-01T00:00:00Z"), 20);
  EXPECT_EQ(PriceOf("ada", "2026-11-30T23:59:59Z"), 10);
  EXPECT_EQ(ledger_.History("ada").rows.size(), 2);
}

TEST_F(ApplyAtOnceTest, OvertakesAllVersionsThatWait) {
  ledger_.AddCustomer("ada", "pro");
  Sync("20");
  Sync("30");
  Sync("30", /*at_once=*/true);
  EXPECT_EQ(PriceOf("ada"), 30);
  EXPECT_EQ(PriceOf("ada", "2026-11-15T14:30:00Z"), 10);
  ledger_.SetNow("2026-12-01T00:00:00Z");
  EXPECT_EQ(PriceOf("ada"), 30);
}

TEST_F(ApplyAtOnceTest, NeverAppliesToUsageThatWasCountedBefore) {
  ledger_.AddCustomer("ada", "pro");
  Sync("20");
  ledger_.Advance(absl::Hours(1));
  EXPECT_EQ(PriceOf("ada", "2026-11-15T14:04:00Z"), 10);
  const CatalogChange change = Must(ledger_.Sync(Priced("20", /*at_once=*/true))).value.back();
  EXPECT_EQ(change.effective, At("2026-11-15T14:04:00Z") + 1);
  EXPECT_EQ(ledger_.Unbilled("ada"), 10);
  EXPECT_EQ(PriceOf("ada", "2026-11-15T14:04:00Z"), 10);
  EXPECT_EQ(PriceOf("ada", "2026-11-15T14:04:00.000001Z"), 20);
}

TEST_F(ApplyAtOnceTest, NeverAppliesToUsageThatIsCountedMeanwhile) {
  ledger_.AddCustomer("ada", "pro");
  Sync("20");
  ledger_.Advance(absl::Hours(1));
  ledger_.store().BeforeNextCommit([this] { ledger_.Use("ada", "calls", "1"); });
  const CatalogChange change = Must(ledger_.Sync(Priced("20", true))).value.back();
  EXPECT_GT(change.effective, ledger_.now());
  EXPECT_EQ(ledger_.Unbilled("ada"), 10);
}

TEST_F(ApplyAtOnceTest, IsNotLostAndVerifies) {
  ledger_.AddCustomer("ada", "pro");
  PriceOf("ada");
  Sync("20");
  PriceOf("ada");
  Sync("20", /*at_once=*/true);
  PriceOf("ada");
  EXPECT_EQ(ledger_.Bill("ada").total(), 40);
  ledger_.Reopen();
  EXPECT_EQ(PriceOf("ada"), 20);
  EXPECT_EQ(ledger_.Verify().differences(), 0);
  EXPECT_EQ(PriceOf("ada"), 20);
}

// ---- effective_at in the answer.

TEST_F(ApplyAtOnceTest, APlanSaysFromWhenItHolds) {
  const storage::Micros first = ledger_.now();
  const CatalogChange unchanged = Sync("10");
  EXPECT_EQ(unchanged.action, CatalogAction::kUnchanged);
  EXPECT_EQ(unchanged.effective, first);
  const CatalogChange updated = Sync("20");
  EXPECT_EQ(updated.effective, ledger_.now());
  const storage::Micros second = ledger_.now();
  EXPECT_EQ(Sync("20").effective, second);
  const auto features = Must(ledger_.Sync(Priced("20", false))).value;
  EXPECT_EQ(features.front().effective, std::nullopt);  // a feature changes immediately
}

TEST_F(ApplyAtOnceTest, ARepeatSaysFromWhenItHolds) {
  CatalogSpec spec = Priced("20", false);
  spec.request = {.id = "r", .fingerprint = "a"};
  ledger_.Advance(absl::Hours(1));
  const storage::Micros made = Must(ledger_.Sync(spec)).value.back().effective.value();
  EXPECT_EQ(made, ledger_.now());
  ledger_.Advance(absl::Hours(1));
  const auto again = Must(ledger_.Sync(spec));
  EXPECT_TRUE(again.replayed);
  EXPECT_EQ(again.value.back().effective, made);
}

// Usage of one customer ahead of the clock delays the version for all customers until just after
// it, at most five minutes.
TEST_F(ApplyAtOnceTest, UsageAheadOfTheClockDelaysItByMinutesAtMost) {
  ledger_.AddCustomer("ada", "pro");
  ledger_.AddCustomer("bob", "pro");
  ledger_.Advance(absl::Hours(1));
  UsageEvent event = EventOf("bob", "calls", "1");
  event.time = ledger_.now() + kEventAheadMax;
  EXPECT_TRUE(ledger_.TrackOne(event).recorded);
  event = EventOf("bob", "calls", "1");
  event.time = ledger_.now() + kEventAheadMax + 1;
  EXPECT_FALSE(ledger_.TrackOne(event).recorded);

  const CatalogChange change = Must(ledger_.Sync(Priced("20", true))).value.back();
  EXPECT_EQ(change.effective, ledger_.now() + kEventAheadMax + 1);
  EXPECT_EQ(PriceOf("ada"), 10);
  ledger_.SetNow(*change.effective);
  EXPECT_EQ(PriceOf("ada"), 20);
  EXPECT_EQ(PriceOf("bob"), 20);
}

TEST_F(ApplyAtOnceTest, UsageThatKeepsComingDelaysItByAMomentMore) {
  ledger_.AddCustomer("bob", "pro");
  ledger_.Advance(absl::Hours(1));
  int left = 20;
  std::function<void()> use = [&] {
    UsageEvent event = EventOf("bob", "calls", "1");
    event.time = ledger_.now() + kEventAheadMax - left;
    EXPECT_TRUE(ledger_.TrackOne(event).recorded);
    if (--left > 0) ledger_.store().BeforeNextCommit(use);
  };
  ledger_.store().BeforeNextCommit(use);
  const CatalogChange change = Must(ledger_.Sync(Priced("20", true))).value.back();
  EXPECT_LE(change.effective, ledger_.now() + kEventAheadMax + 1 + kEffectiveDelayMax);
}

// Only subscriptions with such usage need the delay, so a new one takes the version immediately.
TEST_F(ApplyAtOnceTest, NewSubscriptionsTakeItWithoutDelay) {
  ledger_.AddCustomer("bob", "pro");
  ledger_.Use("bob", "calls", "1", "2026-11-15T12:04:00Z");
  Must(ledger_.Sync(Priced("20", false)));
  ledger_.AddCustomer("ada", "pro");
  EXPECT_EQ(Must(ledger_.Subscriptions("ada")).at(0).plan_version, 2);
  EXPECT_EQ(PriceOf("ada"), 20);
  EXPECT_EQ(ledger_.History("ada").rows.at(0).counter.key.segment, 0);
  ledger_.SetNow("2026-11-25T00:00:00Z");
  EXPECT_EQ(PriceOf("ada"), 20);
  EXPECT_EQ(ledger_.History("ada").rows.size(), 1);
  EXPECT_EQ(PriceOf("bob"), 10);
  EXPECT_EQ(ledger_.Verify().differences(), 0);
}

TEST_F(ApplyAtOnceTest, ANewSubscriptionDatedBackHasTheVersionsOfThen) {
  ledger_.AddCustomer("bob", "pro");
  ledger_.Use("bob", "calls", "1", "2026-11-15T12:04:00Z");
  Must(ledger_.Sync(Priced("20", false)));
  ledger_.Advance(absl::Minutes(1));
  Must(ledger_.Create({.id = "ada"}));
  Must(ledger_.Subscribe({.customer = "ada", .plan = "pro", .start = At("2026-11-10T00:00:00Z")}));
  EXPECT_EQ(PriceOf("ada", "2026-11-15T12:00:59Z"), 10);
  EXPECT_EQ(PriceOf("ada", "2026-11-15T12:01:00Z"), 20);
}

// ---- Records from before subscriptions stored their newest version, and versions with a later
// move.

// Returns from when the second version of a plan, effective on November 20, holds for a
// subscription that started on November 1.
storage::Micros SecondHoldsFrom(bool at_once, std::string_view created) {
  storage::CatalogRecord stored;
  storage::PlanRecord& plan = *stored.add_plans();
  plan.set_number(1);
  plan.set_currency("USD");
  plan.set_interval(static_cast<uint32_t>(CodeOf(rating::Interval::kMonth)));
  plan.add_versions()->set_version(1);
  storage::PlanVersionRecord& second = *plan.add_versions();
  second.set_version(2);
  second.set_effective_us(At("2026-11-20T00:00:00Z"));
  second.set_at_once(at_once);
  storage::ContractRecord contract;
  contract.add_zones()->set_zone("UTC");
  contract.mutable_zones(0)->set_since_us(INT64_MIN);
  storage::SubscriptionRecord& subscription = *contract.add_subscriptions();
  subscription.set_number(1);
  subscription.set_plan(1);
  subscription.set_start_us(At("2026-11-01T00:00:00Z"));
  subscription.set_end_us(storage::kForever);
  subscription.set_created_us(At(created));
  TestLedger empty;
  const Catalog::Ptr none =
      Must(Catalog::Read(storage::kReadAll, empty.store(), kTenant, /*known=*/nullptr));
  const Catalog::Ptr catalog = Must(none->With(stored));
  const Timeline timeline = Must(Timeline::Of(contract, *catalog));
  EXPECT_EQ(timeline.spans().size(), 2);
  return timeline.spans().back().start;
}

TEST(OldRecordsTest, VersionsHoldFromWhereTheyDid) {
  EXPECT_EQ(SecondHoldsFrom(false, "2026-11-01T00:00:00Z"), At("2026-12-01T00:00:00Z"));
  EXPECT_EQ(SecondHoldsFrom(true, "2026-11-01T00:00:00Z"), At("2026-11-20T00:00:00Z"));
  EXPECT_EQ(SecondHoldsFrom(false, "2026-11-25T00:00:00Z"), At("2026-11-20T00:00:00Z"));
}

}  // namespace
}  // namespace owo::ledger
