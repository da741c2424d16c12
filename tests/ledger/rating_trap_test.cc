// Numeric mistakes that other billing systems have made.

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "tests/support/ledger.h"

namespace owo::ledger {
namespace {

// Bills ada for `quantities` of "calls" on a plan in `currency`.
storage::MinorUnits CostOf(const PlanFeatureSpec& calls, const std::vector<std::string>& quantities,
                           std::string_view currency = "USD") {
  TestLedger ledger(CatalogOf(PlanOf("pro", {calls}, currency)));
  ledger.AddCustomer("ada", "pro");
  std::vector<UsageEvent> events;
  for (const std::string& quantity : quantities) {
    events.push_back(EventOf("ada", "calls", quantity));
  }
  for (const TrackResult& result : Must(ledger.Track(events))) EXPECT_TRUE(result.recorded);
  const storage::MinorUnits cost = ledger.Unbilled("ada");
  if (cost > 0) {
    EXPECT_EQ(ledger.Bill("ada").total(), cost);
  }
  return cost;
}

TEST(RatingTrapTest, UnlimitedIsNotAnAllowanceOfZero) {
  EXPECT_EQ(CostOf(PerUnit("calls", kUnlimited, "10"), {"1000000"}), 0);
}

TEST(RatingTrapTest, YenHaveNoHundredth) {
  EXPECT_EQ(CostOf(UsageBased("calls", "100"), {"3"}, "JPY"), 300);
  TestLedger ledger(CatalogOf(PlanOf("pro", {UsageBased("calls", "100")}, "JPY")));
  ledger.AddCustomer("ada", "pro");
  EXPECT_EQ(Must(ledger.Usage("ada")).currency.exponent(), 0);
}

TEST(RatingTrapTest, TenthsAddUpToAWhole) {
  EXPECT_EQ(CostOf(UsageBased("calls", "10"), {"0.1", "0.2"}), 3);
  EXPECT_EQ(CostOf(Package("calls", "0.3", "10", "1"), {"0.1", "0.2"}), 0);
}

TEST(RatingTrapTest, FractionsOfACentAreRoundedOnceNotPerEvent) {
  EXPECT_EQ(CostOf(UsageBased("calls", "0.004"), std::vector<std::string>(1000, "1")), 4);
}

TEST(RatingTrapTest, TiersAreSummedBeforeTheRounding) {
  // 0.4 + 0.4 + 0.4 cents: rounding each tier would give 0.
  EXPECT_EQ(CostOf(Graduated("calls", "0", {"1: 0.4", "2: 0.4", ": 0.4"}), {"3"}), 1);
}

TEST(RatingTrapTest, AUnitPriceIsNotRoundedBeforeItIsMultiplied) {
  EXPECT_EQ(CostOf(UsageBased("calls", "0.000015"), {"1000000000"}), 15000);
}

TEST(RatingTrapTest, UsagePastTheLastBoundIsCharged) {
  EXPECT_EQ(CostOf(Graduated("calls", "0", {"10: 100", ": 1"}), {"1000000"}), 1000 + 999990);
}

TEST(RatingTrapTest, HalfACentIsACent) {
  EXPECT_EQ(CostOf(UsageBased("calls", "0.5"), {"1"}), 1);
  EXPECT_EQ(CostOf(UsageBased("calls", "0.5"), {"3"}), 2);
}

// Usage that cannot be rated would block every later invoice, so it is refused.
TEST(RatingTrapTest, AHugeQuantityNeverBlocksAnInvoice) {
  TestLedger ledger(
      CatalogOf(PlanOf("pro", {UsageBased("calls", "999999999999"), PerUnit("seats", "0", "1")})));
  ledger.AddCustomer("ada", "pro");
  EXPECT_TRUE(ledger.Use("ada", "calls", "100000").recorded);
  const TrackResult refused = ledger.Use("ada", "calls", "1000000000000");
  EXPECT_THAT(refused.error, RefusedAs(Reason::kQuantityOutOfRange));
  EXPECT_THAT(ledger.Check(EventOf("ada", "calls", "1000000000000")),
              RefusedAs(Reason::kQuantityOutOfRange));
  EXPECT_EQ(ledger.Bill("ada").total(), 99'999'999'999'900'000);
  for (int i = 0; i < 999; ++i) {
    ASSERT_TRUE(ledger.Use("ada", "seats", "1000000000000").recorded);
  }
  EXPECT_THAT(ledger.Use("ada", "seats", "1000000000000").error,
              RefusedAs(Reason::kQuantityOutOfRange));
  EXPECT_EQ(ledger.Bill("ada").total(), 999'000'000'000'000);
}

TEST(RatingTrapTest, AnInvoiceTooLargeForItsAmountIsMadeInParts) {
  std::vector<PlanFeatureSpec> features;
  for (int i = 100; i < 200; ++i) {
    features.push_back(UsageBased("f" + std::to_string(i), "1000000"));
  }
  TestLedger ledger(CatalogOf(PlanOf("pro", features)));
  ledger.AddCustomer("ada", "pro");
  for (const PlanFeatureSpec& feature : features) {
    ASSERT_TRUE(ledger.Use("ada", feature.feature, "100000000000").recorded);
  }
  constexpr int64_t kEach = 100'000'000'000'000'000;
  const storage::InvoiceRecord first = ledger.Bill("ada");
  const storage::InvoiceRecord second = ledger.Bill("ada");
  EXPECT_EQ(first.lines_size() + second.lines_size(), 100);
  EXPECT_EQ(first.total(), first.lines_size() * kEach);
  EXPECT_EQ(second.total(), second.lines_size() * kEach);
  EXPECT_THAT(ledger.Invoice({.customer = "ada"}), RefusedAs(Reason::kNoUnbilledUsage));
}

TEST(RatingTrapTest, ChargesDoNotResetHourly) {
  TestLedger ledger;
  EXPECT_THAT(ledger.Sync(CatalogOf(
                  PlanOf("pro", {Resetting(UsageBased("calls", "1"), rating::Interval::kHour)}))),
              RefusesField("plans[0].features[0].reset_interval"));
}

}  // namespace
}  // namespace owo::ledger
