// The catalog: which features are metered, and the terms on which plans bill them.
//
//   owo.catalog.sync({.features = {{.slug = "api-calls", .name = "API calls"}},
//                     .plans = {{.slug = "pro", .name = "Pro", .currency = "USD",
//                                .features = {{.feature_slug = "api-calls",
//                                              .usage_model = owo::UsageModel::kIncluded,
//                                              .included = "1000",
//                                              .unit_price = "0.5",
//                                              .overage = owo::OveragePolicy::kCharge}}}}});
//
// A sync is declarative: repeating it changes nothing, and features and plans that it does not
// mention stay unchanged. Prices are in minor units: "0.5" is half a cent.
// proto/owo/billing/v1/catalog.proto documents the rules that a catalog must satisfy.

#ifndef OWO_CLIENT_CPP_CATALOG_H_
#define OWO_CLIENT_CPP_CATALOG_H_

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "absl/time/time.h"
#include "client/cpp/pricing.h"

namespace owo {

// Something that is metered.
struct Feature {
  std::string slug;       // never changes; lower-case letters, digits, "-" and "_"
  std::string name;       // shown on invoices
  std::string unit;       // name of one unit, for example "call"
  bool archived = false;  // hidden from features(); plans that have it keep it

  bool operator==(const Feature&) const = default;
};

// The terms for one feature in a plan. A feature is charged if it is usage-based, or included with
// OveragePolicy::kCharge. Only a charged feature has a price.
struct PlanFeature {
  std::string feature_slug;
  UsageModel usage_model = UsageModel::kUnspecified;
  std::optional<std::string> included;  // free units in each period; absent: unlimited
  RatingModel rating_model = RatingModel::kUnspecified;
  std::optional<std::string> unit_price;     // per unit or per package
  std::optional<std::string> billing_units;  // units in a package
  std::vector<Tier> tiers;                   // of graduated and volume prices only, ascending
  Interval reset_interval = Interval::kUnspecified;  // unspecified: the plan's interval
  OveragePolicy overage = OveragePolicy::kUnspecified;
  std::optional<std::string> max_overage_units;  // per period; absent: no bound

  bool operator==(const PlanFeature&) const = default;
};

// What a customer can subscribe to. `slug`, `currency` and `interval` never change.
struct Plan {
  std::string slug;
  std::string name;
  std::string currency;                        // ISO 4217
  Interval interval = Interval::kUnspecified;  // of billing: week, month (default), quarter, year
  std::vector<PlanFeature> features;
  bool archived = false;                 // takes no new subscriptions; existing ones continue
  uint32_t version = 0;                  // given by the server, ignored by sync
  std::optional<absl::Time> created_at;  // of this version; given by the server, ignored by sync

  bool operator==(const Plan&) const = default;
};

// The features and plans that the catalog is to contain, at most 1,000 of each.
struct CatalogSyncParams {
  std::vector<Feature> features;
  std::vector<Plan> plans;
  bool validate_only = false;          // report the changes without making them
  bool apply_at_once = false;          // move subscriptions now, not at their next billing period
  bool allow_feature_removal = false;  // also from plans that have subscriptions
  std::string request_id;              // made by the client when empty

  bool operator==(const CatalogSyncParams&) const = default;
};

enum class CatalogKind : int { kUnspecified = 0, kFeature = 1, kPlan = 2 };
std::string ToString(CatalogKind kind);

enum class CatalogAction : int {
  kUnspecified = 0,
  kCreated = 1,
  kUpdated = 2,    // it changed, or a plan's subscriptions were moved to its newest version
  kUnchanged = 3,  // it was that way already
  kArchived = 4,   // whatever else changed
  kRestored = 5,   // no longer archived, whatever else changed
};
std::string ToString(CatalogAction action);

// What a sync did to one feature or plan, or with `validate_only` would do.
struct CatalogChange {
  CatalogKind kind = CatalogKind::kUnspecified;
  std::string slug;
  CatalogAction action = CatalogAction::kUnspecified;
  uint32_t version = 0;                      // of a plan, after the sync
  std::vector<std::string> prices_in_words;  // of a plan, to be read by people before they go live
  std::optional<absl::Time> effective_at;    // of a plan: when its newest version takes effect

  bool operator==(const CatalogChange&) const = default;
};

struct CatalogSyncResult {
  std::vector<CatalogChange> changes;  // first the features, then the plans, in the given order
  bool replayed = false;  // `request_id` had succeeded before; this call changed nothing

  bool operator==(const CatalogSyncResult&) const = default;
};

struct FeaturesParams {
  bool include_archived = false;  // archived features too

  bool operator==(const FeaturesParams&) const = default;
};

struct PlansParams {
  bool include_archived = false;  // archived plans too

  bool operator==(const PlansParams&) const = default;
};

struct PlanParams {
  std::string plan;                 // slug
  std::optional<uint32_t> version;  // absent: the newest

  bool operator==(const PlanParams&) const = default;
};

}  // namespace owo

#endif  // OWO_CLIENT_CPP_CATALOG_H_
