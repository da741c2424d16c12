#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "client/cpp/internal/wire.h"
#include "tests/client/proto_text.h"

namespace owo {
namespace {

using ::testing::ElementsAre;
using testing::EqualsProto;
using testing::FromText;
using ::testing::IsEmpty;
using testing::UnsetFields;

constexpr char kFeatureText[] = "slug: 'api' name: 'API' unit: 'call' archived: true";
const Feature kFeature = {.slug = "api", .name = "API", .unit = "call", .archived = true};

// The fields of a plan that the caller sets; the server sets the others.
constexpr char kPlanText[] = R"(
    slug: 'pro' name: 'Pro' currency: 'USD' interval: INTERVAL_YEAR archived: true
    features {
      feature_slug: 'api' usage_model: USAGE_MODEL_INCLUDED included: '1000'
      rating_model: RATING_MODEL_GRADUATED unit_price: '0.5' billing_units: '10'
      tiers { up_to: '100' unit_price: '2' flat_fee: '3' } tiers { unit_price: '1' }
      reset_interval: INTERVAL_NEVER overage: OVERAGE_POLICY_CHARGE max_overage_units: '5000'
    })";
const Plan kPlan = {.slug = "pro",
                    .name = "Pro",
                    .currency = "USD",
                    .interval = Interval::kYear,
                    .features = {{.feature_slug = "api",
                                  .usage_model = UsageModel::kIncluded,
                                  .included = "1000",
                                  .rating_model = RatingModel::kGraduated,
                                  .unit_price = "0.5",
                                  .billing_units = "10",
                                  .tiers = {{.up_to = "100", .unit_price = "2", .flat_fee = "3"},
                                            {.unit_price = "1"}},
                                  .reset_interval = Interval::kNever,
                                  .overage = OveragePolicy::kCharge,
                                  .max_overage_units = "5000"}},
                    .archived = true};

TEST(WireCatalogTest, SyncsSayEverything) {
  const v1::SyncCatalogRequest sync = ToWire(CatalogSyncParams{.features = {kFeature},
                                                               .plans = {kPlan},
                                                               .validate_only = true,
                                                               .apply_at_once = true,
                                                               .allow_feature_removal = true,
                                                               .request_id = "r"});
  EXPECT_THAT(UnsetFields(sync), ElementsAre("plans.version", "plans.created_at"));
  EXPECT_THAT(sync, EqualsProto("features {" + std::string(kFeatureText) + "} plans {" + kPlanText +
                                "} validate_only: true apply_at_once: true request_id: 'r' "
                                "allow_feature_removal: true"));
}

TEST(WireCatalogTest, WhatIsAbsentStaysAbsent) {
  const v1::SyncCatalogRequest sync =
      ToWire(CatalogSyncParams{.plans = {{.features = {{.feature_slug = "api"}}}}});
  EXPECT_THAT(sync, EqualsProto("plans { features { feature_slug: 'api' } }"));
  EXPECT_EQ(FromWire(sync.plans(0).features(0)), PlanFeature{.feature_slug = "api"});
}

TEST(WireCatalogTest, QuestionsSayEverything) {
  const v1::ListFeaturesRequest features = ToWire(FeaturesParams{.include_archived = true});
  EXPECT_THAT(UnsetFields(features), ElementsAre("page_size", "page_token"));
  const v1::ListPlansRequest plans = ToWire(PlansParams{.include_archived = true});
  EXPECT_THAT(UnsetFields(plans), ElementsAre("page_size", "page_token"));
  EXPECT_THAT(ToWire(PlanParams{.plan = "pro", .version = 3}),
              EqualsProto("plan: 'pro' version: 3"));
  EXPECT_THAT(ToWire(PlanParams{.plan = "pro"}), EqualsProto("plan: 'pro'"));
}

TEST(WireCatalogTest, FeaturesAndPlansAreReadWhole) {
  const auto feature = FromText<v1::Feature>(kFeatureText);
  EXPECT_THAT(UnsetFields(feature), IsEmpty());
  EXPECT_EQ(FromWire(feature), kFeature);

  const auto plan =
      FromText<v1::Plan>(kPlanText + std::string(" version: 3 created_at { seconds: 7 }"));
  EXPECT_THAT(UnsetFields(plan), IsEmpty());
  Plan expected = kPlan;
  expected.version = 3;
  expected.created_at = absl::FromUnixSeconds(7);
  EXPECT_EQ(FromWire(plan), expected);
}

TEST(WireCatalogTest, ChangesAreReadWhole) {
  const auto response = FromText<v1::SyncCatalogResponse>(R"(
      replayed: true
      changes { kind: CATALOG_KIND_PLAN slug: 'pro' action: CATALOG_ACTION_UPDATED version: 3
                prices_in_words: 'one' prices_in_words: 'two' effective_at { seconds: 7 } })");
  EXPECT_THAT(UnsetFields(response), IsEmpty());
  EXPECT_EQ(FromWire(response),
            (CatalogSyncResult{.changes = {{.kind = CatalogKind::kPlan,
                                            .slug = "pro",
                                            .action = CatalogAction::kUpdated,
                                            .version = 3,
                                            .prices_in_words = {"one", "two"},
                                            .effective_at = absl::FromUnixSeconds(7)}},
                               .replayed = true}));
}

}  // namespace
}  // namespace owo
