// A spend cap bounds the cost of usage in a billing period, including that of the checked event.

#include <gtest/gtest.h>

#include <atomic>
#include <string>
#include <vector>

#include "tests/support/ledger.h"
#include "tests/support/store.h"

namespace owo::ledger {
namespace {

using rating::Interval;

class SpendCapTest : public ::testing::Test {
 protected:
  void Cap(storage::MinorUnits cap) { Must(ledger_.Update("ada", {.spend_cap = cap})); }
  TrackCode Use(std::string_view feature, std::string_view quantity, std::string_view time = "") {
    return ledger_.Use("ada", feature, quantity, time).code;
  }

  TestLedger ledger_{
      CatalogOf({PlanOf("pro", {PerUnit("calls", "5", "10"), UsageBased("bytes", "0.5"),
                                Blocking("seats", "10")}),
                 PlanOf("max", {PerUnit("calls", "5", "20"), UsageBased("bytes", "0.5")})})};
};

TEST_F(SpendCapTest, IsCheckedWithTheEventIncluded) {
  ledger_.AddCustomer("ada", "pro");
  Cap(100);
  // 110, which only the check after adding shows.
  EXPECT_EQ(Use("calls", "16"), TrackCode::kLimitExceeded);
  EXPECT_EQ(Use("calls", "15"), TrackCode::kTrackedOverage);
  EXPECT_EQ(Use("calls", "1"), TrackCode::kLimitExceeded);
  EXPECT_EQ(ledger_.Unbilled("ada"), 100);
}

TEST_F(SpendCapTest, BoundsTheSumOfAllFeatures) {
  ledger_.AddCustomer("ada", "pro");
  Cap(100);
  EXPECT_EQ(Use("calls", "10"), TrackCode::kTrackedOverage);
  EXPECT_EQ(Use("bytes", "100"), TrackCode::kTrackedOverage);
  EXPECT_EQ(Use("bytes", "1"), TrackCode::kLimitExceeded);  // half a cent rounds up to one
  EXPECT_EQ(Use("calls", "1"), TrackCode::kLimitExceeded);
}

TEST_F(SpendCapTest, DoesNotStopWhatCostsNothing) {
  ledger_.AddCustomer("ada", "pro");
  Cap(0);
  EXPECT_EQ(Use("calls", "5"), TrackCode::kTracked);
  EXPECT_EQ(Use("seats", "10"), TrackCode::kTracked);
  EXPECT_EQ(Use("calls", "1"), TrackCode::kLimitExceeded);
  EXPECT_EQ(Use("calls", "0.01"), TrackCode::kTrackedOverage);  // a tenth of a cent
  EXPECT_EQ(Use("calls", "0.1"), TrackCode::kLimitExceeded);
}

TEST_F(SpendCapTest, IsExactUnderSixtyFourCallers) {
  ledger_.AddCustomer("ada", "pro");
  Cap(100);
  std::atomic<int> counted = 0;
  storage::InParallel(64, [&](int i) {
    const TrackCode code = Use(i % 2 == 0 ? "calls" : "bytes", i % 2 == 0 ? "1" : "20");
    if (code == TrackCode::kLimitExceeded) return;
    ++counted;
  });
  const storage::MinorUnits cost = ledger_.Unbilled("ada");
  EXPECT_LE(cost, 100);
  EXPECT_GT(cost, 90);  // each event costs at most 10, so none was refused that would have fit
  size_t events = 0;
  for (const UsageRow& row : ledger_.History("ada").rows) events += row.counter.events;
  EXPECT_EQ(counted, events);
}

TEST_F(SpendCapTest, InvoicesDoNotMakeRoom) {
  ledger_.AddCustomer("ada", "pro");
  Cap(100);
  Use("calls", "15");
  EXPECT_EQ(ledger_.Bill("ada").total(), 100);
  EXPECT_EQ(Use("calls", "1"), TrackCode::kLimitExceeded);
}

TEST_F(SpendCapTest, StartsAnewWithTheNextBillingPeriod) {
  ledger_.AddCustomer("ada", "pro");
  Cap(100);
  Use("calls", "15");
  ledger_.SetNow("2026-12-01T00:00:00Z");
  EXPECT_EQ(Use("calls", "15"), TrackCode::kTrackedOverage);
  EXPECT_EQ(Use("calls", "1"), TrackCode::kLimitExceeded);
  EXPECT_EQ(Use("calls", "1", "2026-11-30T00:00:00Z"), TrackCode::kLimitExceeded);
}

TEST_F(SpendCapTest, CountsAllPlansOfThePeriod) {
  ledger_.AddCustomer("ada", "pro");
  Cap(100);
  EXPECT_EQ(Use("calls", "10"), TrackCode::kTrackedOverage);
  ledger_.Advance(absl::Hours(1));
  ledger_.MoveTo("ada", "max");
  EXPECT_EQ(Use("calls", "3"), TrackCode::kLimitExceeded);
  EXPECT_EQ(Use("calls", "2"), TrackCode::kTrackedOverage);
  EXPECT_EQ(Use("bytes", "20"), TrackCode::kTrackedOverage);
  EXPECT_EQ(ledger_.Unbilled("ada"), 100);
}

TEST_F(SpendCapTest, RecordAlwaysPassesIt) {
  ledger_.AddCustomer("ada", "pro");
  Cap(100);
  UsageEvent event = EventOf("ada", "calls", "500");
  event.record_always = true;
  EXPECT_TRUE(ledger_.TrackOne(event).recorded);
  EXPECT_EQ(Use("calls", "1"), TrackCode::kLimitExceeded);
}

TEST_F(SpendCapTest, CanBeRaisedAndLifted) {
  ledger_.AddCustomer("ada", "pro");
  Cap(10);
  EXPECT_EQ(Use("calls", "7"), TrackCode::kLimitExceeded);
  Cap(20);
  EXPECT_EQ(Use("calls", "7"), TrackCode::kTrackedOverage);
  Must(ledger_.Update("ada", {.spend_cap = std::optional<storage::MinorUnits>()}));
  EXPECT_EQ(Use("calls", "1000"), TrackCode::kTrackedOverage);
}

TEST_F(SpendCapTest, HoldsForAWholeBatchAndItsRepeats) {
  ledger_.AddCustomer("ada", "pro");
  Cap(100);
  std::vector<UsageEvent> events;
  for (int i = 0; i < 30; ++i) events.push_back(EventOf("ada", "calls", "1", std::to_string(i)));
  const auto first = Must(ledger_.Track(events));
  for (int i = 0; i < 30; ++i) EXPECT_EQ(first[i].recorded, i < 15) << i;
  const auto again = Must(ledger_.Track(events));
  for (int i = 0; i < 30; ++i) EXPECT_EQ(again[i].duplicate, i < 15) << i;
  EXPECT_EQ(ledger_.Unbilled("ada"), 100);
}

// The first plan's free units leave none for the second, also when another feature is checked.
TEST(SharedSpendCapTest, SeesWhatABlockingSegmentTookOfTheAllowance) {
  TestLedger ledger(CatalogOf({PlanOf("a", {Blocking("calls", "100")}),
                               PlanOf("b", {PerUnit("calls", "100", "1"), UsageBased("x", "1")})}));
  Must(ledger.Create({.id = "ada", .spend_cap = 60}));
  ledger.MoveTo("ada", "a");
  ledger.Use("ada", "calls", "100");
  ledger.Advance(absl::Hours(1));
  ledger.MoveTo("ada", "b");
  EXPECT_EQ(ledger.Use("ada", "calls", "50").code, TrackCode::kTrackedOverage);
  EXPECT_EQ(ledger.Use("ada", "x", "11").code, TrackCode::kLimitExceeded);
  EXPECT_EQ(ledger.Use("ada", "x", "10").code, TrackCode::kTrackedOverage);
  EXPECT_EQ(ledger.Unbilled("ada"), 60);
}

// Late usage that is free takes free units from a later segment, which then costs more.
TEST(SharedSpendCapTest, ChecksWhatLateUsageMakesLaterSegmentsCost) {
  TestLedger ledger(CatalogOf(
      {PlanOf("a", {Blocking("calls", "100")}), PlanOf("b", {PerUnit("calls", "100", "1")})}));
  ledger.SetNow("2026-11-05T00:00:00Z");
  Must(ledger.Create({.id = "ada", .spend_cap = 60}));
  ledger.MoveTo("ada", "a");
  ledger.SetNow("2026-11-15T00:00:00Z");
  ledger.MoveTo("ada", "b");
  EXPECT_EQ(ledger.Use("ada", "calls", "130").code, TrackCode::kTrackedOverage);
  EXPECT_EQ(ledger.Use("ada", "calls", "31", "2026-11-06T00:00:00Z").code,
            TrackCode::kLimitExceeded);
  EXPECT_EQ(ledger.Use("ada", "calls", "30", "2026-11-06T00:00:00Z").code, TrackCode::kTracked);
  EXPECT_EQ(ledger.Unbilled("ada"), 60);
}

TEST(SharedSpendCapTest, CountsEveryWeekOfAMonthThatBeganOnAWeeklyPlan) {
  PlanSpec weekly = PlanOf("weekly", {Resetting(UsageBased("calls", "1"), Interval::kWeek)});
  weekly.interval = Interval::kWeek;
  TestLedger ledger(CatalogOf({weekly, PlanOf("monthly", {UsageBased("calls", "1")})}));
  ledger.SetNow("2026-11-02T00:00:00Z");
  Must(ledger.Create({.id = "ada", .spend_cap = 60}));
  ledger.MoveTo("ada", "weekly");
  EXPECT_TRUE(ledger.Use("ada", "calls", "20").recorded);
  ledger.SetNow("2026-11-09T00:00:00Z");
  EXPECT_TRUE(ledger.Use("ada", "calls", "30").recorded);
  ledger.SetNow("2026-11-16T00:00:00Z");
  ledger.MoveTo("ada", "monthly");
  EXPECT_EQ(ledger.Use("ada", "calls", "11").code, TrackCode::kLimitExceeded);
  EXPECT_EQ(ledger.Use("ada", "calls", "10").code, TrackCode::kTrackedOverage);
}

}  // namespace
}  // namespace owo::ledger
