// The rules for a catalog. The refusal names the field that breaks a rule.

#include <gtest/gtest.h>

#include <functional>
#include <ostream>
#include <string>
#include <vector>

#include "tests/support/ledger.h"

namespace owo::ledger {
namespace {

using rating::Interval;

struct Rule {
  std::string name;
  std::string field;  // the first field that the refusal names
  std::function<void(CatalogSpec&)> breaks;
};
void PrintTo(const Rule& rule, std::ostream* out) { *out << rule.name; }

// A valid catalog: features "calls" and "seats"; plans "free" and "pro".
CatalogSpec Sound() {
  return CatalogOf({PlanOf("free", {Blocking("calls", "10")}),
                    PlanOf("pro", {PerUnit("calls", "100", "10"), Blocking("seats", "5")})});
}

// Replaces the terms of "calls" in "pro".
auto Having(PlanFeatureSpec feature) {
  return [feature](CatalogSpec& spec) { spec.plans[1].features[0] = feature; };
}
auto Priced(std::function<void(rating::Price&)> change) {
  return [change](CatalogSpec& spec) { change(spec.plans[1].features[0].terms.price); };
}
auto Tiered(const std::vector<std::string>& tiers) {
  return Having(Graduated("calls", "0", tiers));
}

// Changes the terms of "seats", which is not charged.
auto Uncharged(std::function<void(Terms&)> change) {
  return [change](CatalogSpec& spec) { change(spec.plans[1].features[1].terms); };
}

const std::string kCalls = "plans[1].features[0]";
const std::string kSeats = "plans[1].features[1]";

std::vector<Rule> WholeRules() {
  return {
      {"FeatureTwice", "features[2].slug",
       [](CatalogSpec& spec) { spec.features.push_back({.slug = "calls", .name = "x"}); }},
      {"PlanTwice", "plans[2].slug",
       [](CatalogSpec& spec) { spec.plans.push_back(PlanOf("pro", {})); }},
      {"NoCurrency", "plans[1].currency",
       [](CatalogSpec& spec) { spec.plans[1].currency = "Dollars"; }},
      {"CurrencyThatCannotBeBilledIn", "plans[0].currency",
       [](CatalogSpec& spec) { spec.plans[0].currency = "XAU"; }},
      {"BilledDaily", "plans[1].interval",
       [](CatalogSpec& spec) { spec.plans[1].interval = Interval::kDay; }},
      {"NeverBilled", "plans[0].interval",
       [](CatalogSpec& spec) { spec.plans[0].interval = Interval::kNever; }},
      {"FeatureTwiceInAPlan", "plans[1].features[2].feature_slug",
       [](CatalogSpec& spec) { spec.plans[1].features.push_back(Blocking("calls", "1")); }},
      {"TooManyFeatures", "features",
       [](CatalogSpec& spec) {
         for (int i = 0; i < 999; ++i) spec.features.push_back({.slug = std::to_string(i)});
       }},
      {"TooManyPlans", "plans",
       [](CatalogSpec& spec) {
         for (int i = 0; i < 999; ++i) spec.plans.push_back(PlanOf(std::to_string(i), {}));
       }},
  };
}

std::vector<Rule> TermRules() {
  return {
      {"UsageBasedWithIncluded", kCalls + ".included",
       [](CatalogSpec& spec) {
         spec.plans[1].features[0].terms.usage_model = UsageModel::kUsageBased;
       }},
      {"UsageBasedThatBlocks", kCalls + ".overage",
       [](CatalogSpec& spec) {
         spec.plans[1].features[0] = UsageBased("calls", "1");
         spec.plans[1].features[0].terms.overage = Overage::kBlock;
       }},
      {"ChargedByTheHour", kCalls + ".reset_interval",
       Having(Resetting(PerUnit("calls", "1", "1"), Interval::kHour))},
      {"ChargedByTheDay", kCalls + ".reset_interval",
       Having(Resetting(PerUnit("calls", "1", "1"), Interval::kDay))},
      {"ChargedByTheWeekAndBilledByTheMonth", kCalls + ".reset_interval",
       Having(Resetting(UsageBased("calls", "1"), Interval::kWeek))},
      {"ChargedByTheYearAndBilledByTheMonth", kCalls + ".reset_interval",
       Having(Resetting(UsageBased("calls", "1"), Interval::kYear))},
      {"UnchargedWithPrice", kSeats + ".unit_price",
       Uncharged([](auto& terms) { terms.price.unit_price = D("1"); })},
      {"UnchargedWithTiers", kSeats + ".tiers",
       Uncharged([](auto& terms) { terms.price.tiers = Tiers({": 1"}); })},
      {"UnchargedWithPackages", kSeats + ".billing_units",
       Uncharged([](auto& terms) { terms.price.billing_units = D("10"); })},
      {"UnchargedWithMaxOverage", kSeats + ".max_overage_units",
       Uncharged([](auto& terms) { terms.max_overage = D("10"); })},
  };
}

std::vector<Rule> PriceRules() {
  return {
      {"NegativePrice", kCalls + ".unit_price", Having(PerUnit("calls", "0", "-1"))},
      {"PriceTooHigh", kCalls + ".unit_price", Having(PerUnit("calls", "0", "1000000000000"))},
      {"PackageOfNothing", kCalls + ".billing_units", Having(Package("calls", "0", "1", "0"))},
      {"PackagesOnAPricePerUnit", kCalls + ".billing_units",
       Priced([](rating::Price& price) { price.billing_units = D("2"); })},
      {"TiersOnAPricePerUnit", kCalls + ".tiers",
       Priced([](rating::Price& price) { price.tiers = Tiers({": 1"}); })},
      {"UnitPriceBesideTiers", kCalls + ".unit_price",
       Priced([](rating::Price& price) { price.model = rating::RatingModel::kVolume; })},
      {"NoTiers", kCalls + ".tiers", Tiered({})},
      {"TooManyTiers", kCalls + ".tiers", Tiered(std::vector<std::string>(101, ": 1"))},
      {"TiersThatDoNotAscend", kCalls + ".tiers[1].up_to", Tiered({"30: 1", "30: 1", ": 1"})},
      {"FirstTierAtZero", kCalls + ".tiers[0].up_to", Tiered({"0: 1", ": 1"})},
      {"LastTierBounded", kCalls + ".tiers[1].up_to", Tiered({"10: 1", "20: 1"})},
      {"InnerTierUnbounded", kCalls + ".tiers[0].up_to", Tiered({": 1", ": 1"})},
      {"TierPriceTooHigh", kCalls + ".tiers[0].unit_price", Tiered({"10: 1000000000000", ": 1"})},
      {"NegativeFlatFee", kCalls + ".tiers[1].flat_fee", Tiered({"10: 1", ": 1 + -1"})},
  };
}

class CatalogRuleTest : public ::testing::TestWithParam<Rule> {};

TEST_P(CatalogRuleTest, NamesTheFieldAndChangesNothing) {
  TestLedger ledger;
  CatalogSpec spec = Sound();
  GetParam().breaks(spec);
  EXPECT_THAT(ledger.Sync(spec), RefusesField(GetParam().field));
  spec.validate_only = true;
  EXPECT_THAT(ledger.Sync(spec), RefusesField(GetParam().field));
  EXPECT_EQ(Must(ledger.store().ReadCatalog(storage::kReadAll, kTenant)).generation(), 0);
  EXPECT_TRUE(ledger.Sync(Sound()).ok());
}

std::string NameOf(const ::testing::TestParamInfo<Rule>& info) { return info.param.name; }
INSTANTIATE_TEST_SUITE_P(Whole, CatalogRuleTest, ::testing::ValuesIn(WholeRules()), NameOf);
INSTANTIATE_TEST_SUITE_P(Terms, CatalogRuleTest, ::testing::ValuesIn(TermRules()), NameOf);
INSTANTIATE_TEST_SUITE_P(Price, CatalogRuleTest, ::testing::ValuesIn(PriceRules()), NameOf);

TEST(CatalogTest, AllViolationsAreNamedAtOnce) {
  TestLedger ledger;
  CatalogSpec spec = Sound();
  spec.plans[0].currency = "?";
  spec.plans[1].features[1].terms.max_overage = D("1");
  const auto refused = ledger.Sync(spec);
  const Refusal refusal = RefusalOf(refused.status());
  ASSERT_EQ(refusal.violations.size(), 2);
  EXPECT_EQ(refusal.violations[1].field, kSeats + ".max_overage_units");
}

TEST(CatalogTest, ChargesMayResetWithTheBillingIntervalOrNever) {
  TestLedger ledger;
  for (const Interval interval :
       {Interval::kWeek, Interval::kMonth, Interval::kQuarter, Interval::kYear}) {
    PlanSpec plan = PlanOf("plan-" + std::to_string(static_cast<int>(interval)),
                           {Resetting(UsageBased("calls", "1"), interval),
                            Resetting(UsageBased("bytes", "1"), Interval::kNever)});
    plan.interval = interval;
    EXPECT_TRUE(ledger.Sync(CatalogOf(plan)).ok());
  }
}

TEST(CatalogTest, LimitsMayResetWithAnyInterval) {
  TestLedger ledger;
  for (const Interval interval :
       {Interval::kHour, Interval::kDay, Interval::kWeek, Interval::kMonth, Interval::kQuarter,
        Interval::kYear, Interval::kNever}) {
    EXPECT_TRUE(
        ledger.Sync(CatalogOf(PlanOf("pro", {Resetting(Blocking("calls", "1"), interval)}))).ok());
  }
}

TEST(CatalogTest, AnUnknownFeatureIsNotFound) {
  TestLedger ledger;
  CatalogSpec spec = Sound();
  spec.features.pop_back();
  const auto refused = ledger.Sync(spec);
  EXPECT_THAT(refused, RefusedAs(Reason::kFeatureNotFound));
  EXPECT_EQ(ValueIn(refused.status(), "feature"), "seats");
}

TEST(CatalogTest, CurrencyAndIntervalOfAPlanNeverChange) {
  TestLedger ledger(Sound());
  CatalogSpec currency = Sound();
  currency.plans[1].currency = "EUR";
  const auto refused = ledger.Sync(currency);
  EXPECT_THAT(refused, RefusedAs(Reason::kPlanImmutable));
  EXPECT_EQ(ValueIn(refused.status(), "plan"), "pro");
  EXPECT_EQ(ValueIn(refused.status(), "field"), "currency");
  CatalogSpec interval = Sound();
  interval.plans[0].interval = Interval::kYear;
  const auto again = ledger.Sync(interval);
  EXPECT_THAT(again, RefusedAs(Reason::kPlanImmutable));
  EXPECT_EQ(ValueIn(again.status(), "field"), "interval");
}

TEST(CatalogTest, MalformedComesBeforeNotFoundAndThatBeforeImmutable) {
  TestLedger ledger(Sound());
  CatalogSpec spec = Sound();
  spec.plans[0].currency = "EUR";
  spec.plans[1].features[0].feature = "no-such";
  EXPECT_THAT(ledger.Sync(spec), RefusedAs(Reason::kFeatureNotFound));
  spec.plans[1].features[1].terms.max_overage = D("1");
  EXPECT_THAT(ledger.Sync(spec), RefusedAs(Reason::kInvalidRequest));
}

}  // namespace
}  // namespace owo::ledger
