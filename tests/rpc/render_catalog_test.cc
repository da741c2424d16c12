#include "service/rpc/catalog/render_catalog.h"

#include <gmock/gmock.h>

#include <algorithm>
#include <optional>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "service/rpc/catalog/parse_catalog.h"
#include "tests/client/proto_text.h"
#include "tests/support/ledger.h"

namespace owo::rpc {
namespace {

using ledger::Must;
using ::testing::ElementsAre;
using testing::FromText;
using ::testing::SizeIs;
using testing::UnsetFields;

constexpr char kCatalog[] = R"(
  features { slug: "calls" name: "API calls" unit: "call" }
  features { slug: "old" name: "Old" archived: true }
  features { slug: "seats" name: "Seats" }
  plans {
    slug: "pro" name: "Pro" currency: "USD" interval: INTERVAL_YEAR
    features {
      feature_slug: "calls" usage_model: USAGE_MODEL_INCLUDED included: "1000"
      rating_model: RATING_MODEL_PACKAGE unit_price: "0.5" billing_units: "100"
      reset_interval: INTERVAL_NEVER overage: OVERAGE_POLICY_CHARGE max_overage_units: "70"
    }
    features {
      feature_slug: "seats" usage_model: USAGE_MODEL_INCLUDED
      reset_interval: INTERVAL_HOUR overage: OVERAGE_POLICY_BLOCK
    }
  }
  plans {
    slug: "tiered" name: "Tiered" currency: "JPY" interval: INTERVAL_MONTH archived: true
    features {
      feature_slug: "calls" usage_model: USAGE_MODEL_USAGE_BASED
      rating_model: RATING_MODEL_GRADUATED
      tiers { up_to: "30" unit_price: "100" flat_fee: "0" }
      tiers { unit_price: "50" flat_fee: "7" }
      reset_interval: INTERVAL_MONTH overage: OVERAGE_POLICY_CHARGE
    }
  })";

class RenderCatalogTest : public ::testing::Test {
 protected:
  RenderCatalogTest() { Must(ledger_.Sync(Must(ParseSyncCatalogRequest(request_)))); }

  pb::Plan Plan(const std::string& slug) {
    pb::GetPlanResponse response;
    const ledger::PlanView view =
        Must(catalogs_.GetPlan(ledger_.context(), storage::kReadAll, slug, std::nullopt));
    EXPECT_TRUE(RenderGetPlanResponse(view, response).ok());
    return response.plan();
  }
  // Returns the pages of a list, each with the given number of items.
  std::vector<pb::ListFeaturesResponse> FeaturePages(SlugsQuery query) {
    const PageTokens tokens(pb::ListFeaturesRequest{}, storage::kDefaultTenant);
    std::vector<pb::ListFeaturesResponse> pages;
    do {
      const FeaturesPage page{Must(catalogs_.Get(ledger_.context(), storage::kReadAll)), query};
      EXPECT_TRUE(RenderListFeaturesResponse(page, tokens, pages.emplace_back()).ok());
      query.after = tokens.Read(pages.back().next_page_token()).value();
    } while (!query.after.empty());
    return pages;
  }
  std::vector<pb::ListPlansResponse> PlanPages(SlugsQuery query) {
    const PageTokens tokens(pb::ListPlansRequest{}, storage::kDefaultTenant);
    std::vector<pb::ListPlansResponse> pages;
    do {
      const auto page = Must(catalogs_.ListPlans(ledger_.context(), storage::kReadAll, query));
      EXPECT_TRUE(RenderListPlansResponse(page, tokens, pages.emplace_back()).ok());
      query.after = tokens.Read(pages.back().next_page_token()).value();
    } while (!query.after.empty());
    return pages;
  }

