// Plan versions: new subscriptions take the newest immediately, existing ones at their next billing
// period, or immediately if the sync requests it; never before its commit.

#include <gtest/gtest.h>

#include <string>

#include "tests/support/ledger.h"

namespace owo::ledger {
namespace {

class PlanVersionTest : public ::testing::Test {
 protected:
  static CatalogSpec Priced(std::string_view price, bool at_once = false) {
    CatalogSpec spec = CatalogOf(PlanOf("pro", {UsageBased("calls", price)}));
    spec.at_once = at_once;
    return spec;
  }
  // Syncs a microsecond later.
  void Sync(std::string_view price, bool at_once = false) {
    ledger_.Advance(absl::Microseconds(1));
    Must(ledger_.Sync(Priced(price, at_once)));
  }
  // Returns what one more call costs the customer.
  storage::MinorUnits PriceOf(std::string_view customer, std::string_view time = "") {
    const storage::MinorUnits before = ledger_.Unbilled(customer);
    EXPECT_TRUE(ledger_.Use(customer, "calls", "1", time).recorded);
    return ledger_.Unbilled(customer) - before;
  }
  uint32_t VersionOf(const char* customer) {
    return Must(ledger_.Subscriptions(customer)).at(0).plan_version;
  }

  TestLedger ledger_{Priced("10")};
};

TEST_F(PlanVersionTest, ExistingSubscriptionsMoveAtTheirNextBillingPeriod) {
  ledger_.AddCustomer("ada", "pro");
  ledger_.Advance(absl::Hours(1));
  Sync("20");
  EXPECT_EQ(PriceOf("ada"), 10);
  EXPECT_EQ(VersionOf("ada"), 1);
  ledger_.SetNow("2026-11-30T23:59:59Z");
  EXPECT_EQ(PriceOf("ada"), 10);
  ledger_.SetNow("2026-12-01T00:00:00Z");
  EXPECT_EQ(PriceOf("ada"), 20);
  EXPECT_EQ(VersionOf("ada"), 2);
  EXPECT_EQ(PriceOf("ada", "2026-11-30T12:00:00Z"), 10);
}

TEST_F(PlanVersionTest, NewSubscriptionsTakeItAtOnce) {
  ledger_.AddCustomer("ada", "pro");
  ledger_.Advance(absl::Hours(1));
  Sync("20");
  ledger_.AddCustomer("bob", "pro");
  EXPECT_EQ(PriceOf("bob"), 20);
  EXPECT_EQ(VersionOf("bob"), 2);
  EXPECT_EQ(PriceOf("ada"), 10);
}

TEST_F(PlanVersionTest, AtOnceBeginsASegmentInTheMiddleOfThePeriod) {
  ledger_.AddCustomer("ada", "pro");
  PriceOf("ada");
  ledger_.Advance(absl::Hours(1));
  Sync("20", /*at_once=*/true);
  EXPECT_EQ(PriceOf("ada"), 20);
  EXPECT_EQ(PriceOf("ada", "2026-11-15T12:30:00Z"), 10);
  EXPECT_EQ(VersionOf("ada"), 2);
  const storage::InvoiceRecord invoice = ledger_.Bill("ada");
  ASSERT_EQ(invoice.lines_size(), 2);
  EXPECT_EQ(invoice.lines(0).plan_version(), 1);
  EXPECT_EQ(invoice.lines(0).unit_price(), "10");
  EXPECT_EQ(invoice.lines(1).plan_version(), 2);
  EXPECT_EQ(invoice.lines(1).unit_price(), "20");
  EXPECT_EQ(invoice.lines(1).period_start_us(), At("2026-11-01T00:00:00Z"));
}

TEST_F(PlanVersionTest, AtOnceOvertakesAChangeThatWaits) {
  ledger_.AddCustomer("ada", "pro");
  Sync("20");
  ledger_.Advance(absl::Hours(1));
  Sync("30", /*at_once=*/true);
  EXPECT_EQ(PriceOf("ada"), 30);
  ledger_.SetNow("2026-12-01T00:00:00Z");
  EXPECT_EQ(PriceOf("ada"), 30);
}

TEST_F(PlanVersionTest, OfTwoChangesThatWaitTheNewerCounts) {
  ledger_.AddCustomer("ada", "pro");
  Sync("20");
  Sync("30");
  EXPECT_EQ(PriceOf("ada"), 10);
  ledger_.SetNow("2026-12-01T00:00:00Z");
  EXPECT_EQ(PriceOf("ada"), 30);
  EXPECT_EQ(ledger_.History("ada").rows.at(0).counter.key.segment, 0);
}

TEST_F(PlanVersionTest, AChangeAtAPeriodsFirstInstantCountsFromThere) {
  ledger_.AddCustomer("ada", "pro");
  ledger_.SetNow("2026-11-30T23:59:59.999999Z");
  Sync("20");
  EXPECT_EQ(ledger_.now(), At("2026-12-01T00:00:00Z"));
  EXPECT_EQ(PriceOf("ada"), 20);
}

// Counted usage keeps its price, even if its time is slightly ahead of the clock.
TEST_F(PlanVersionTest, NeverAppliesToUsageThatWasCountedBefore) {
  ledger_.AddCustomer("ada", "pro");
  EXPECT_EQ(PriceOf("ada", "2026-11-15T12:04:00Z"), 10);
  Sync("20", /*at_once=*/true);
  EXPECT_EQ(ledger_.Unbilled("ada"), 10);
  EXPECT_EQ(PriceOf("ada", "2026-11-15T12:04:00Z"), 10);
  EXPECT_EQ(PriceOf("ada", "2026-11-15T12:04:00.000001Z"), 20);
}

// A backdated subscription has the versions that were in force at each time.
TEST_F(PlanVersionTest, ABackdatedSubscriptionHasTheVersionsOfThen) {
  ledger_.SetNow("2026-11-19T23:59:59.999999Z");
  Sync("20");
  ledger_.SetNow("2026-11-25T00:00:00Z");
  Must(ledger_.Create({.id = "ada"}));
  Must(ledger_.Subscribe({.customer = "ada", .plan = "pro", .start = At("2026-11-18T00:00:00Z")}));
  EXPECT_EQ(PriceOf("ada", "2026-11-19T00:00:00Z"), 10);
  EXPECT_EQ(PriceOf("ada", "2026-11-20T00:00:00Z"), 20);
  Sync("30");
  EXPECT_EQ(PriceOf("ada"), 20);
}

TEST_F(PlanVersionTest, AScheduledSubscriptionBeginsWithTheNewest) {
  Must(ledger_.Create({.id = "ada"}));
  Must(ledger_.Subscribe({.customer = "ada", .plan = "pro", .start = At("2026-11-20T00:00:00Z")}));
  Sync("20");
  EXPECT_EQ(VersionOf("ada"), 2);
  ledger_.SetNow("2026-11-20T00:00:00Z");
  EXPECT_EQ(PriceOf("ada"), 20);
}

TEST_F(PlanVersionTest, AFeatureCanLeaveAPlan) {
  ledger_.AddCustomer("ada", "pro");
  PriceOf("ada");
  CatalogSpec spec = CatalogOf(PlanOf("pro", {UsageBased("bytes", "1")}));
  spec.allow_feature_removal = true;
  Must(ledger_.Sync(spec));
  EXPECT_TRUE(ledger_.Use("ada", "calls", "1").recorded);
  ledger_.SetNow("2026-12-01T00:00:00Z");
  EXPECT_EQ(ledger_.Use("ada", "calls", "1").code, TrackCode::kFeatureNotInPlan);
  EXPECT_EQ(ledger_.Bill("ada").total(), 20);
}

TEST_F(PlanVersionTest, NothingOfThisIsLostByARestart) {
  ledger_.AddCustomer("ada", "pro");
  Sync("20");
  ledger_.Advance(absl::Hours(1));
  ledger_.Reopen();
  EXPECT_EQ(PriceOf("ada"), 10);
  ledger_.SetNow("2026-12-01T00:00:00Z");
  ledger_.Reopen();
  EXPECT_EQ(PriceOf("ada"), 20);
}

}  // namespace
}  // namespace owo::ledger
