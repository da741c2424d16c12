#include <gmock/gmock.h>

#include "service/rpc/fields.h"
#include "tests/rpc/parse_testing.h"
#include "tests/support/catalog.h"

namespace owo::rpc {
namespace {

using ledger::D;
using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::SizeIs;
using ::testing::UnorderedElementsAre;

std::string Plan(const std::string& features) {
  return "plans { slug: 'pro' name: 'Pro' currency: 'USD' " + features + " }";
}
std::string PlanFeature(const std::string& rest) {
  return Plan("features { feature_slug: 'calls' " + rest + " }");
}
std::string Charged(const std::string& rest) {
  return PlanFeature("usage_model: USAGE_MODEL_INCLUDED overage: OVERAGE_POLICY_CHARGE " + rest);
}
ledger::Terms TermsOf(const std::string& text) {
  return Must(ParseText(ParseSyncCatalogRequest, text)).plans.at(0).features.at(0).terms;
}
std::vector<std::string> Wrong(const std::string& text) {
  return WrongFields(ParseSyncCatalogRequest, text);
}

TEST(ParseCatalogTest, FeaturesAndPlansAreReadAsWritten) {
  const ledger::CatalogSpec spec = Must(ParseText(
      ParseSyncCatalogRequest,
      "features { slug: 'calls' name: 'API calls' unit: 'call' archived: true } "
      "plans { slug: 'pro' name: 'Pro' currency: 'KWD' interval: INTERVAL_YEAR archived: true } "
      "validate_only: true apply_at_once: true allow_feature_removal: true request_id: 'r'"));
  ASSERT_THAT(spec.features, SizeIs(1));
  EXPECT_EQ(spec.features[0].slug, "calls");
  EXPECT_EQ(spec.features[0].name, "API calls");
  EXPECT_EQ(spec.features[0].unit, "call");
  EXPECT_TRUE(spec.features[0].archived);
  ASSERT_THAT(spec.plans, SizeIs(1));
  EXPECT_EQ(spec.plans[0].currency, "KWD");
  EXPECT_EQ(spec.plans[0].interval, rating::Interval::kYear);
  EXPECT_TRUE(spec.plans[0].archived);
  EXPECT_TRUE(spec.validate_only);
  EXPECT_TRUE(spec.at_once);
  EXPECT_TRUE(spec.allow_feature_removal);
  EXPECT_EQ(spec.request.id, "r");
}

TEST(ParseCatalogTest, WhatIsLeftOutHasItsDefault) {
  const ledger::CatalogSpec spec = Must(ParseText(
      ParseSyncCatalogRequest,
      PlanFeature("usage_model: USAGE_MODEL_INCLUDED") +
          "plans { slug: 'week' name: 'W' currency: 'USD' interval: INTERVAL_WEEK features { "
          "feature_slug: 'calls' usage_model: USAGE_MODEL_USAGE_BASED unit_price: '1' } }"));
  EXPECT_EQ(spec.plans[0].interval, rating::Interval::kMonth);
  const ledger::Terms& included = spec.plans[0].features[0].terms;
  EXPECT_EQ(included.included, std::nullopt);
  EXPECT_EQ(included.overage, ledger::Overage::kBlock);
  EXPECT_EQ(included.reset, rating::Interval::kMonth);
  EXPECT_EQ(included.price.model, rating::RatingModel::kPerUnit);
  EXPECT_EQ(included.max_overage, std::nullopt);
  const ledger::Terms& based = spec.plans[1].features[0].terms;
  EXPECT_EQ(based.overage, ledger::Overage::kCharge);
  EXPECT_EQ(based.reset, rating::Interval::kWeek);
  EXPECT_EQ(based.price.billing_units, D("1"));
}

TEST(ParseCatalogTest, TermsAreReadAsWritten) {
  const ledger::Terms terms =
      TermsOf(Charged("included: '1000' rating_model: RATING_MODEL_PACKAGE unit_price: '0.5' "
                      "billing_units: '100' reset_interval: INTERVAL_NEVER "
                      "max_overage_units: '7'"));
  EXPECT_EQ(terms.included, D("1000"));
  EXPECT_EQ(terms.price.model, rating::RatingModel::kPackage);
  EXPECT_EQ(terms.price.unit_price, D("0.5"));
  EXPECT_EQ(terms.price.billing_units, D("100"));
  EXPECT_EQ(terms.reset, rating::Interval::kNever);
  EXPECT_EQ(terms.max_overage, D("7"));
}

TEST(ParseCatalogTest, TiersAreReadAsWritten) {
  const ledger::Terms terms =
      TermsOf(Charged("rating_model: RATING_MODEL_VOLUME tiers { up_to: '30' unit_price: '100' } "
                      "tiers { flat_fee: '5000' }"));
  ASSERT_THAT(terms.price.tiers, SizeIs(2));
  EXPECT_EQ(terms.price.tiers[0].up_to, D("30"));
  EXPECT_EQ(terms.price.tiers[0].flat_fee, D("0"));
  EXPECT_EQ(terms.price.tiers[1].up_to, std::nullopt);
  EXPECT_EQ(terms.price.tiers[1].flat_fee, D("5000"));
}

TEST(ParseCatalogTest, PathsLeadToTheWrongField) {
  EXPECT_THAT(
      Wrong("features { slug: 'a' name: 'A' } features { slug: 'B' } "
            "plans { slug: 'pro' name: 'Pro' currency: 'usd' interval: INTERVAL_DAY features { "
            "feature_slug: 'x' usage_model: USAGE_MODEL_USAGE_BASED rating_model: "
            "RATING_MODEL_GRADUATED tiers { up_to: '1' } tiers { up_to: '0' unit_price: 'x' } } }"),
      UnorderedElementsAre("features[1].slug", "features[1].name", "plans[0].interval",
                           "plans[0].currency", "plans[0].features[0].tiers[1].up_to",
                           "plans[0].features[0].tiers[1].unit_price"));
}

// What breaks a rule of several fields is named with what is wrong by itself.
TEST(ParseCatalogTest, EveryWrongFieldIsNamedAtOnce) {
  EXPECT_THAT(Wrong("features { slug: 'calls' } features { slug: 'calls' name: 'Calls' } "
                    "plans { slug: 'pro' name: 'Pro' currency: 'USD' "
                    "  features { feature_slug: 'calls' usage_model: USAGE_MODEL_USAGE_BASED "
                    "    unit_price: 'x' included: '5' reset_interval: INTERVAL_DAY } "
                    "  features { feature_slug: 'calls' usage_model: USAGE_MODEL_INCLUDED "
                    "    tiers { } max_overage_units: '7' } "
                    "  features { feature_slug: 'T' usage_model: USAGE_MODEL_USAGE_BASED "
                    "    rating_model: RATING_MODEL_GRADUATED tiers { up_to: '5' } } } "
                    "plans { slug: 'pro' name: 'Pro' currency: 'USD' }"),
              UnorderedElementsAre(
                  "features[0].name", "features[1].slug", "plans[0].features[0].unit_price",
                  "plans[0].features[0].included", "plans[0].features[0].reset_interval",
                  "plans[0].features[1].feature_slug", "plans[0].features[1].tiers",
                  "plans[0].features[1].max_overage_units", "plans[0].features[2].feature_slug",
                  "plans[0].features[2].tiers[0].up_to", "plans[1].slug"));
}

// A value that could not be read breaks no rule.
TEST(ParseCatalogTest, WhatCouldNotBeReadIsNamedOnce) {
  EXPECT_THAT(
      Wrong("features { slug: 'A' name: 'A' } features { slug: 'A' name: 'A' } "
            "plans { slug: 'pro' name: 'Pro' currency: 'X' interval: INTERVAL_DAY features { "
            "  feature_slug: 'calls' usage_model: USAGE_MODEL_USAGE_BASED unit_price: '1' "
            "  reset_interval: INTERVAL_DAY included: 'x' } "
            "  features { feature_slug: 'b' usage_model: 77 unit_price: '1' included: '1' } }"),
      UnorderedElementsAre("features[0].slug", "features[1].slug", "plans[0].currency",
                           "plans[0].interval", "plans[0].features[0].included",
                           "plans[0].features[1].usage_model"));
}

TEST(ParseCatalogTest, OnlyWhatIsPricedPerUnitOrPackageHasAUnitPrice) {
  const std::vector<std::string> unit_price = {"plans[0].features[0].unit_price"};
  EXPECT_EQ(Wrong(Charged("")), unit_price);
  EXPECT_EQ(Wrong(Charged("rating_model: RATING_MODEL_PACKAGE")), unit_price);
  EXPECT_EQ(Wrong(Charged("rating_model: RATING_MODEL_VOLUME unit_price: '0' tiers { }")),
            unit_price);
  EXPECT_EQ(Wrong(PlanFeature("usage_model: USAGE_MODEL_INCLUDED unit_price: '0'")), unit_price);
  EXPECT_THAT(Wrong(Charged("unit_price: '0'")), IsEmpty());
  EXPECT_THAT(Wrong(Charged("unit_price: '1' billing_units: '1'")),
              ElementsAre("plans[0].features[0].billing_units"));
}

TEST(ParseCatalogTest, NumbersAreHeldToTheirBounds) {
  const auto at = [](const std::string& field) { return "plans[0].features[0]." + field; };
  EXPECT_THAT(Wrong(Charged("unit_price: '1' included: '999999999999999.999999999999'")),
              IsEmpty());
  for (const char* bad : {"-1", "1000000000000000", "", "1e3"}) {
    const std::string text = std::string("'") + bad + "' ";
    EXPECT_THAT(Wrong(Charged("unit_price: '1' included: " + text)), ElementsAre(at("included")));
    EXPECT_THAT(Wrong(Charged("unit_price: '1' max_overage_units: " + text)),
                ElementsAre(at("max_overage_units")));
    EXPECT_THAT(Wrong(Charged("unit_price: " + text)), ElementsAre(at("unit_price")));
  }
  EXPECT_THAT(Wrong(Charged("unit_price: '1000000000000'")), ElementsAre(at("unit_price")));
  EXPECT_THAT(Wrong(Charged("unit_price: '999999999999.999999999999'")), IsEmpty());
  EXPECT_THAT(Wrong(Charged("rating_model: RATING_MODEL_PACKAGE unit_price: '1' "
                            "billing_units: '0'")),
              ElementsAre(at("billing_units")));
}

TEST(ParseCatalogTest, UnknownEnumValuesAreRefused) {
  auto request = FromText<pb::SyncCatalogRequest>(Charged("unit_price: '1'"));
  pb::PlanFeature& feature = *request.mutable_plans(0)->mutable_features(0);
  feature.set_rating_model(static_cast<pb::RatingModel>(77));
  feature.set_reset_interval(static_cast<pb::Interval>(77));
  feature.set_overage(static_cast<pb::OveragePolicy>(77));
  EXPECT_THAT(
      FieldsIn(ParseSyncCatalogRequest(request).status()),
      UnorderedElementsAre("plans[0].features[0].rating_model",
                           "plans[0].features[0].reset_interval", "plans[0].features[0].overage"));
  EXPECT_THAT(Wrong(PlanFeature("")), ElementsAre("plans[0].features[0].usage_model"));
}

TEST(ParseCatalogTest, ListsAreBounded) {
  pb::SyncCatalogRequest request;
  for (int i = 0; i < 1001; ++i) {
    request.add_features();
    request.add_plans();
  }
  EXPECT_THAT(FieldsIn(ParseSyncCatalogRequest(request).status()),
              ElementsAre("features", "plans"));
  pb::SyncCatalogRequest wide = FromText<pb::SyncCatalogRequest>(Plan(""));
  for (int i = 0; i < 101; ++i) wide.mutable_plans(0)->add_features();
  EXPECT_THAT(FieldsIn(ParseSyncCatalogRequest(wide).status()), ElementsAre("plans[0].features"));
  pb::SyncCatalogRequest deep =
      FromText<pb::SyncCatalogRequest>(Charged("rating_model: RATING_MODEL_VOLUME"));
  for (int i = 0; i < 101; ++i) deep.mutable_plans(0)->mutable_features(0)->add_tiers();
  EXPECT_THAT(FieldsIn(ParseSyncCatalogRequest(deep).status()),
              ElementsAre("plans[0].features[0].tiers"));
}

TEST(ParseCatalogTest, NoMoreViolationsAreGivenThanAnAnswerHasRoomFor) {
  pb::SyncCatalogRequest request;
  for (int i = 0; i < 1000; ++i) request.add_features();
  EXPECT_THAT(FieldsIn(ParseSyncCatalogRequest(request).status()), SizeIs(Violations::kKept));
}

TEST(ParseCatalogTest, PlansAreAskedForByVersionFromOne) {
  EXPECT_EQ(Must(ParseText(ParseGetPlanRequest, "plan: 'pro'")).version, std::nullopt);
  EXPECT_EQ(Must(ParseText(ParseGetPlanRequest, "plan: 'pro' version: 3")).version, 3U);
  EXPECT_THAT(WrongFields(ParseGetPlanRequest, "version: 0"), ElementsAre("plan", "version"));
}

}  // namespace
}  // namespace owo::rpc
