// An allowance is granted once per period, regardless of plan changes within it.

#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <vector>

#include "tests/support/ledger.h"

namespace owo::ledger {
namespace {

// The segments of a feature's newest period, in order.
class Segments {
 public:
  Segments(TestLedger& ledger, std::string_view customer, std::string_view feature)
      : page_(ledger.History(customer, feature)) {
    std::reverse(page_.rows.begin(), page_.rows.end());
  }
  size_t size() const { return page_.rows.size(); }
  rating::Decimal free(size_t i) const { return page_.rows.at(i).rated.free; }
  rating::Decimal billable(size_t i) const { return page_.rows.at(i).rated.billable; }
  storage::MinorUnits cost(size_t i) const { return page_.rows.at(i).rated.cost; }

 private:
  UsagePage page_;
};

// One plan for each element of `calls`, with these terms for "calls". The plans are named "a", "b"
// …
CatalogSpec PlansOf(const std::vector<PlanFeatureSpec>& calls) {
  std::vector<PlanSpec> plans;
  for (const PlanFeatureSpec& feature : calls) {
    plans.push_back(PlanOf(std::string(1, static_cast<char>('a' + plans.size())), {feature}));
  }
  return CatalogOf(plans);
}

TEST(AllowanceTest, UpgradeKeepsWhatTheFirstPlanGranted) {
  TestLedger ledger(PlansOf({PerUnit("calls", "100", "1"), PerUnit("calls", "10000", "1")}));
  ledger.AddCustomer("ada", "a");
  ledger.Use("ada", "calls", "5000");
  ledger.Advance(absl::Hours(1));
  ledger.MoveTo("ada", "b");
  ledger.Use("ada", "calls", "10000");
  const Segments segments(ledger, "ada", "calls");
  ASSERT_EQ(segments.size(), 2);
  EXPECT_EQ(segments.billable(0), D("4900"));
  EXPECT_EQ(segments.billable(1), D("100"));
  EXPECT_EQ(ledger.Bill("ada").total(), 5000);
}

TEST(AllowanceTest, DowngradeGrantsNoMoreThanIsLeft) {
  TestLedger ledger(PlansOf({PerUnit("calls", "100", "1"), PerUnit("calls", "50", "1")}));
  ledger.AddCustomer("ada", "a");
  ledger.Use("ada", "calls", "80");
  ledger.Advance(absl::Hours(1));
  ledger.MoveTo("ada", "b");
  ledger.Use("ada", "calls", "7");
  const Segments segments(ledger, "ada", "calls");
  EXPECT_EQ(segments.free(0), D("80"));
  EXPECT_EQ(segments.free(1), D("0"));
  EXPECT_EQ(ledger.Unbilled("ada"), 7);
}

TEST(AllowanceTest, LateUsageInTheFirstSegmentCorrectsTheSecond) {
  TestLedger ledger(PlansOf({PerUnit("calls", "100", "10"), PerUnit("calls", "100", "20")}));
  ledger.SetNow("2026-11-05T00:00:00Z");
  ledger.AddCustomer("ada", "a");
  ledger.Use("ada", "calls", "50");
  ledger.SetNow("2026-11-15T00:00:00Z");
  ledger.MoveTo("ada", "b");
  ledger.Use("ada", "calls", "60");
  EXPECT_EQ(ledger.Bill("ada").total(), 10 * 20);

  ledger.Use("ada", "calls", "30", "2026-11-06T00:00:00Z");
  const auto usage = Must(ledger.Usage("ada"));
  const Statement& statement = usage.statement;
  // The late units are free, and 30 later ones are not any more.
  ASSERT_EQ(statement.rows.size(), 1);
  EXPECT_EQ(statement.rows[0].counter->key.segment, 1);
  EXPECT_EQ(ToDecimal(statement.rows[0].adds.usage), D("0"));
  EXPECT_EQ(ToDecimal(statement.rows[0].adds.free), D("-30"));
  EXPECT_EQ(ToDecimal(statement.rows[0].adds.billable), D("30"));
  EXPECT_EQ(ledger.Bill("ada").total(), 30 * 20);
  EXPECT_EQ(Segments(ledger, "ada", "calls").cost(1), 40 * 20);
}

TEST(AllowanceTest, ThreePlansInOnePeriodShareTheLargest) {
  TestLedger ledger(PlansOf(
      {PerUnit("calls", "10", "1"), PerUnit("calls", "30", "1"), PerUnit("calls", "20", "1")}));
  ledger.AddCustomer("ada", "a");
  ledger.Use("ada", "calls", "15");
  ledger.Advance(absl::Hours(1));
  ledger.MoveTo("ada", "b");
  ledger.Use("ada", "calls", "15");
  ledger.Advance(absl::Hours(1));
  ledger.MoveTo("ada", "c");
  ledger.Use("ada", "calls", "15");
  const Segments segments(ledger, "ada", "calls");
  EXPECT_EQ(segments.free(0), D("10"));
  EXPECT_EQ(segments.free(1), D("15"));
  EXPECT_EQ(segments.free(2), D("0"));  // 25 are already granted, more than the plan's 20
}

TEST(AllowanceTest, UsageBasedGrantsNothingAndUnlimitedTakesNothing) {
  TestLedger ledger(PlansOf(
      {UsageBased("calls", "1"), PerUnit("calls", kUnlimited, "1"), PerUnit("calls", "10", "1")}));
  ledger.AddCustomer("ada", "a");
  for (const char* plan : {"a", "b", "c"}) {
    ledger.MoveTo("ada", plan);
    ledger.Use("ada", "calls", "40");
    ledger.Advance(absl::Hours(1));
  }
  const Segments segments(ledger, "ada", "calls");
  EXPECT_EQ(segments.free(0), D("0"));
  EXPECT_EQ(segments.free(1), D("40"));
  EXPECT_EQ(segments.free(2), D("10"));
}

TEST(AllowanceTest, TiersAndPackagesStartAnewInEachSegment) {
  TestLedger ledger(
      PlansOf({Graduated("calls", "0", {"10: 100", ": 1"}),
               Graduated("calls", "0", {"10: 100", ": 1"}), Package("calls", "0", "500", "10")}));
  ledger.AddCustomer("ada", "a");
  for (const char* plan : {"a", "b", "c"}) {
    ledger.MoveTo("ada", plan);
    ledger.Use("ada", "calls", "11");
    ledger.Advance(absl::Hours(1));
  }
  const Segments segments(ledger, "ada", "calls");
  EXPECT_EQ(segments.cost(0), 1001);
  EXPECT_EQ(segments.cost(1), 1001);
  EXPECT_EQ(segments.cost(2), 1000);
}

TEST(AllowanceTest, NextPeriodGrantsItAgain) {
  TestLedger ledger(PlansOf({PerUnit("calls", "100", "1")}));
  ledger.AddCustomer("ada", "a");
  ledger.Use("ada", "calls", "120");
  ledger.SetNow("2026-12-01T00:00:00Z");
  ledger.Use("ada", "calls", "120");
  EXPECT_EQ(ledger.Bill("ada").lines_size(), 2);
  EXPECT_EQ(Segments(ledger, "ada", "calls").cost(1), 20);
}

// A later segment's limit is what the earlier segments left of it; late usage there reduces it.
TEST(AllowanceTest, BlockingLimitOfALaterSegmentShrinksWithLateUsage) {
  TestLedger ledger(PlansOf({Blocking("calls", "100"), Blocking("calls", "100")}));
  ledger.SetNow("2026-11-05T00:00:00Z");
  ledger.AddCustomer("ada", "a");
  ledger.Use("ada", "calls", "10");
  ledger.SetNow("2026-11-15T00:00:00Z");
  ledger.MoveTo("ada", "b");
  EXPECT_EQ(ledger.Use("ada", "calls", "91").code, TrackCode::kLimitExceeded);
  const TrackResult fits = ledger.Use("ada", "calls", "20");
  EXPECT_EQ(fits.code, TrackCode::kTracked);
  EXPECT_EQ(fits.period->usage, D("30"));  // of the whole period
  EXPECT_EQ(fits.period->limit, D("100"));
  EXPECT_EQ(fits.period->balance, D("70"));

  EXPECT_EQ(ledger.Use("ada", "calls", "40", "2026-11-06T00:00:00Z").code, TrackCode::kTracked);
  EXPECT_EQ(ledger.Use("ada", "calls", "31").code, TrackCode::kLimitExceeded);
  EXPECT_EQ(ledger.Use("ada", "calls", "30").code, TrackCode::kTracked);
  EXPECT_EQ(ledger.Use("ada", "calls", "0.000000000001").code, TrackCode::kLimitExceeded);
}

}  // namespace
}  // namespace owo::ledger
