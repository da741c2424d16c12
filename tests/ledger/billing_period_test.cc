// Which calendar period usage counts in, and how that affects invoices.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "tests/support/ledger.h"

namespace owo::ledger {
namespace {

using rating::Interval;
using ::testing::ElementsAre;

PlanSpec Billed(Interval interval, std::vector<PlanFeatureSpec> features) {
  PlanSpec plan = PlanOf("pro", std::move(features));
  plan.interval = interval;
  return plan;
}

std::vector<std::string> PeriodLabels(TestLedger& ledger) {
  std::vector<std::string> labels;
  for (const UsageRow& row : ledger.History("ada").rows) labels.push_back(row.period.label);
  return labels;
}

TEST(BillingPeriodTest, UsageCountsInThePeriodOfItsTime) {
  TestLedger ledger(CatalogOf(PlanOf("pro", {PerUnit("calls", "1", "10")})));
  ledger.SetNow("2026-11-01T00:00:00Z");
  ledger.AddCustomer("ada", "pro");
  ledger.SetNow("2026-12-01T00:00:00Z");
  ledger.Use("ada", "calls", "2", "2026-11-30T23:59:59.999999Z");
  ledger.Use("ada", "calls", "2", "2026-12-01T00:00:00Z");
  EXPECT_THAT(PeriodLabels(ledger), ElementsAre("2026-12", "2026-11"));
  EXPECT_EQ(ledger.Bill("ada").total(), 20);  // each month has its own allowance
}

TEST(BillingPeriodTest, PlansAreBilledByTheirInterval) {
  const auto labels = [](Interval interval) {
    TestLedger ledger(
        CatalogOf(Billed(interval, {Resetting(UsageBased("calls", "10"), interval)})));
    ledger.AddCustomer("ada", "pro");
    ledger.Use("ada", "calls", "1");
    ledger.SetNow("2026-11-16T00:00:00Z");
    ledger.Use("ada", "calls", "1");
    ledger.SetNow("2027-01-01T00:00:00Z");
    ledger.Use("ada", "calls", "1");
    return PeriodLabels(ledger);
  };
  EXPECT_THAT(labels(Interval::kWeek), ElementsAre("2026-W53", "2026-W47", "2026-W46"));
  EXPECT_THAT(labels(Interval::kQuarter), ElementsAre("2027-Q1", "2026-Q4"));
  EXPECT_THAT(labels(Interval::kYear), ElementsAre("2027", "2026"));
}

TEST(BillingPeriodTest, ACustomersPeriodsBeginInItsZone) {
  TestLedger ledger(CatalogOf(PlanOf("pro", {UsageBased("calls", "10")})));
  Must(ledger.Create({.id = "ada", .time_zone = "Africa/Lagos"}));
  ledger.MoveTo("ada", "pro");
  ledger.SetNow("2026-11-30T23:00:00Z");
  ledger.Use("ada", "calls", "1", "2026-11-30T22:59:59Z");
  ledger.Use("ada", "calls", "1");
  EXPECT_THAT(PeriodLabels(ledger), ElementsAre("2026-12", "2026-11"));
  const storage::LineRecord line = ledger.Bill("ada").lines(1);
  EXPECT_EQ(line.time_zone(), "Africa/Lagos");
  EXPECT_EQ(line.period_start_us(), At("2026-11-30T23:00:00Z"));
}

TEST(BillingPeriodTest, WhatNeverResetsIsBilledByDifferenceEachMonth) {
  TestLedger ledger(CatalogOf(
      PlanOf("pro", {Resetting(Graduated("disk", "10", {"20: 100", ": 50"}), Interval::kNever)})));
  ledger.AddCustomer("ada", "pro");
  ledger.Use("ada", "disk", "25");
  EXPECT_EQ(ledger.Bill("ada").total(), 1500);
  ledger.SetNow("2026-12-10T00:00:00Z");
  ledger.Use("ada", "disk", "25");
  const storage::InvoiceRecord december = ledger.Bill("ada");
  EXPECT_EQ(december.total(), 5 * 100 + 20 * 50);  // allowance and tiers continue
  EXPECT_EQ(december.lines(0).period_label(), "");
  ASSERT_EQ(ledger.History("ada").rows.size(), 1);
}

TEST(BillingPeriodTest, WhatNeverResetsBeginsAnewWithTheNextSubscription) {
  const std::vector<PlanFeatureSpec> disk = {
      Resetting(PerUnit("disk", "10", "1"), Interval::kNever)};
  TestLedger ledger(CatalogOf({PlanOf("pro", disk), PlanOf("max", disk)}));
  ledger.AddCustomer("ada", "pro");
  EXPECT_EQ(ledger.Use("ada", "disk", "25").period->resets_at, std::nullopt);
  ledger.Advance(absl::Hours(1));
  ledger.MoveTo("ada", "max");
  ledger.Use("ada", "disk", "25");
  ASSERT_EQ(ledger.History("ada").rows.size(), 2);
  EXPECT_EQ(ledger.Bill("ada").total(), 30);
}

TEST(BillingPeriodTest, WhatNeverResetsSharesItsAllowanceOverPlanVersions) {
  const auto catalog = [](std::string_view price) {
    CatalogSpec spec =
        CatalogOf(PlanOf("pro", {Resetting(PerUnit("disk", "10", price), Interval::kNever)}));
    spec.at_once = true;
    return spec;
  };
  TestLedger ledger(catalog("1"));
  ledger.AddCustomer("ada", "pro");
  ledger.Use("ada", "disk", "8");
  ledger.SetNow("2027-01-10T00:00:00Z");
  Must(ledger.Sync(catalog("5")));
  ledger.Use("ada", "disk", "8");
  EXPECT_EQ(ledger.Unbilled("ada"), 6 * 5);
}

}  // namespace
}  // namespace owo::ledger