  const pb::SyncCatalogRequest request_ = FromText<pb::SyncCatalogRequest>(kCatalog);
  ledger::TestLedger ledger_;
  ledger::Catalogs catalogs_{ledger_.parts()};
};

TEST_F(RenderCatalogTest, APlanIsShownAsItWasSynced) {
  for (const pb::Plan& synced : request_.plans()) {
    pb::Plan shown = Plan(synced.slug());
    EXPECT_EQ(shown.version(), 1U);
    EXPECT_TRUE(shown.has_created_at());
    shown.clear_version();
    shown.clear_created_at();
    EXPECT_EQ(shown.DebugString(), synced.DebugString());
  }
}

TEST_F(RenderCatalogTest, WhatIsShownCanBeSyncedAgainWithoutChange) {
  pb::SyncCatalogRequest again;
  for (const pb::Plan& plan : request_.plans()) *again.add_plans() = Plan(plan.slug());
  pb::SyncCatalogResponse response;
  ASSERT_TRUE(
      RenderSyncCatalogResponse(Must(ledger_.Sync(Must(ParseSyncCatalogRequest(again)))), response)
          .ok());
  for (const pb::CatalogChange& change : response.changes()) {
    EXPECT_EQ(change.action(), pb::CATALOG_ACTION_UNCHANGED) << change.slug();
  }
}

TEST_F(RenderCatalogTest, ASyncSaysWhatItDid) {
  pb::SyncCatalogRequest request = request_;
  request.mutable_features(0)->set_name("Calls");
  request.mutable_features(1)->set_archived(false);
  request.mutable_plans(0)->set_archived(true);
  request.mutable_plans(1)->mutable_features(0)->mutable_tiers(1)->set_unit_price("51");
  request.mutable_plans(1)->set_archived(true);
  *request.add_features() = FromText<pb::Feature>("slug: 'new' name: 'New'");
  pb::SyncCatalogResponse response;
  ASSERT_TRUE(RenderSyncCatalogResponse(Must(ledger_.Sync(Must(ParseSyncCatalogRequest(request)))),
                                        response)
                  .ok());
  std::vector<pb::CatalogAction> actions;
  for (const pb::CatalogChange& change : response.changes()) actions.push_back(change.action());
  EXPECT_THAT(actions, ElementsAre(pb::CATALOG_ACTION_UPDATED, pb::CATALOG_ACTION_RESTORED,
                                   pb::CATALOG_ACTION_UNCHANGED, pb::CATALOG_ACTION_CREATED,
                                   pb::CATALOG_ACTION_ARCHIVED, pb::CATALOG_ACTION_UPDATED));
  EXPECT_THAT(UnsetFields(response), ElementsAre("replayed"));
  EXPECT_EQ(response.changes(0).kind(), pb::CATALOG_KIND_FEATURE);
  EXPECT_EQ(response.changes(5).kind(), pb::CATALOG_KIND_PLAN);
  EXPECT_EQ(response.changes(5).version(), 2U);
  EXPECT_THAT(response.changes(5).prices_in_words(), SizeIs(1));
  EXPECT_TRUE(response.changes(5).has_effective_at());
  EXPECT_FALSE(response.changes(0).has_effective_at());
}

TEST_F(RenderCatalogTest, ListsHideWhatIsArchivedUnlessAsked) {
  const auto shown = FeaturePages({.limit = 50});
  ASSERT_THAT(shown, SizeIs(1));
  EXPECT_THAT(shown[0].features(), SizeIs(2));
  const auto all = FeaturePages({.include_archived = true, .limit = 50});
  ASSERT_THAT(all[0].features(), SizeIs(3));
  EXPECT_THAT(all[0].features(1), testing::EqualsProto("slug: 'old' name: 'Old' archived: true"));
}

TEST_F(RenderCatalogTest, ListsArePagedBySlug) {
  const auto features = FeaturePages({.include_archived = true, .limit = 1});
  ASSERT_THAT(features, SizeIs(3));
  EXPECT_EQ(features[2].features(0).slug(), "seats");
  const auto plans = PlanPages({.include_archived = true, .limit = 1});
  ASSERT_THAT(plans, SizeIs(2));
  EXPECT_EQ(plans[1].plans(0).slug(), "tiered");
  EXPECT_THAT(PlanPages({.limit = 1}), SizeIs(1));
}

// A few of the largest possible plans exceed what clients accept in one message.
TEST_F(RenderCatalogTest, APageOfLargePlansIsShortAndTheListIsWhole) {
  constexpr size_t kMessageBytesMax = 4 << 20;
  pb::SyncCatalogRequest request;
  pb::Plan& plan = *request.add_plans();
  plan.set_name("Large");
  plan.set_currency("USD");
  for (int i = 0; i < 100; ++i) {
    pb::Feature& feature = *request.add_features();
    feature.set_slug(absl::StrCat("f", i));
    feature.set_name(feature.slug());
    pb::PlanFeature& terms = *plan.add_features();
    terms.set_feature_slug(feature.slug());
    terms.set_usage_model(pb::USAGE_MODEL_USAGE_BASED);
    terms.set_rating_model(pb::RATING_MODEL_VOLUME);
    for (int64_t tier = 1; tier <= 100; ++tier) {
      pb::Tier& to = *terms.add_tiers();
      if (tier < 100) to.set_up_to(absl::StrCat(900'000'000'000'000 + tier, ".999999999999"));
      to.set_unit_price("999999999999.999999999999");
      to.set_flat_fee("999999999999.999999999999");
    }
  }
  std::vector<std::string> want;
  size_t bytes = 0;
  for (int i = 0; i < 6; ++i) {
    plan.set_slug(want.emplace_back(absl::StrCat("large-", i)));
    bytes += plan.ByteSizeLong();
    Must(ledger_.Sync(Must(ParseSyncCatalogRequest(request))));
  }
  ASSERT_GT(bytes, kMessageBytesMax);
  std::vector<std::string> got;
  for (const auto& page : PlanPages({.after = "l", .limit = 50})) {
    EXPECT_LT(page.ByteSizeLong(), kMessageBytesMax);
    EXPECT_FALSE(page.plans().empty());
    for (const pb::Plan& shown : page.plans()) got.push_back(shown.slug());
  }
  got.resize(std::min(got.size(), want.size()));  // ignores further ones
  EXPECT_EQ(got, want);
}

TEST_F(RenderCatalogTest, PlansAndVersionsThatAreNotThereAreNotFound) {
  const auto get = [&](const std::string& slug, std::optional<uint32_t> version) {
    return catalogs_.GetPlan(ledger_.context(), storage::kReadAll, slug, version).status();
  };
  const absl::Status unknown = get("nope", std::nullopt);
  EXPECT_THAT(unknown, ledger::RefusedAs(ledger::Reason::kPlanNotFound));
  EXPECT_EQ(ledger::ValueIn(unknown, "plan"), "nope");
  const absl::Status later = get("pro", 2);
  EXPECT_THAT(later, ledger::RefusedAs(ledger::Reason::kPlanNotFound));
  EXPECT_EQ(ledger::ValueIn(later, "version"), "2");
}

}  // namespace
}  // namespace owo::rpc
