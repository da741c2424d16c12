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
// mention stay unchanged. Features and plans are never deleted, only archived. Prices are in minor
// units: "0.5" is half a cent. Run a sync with `validate_only` first, and read
// CatalogChange::prices_in_words.
//
// Slugs are 1–64 characters: lower-case letters, digits, "-" and "_", the first a letter or digit.
// Prices and fees are decimal strings from "0" to below 10^12, with at most 12 fraction digits;
// quantities are decimal strings below 10^15. A sync that breaks a rule is INVALID_REQUEST, and
// changes nothing. proto/owo/billing/v1/catalog.proto documents the rules in detail.

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
  // The key: unique, never changes.
  std::string slug;

  // 1–256 bytes. Shown on invoices; invoices that exist keep the name that they were created with.
  std::string name;

  // Name of one unit, for example "call"; at most 64 bytes, may be empty.
  std::string unit;

  // Hidden from features(). Plans that have the feature keep it, and its usage is still recorded.
  bool archived = false;

  bool operator==(const Feature&) const = default;
};

// The terms for one feature in a plan. A feature is charged if it is usage-based, or included with
// OveragePolicy::kCharge. Only a charged feature has a price.
struct PlanFeature {
  std::string feature_slug;

  // Required: kUnspecified is INVALID_REQUEST.
  UsageModel usage_model = UsageModel::kUnspecified;

  // Free units in each period. Absent: unlimited. Must be absent with kUsageBased, where nothing is
  // free.
  std::optional<std::string> included;

  // Unspecified: per unit.
  RatingModel rating_model = RatingModel::kUnspecified;

  // Price of one unit, or of one package, in minor units. Required on a charged feature that is
  // rated per unit or per package; must be absent otherwise.
  std::optional<std::string> unit_price;

  // Units in a package, above 0; absent: "1". Only with RatingModel::kPackage.
  std::optional<std::string> billing_units;

  // 1–100 tiers, ascending, the last without `up_to`. Required on a charged feature with graduated
  // or volume prices; must be empty otherwise.
  std::vector<Tier> tiers;

  // When usage starts again from zero. Unspecified: the plan's interval. A charged feature resets
  // with the plan's interval or never; any other feature may have any interval.
  Interval reset_interval = Interval::kUnspecified;

  // Unspecified: block an included feature, charge a usage-based one. kBlock is not allowed with
  // kUsageBased.
  OveragePolicy overage = OveragePolicy::kUnspecified;

  // Most billable units in a period of a charged feature; usage beyond them is kLimitExceeded,
  // unless it is tracked with Enforcement::kRecordAlways. Absent: no bound.
  std::optional<std::string> max_overage_units;

  bool operator==(const PlanFeature&) const = default;
};

// What a customer can subscribe to. `slug`, `currency` and `interval` never change.
struct Plan {
  std::string slug;
  std::string name;      // 1–256 bytes
  std::string currency;  // ISO 4217: "USD"

  // How often the plan is billed: week, month (also if unspecified), quarter or year.
  Interval interval = Interval::kUnspecified;

  // The whole list, at most 100, each for another feature: a sync removes features that are not in
  // it. If customers are subscribed to the plan, that needs
  // CatalogSyncParams::allow_feature_removal.
  std::vector<PlanFeature> features;

  // Hidden from plans(), and takes no new subscriptions. Existing subscriptions continue.
  bool archived = false;

  // Made by the server and ignored by sync: the version, from 1, which each change of the terms
  // increases by 1, at most 500; and when this version was created.
  uint32_t version = 0;
  std::optional<absl::Time> created_at;

  bool operator==(const Plan&) const = default;
};

// The features and plans that the catalog is to contain, at most 1,000 of each. The catalog itself
// has the same bounds, archived features and plans included.
struct CatalogSyncParams {
  std::vector<Feature> features;
  std::vector<Plan> plans;

  // Check everything, report the changes, and make none. `request_id` is not remembered.
  bool validate_only = false;

  // Move existing subscriptions to the newest versions of the given plans at
  // CatalogChange::effective_at, not at their next billing period. It also moves them to a version
  // that an earlier sync created without it.
  bool apply_at_once = false;

  // Let plans lose features while customers are subscribed to them. Later usage of these features
  // is kFeatureNotInPlan. Without it such a sync fails with FEATURE_IN_USE.
  bool allow_feature_removal = false;

  // 1–64 characters; made by the client when empty.
  std::string request_id;

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

  // A plan's newest version after the sync; 0 for a feature.
  uint32_t version = 0;

  // A plan's terms in English, a line per feature, for people to read before they go live: a file
  // in which 0.00025 means dollars instead of cents is easily missed. For example "api-calls: 1,000
  // calls free each month, then 0.02 USD (2 minor units) per call, at most 5,000 billable calls".
  // The wording may change; do not parse it. All lines of a result have at most 1 MiB; the last
  // line of a plan says how many are missing. Empty for a feature.
  std::vector<std::string> prices_in_words;

  // When a plan's newest version takes effect. With `apply_at_once` all subscriptions have it from
  // then on, otherwise from their first billing period that starts then or later. New subscriptions
  // have it immediately. Usually the time of the sync; at most 5 minutes and 256 ms later if usage
  // was counted ahead of the server's clock. Absent for a feature.
  std::optional<absl::Time> effective_at;

  bool operator==(const CatalogChange&) const = default;
};

struct CatalogSyncResult {
  // First the features, then the plans, each in the given order.
  std::vector<CatalogChange> changes;

  // `request_id` had succeeded in the last 30 days; this call changed nothing.
  bool replayed = false;

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
  std::optional<uint32_t> version;  // from 1; absent: the newest

  bool operator==(const PlanParams&) const = default;
};

}  // namespace owo

#endif  // OWO_CLIENT_CPP_CATALOG_H_
