// Features, plans and the catalog. A catalog does not hold the terms of plan versions: those are
// read when needed (service/ledger/catalog_cache.h).
//
//   std::shared_ptr<const Catalog> catalog = …;
//   const Feature* feature = catalog->FindFeature("api-calls");
//   const Plan* plan = catalog->FindPlan("pro");
//   plan->newest().version;
//
// Inside, features, plans and customers are numbers, which are given once and never reused. Slugs
// are for callers. All times are in microseconds since 1970.

#ifndef OWO_SERVICE_LEDGER_PLAN_H_
#define OWO_SERVICE_LEDGER_PLAN_H_

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/status/statusor.h"
#include "service/ledger/terms.h"
#include "service/rating/currency.h"
#include "service/rating/period.h"
#include "storage/catalog_source.h"
#include "storage/records.pb.h"
#include "storage/types.h"

namespace owo::ledger {

// A version of a plan without its terms.
struct PlanVersion {
  storage::PlanNo plan{};
  // From 1, one more with each change of the terms.
  uint32_t version = 0;
  // Of its row.
  uint32_t bytes = 0;
  // Subscriptions that start at this time or later begin with this version or a newer one.
  storage::Micros effective = 0;
  // Existing subscriptions move to this version at their next billing period, or at this time if
  // that is earlier. kForever: none is moved before its next billing period.
  storage::Micros at_once_from = storage::kForever;
};

// A plan with all its versions. Its currency and interval never change.
struct Plan {
  storage::PlanNo number{};
  std::string slug;
  rating::Currency currency;
  // The billing period. Features may reset at other intervals (UsageTerms::reset).
  rating::Interval interval = rating::Interval::kMonth;
  // Takes no new subscriptions. Those that exist go on.
  bool archived = false;
  // Ascending by number. Never empty.
  std::vector<PlanVersion> versions;
  // Of all their rows, together: what kPlanBytesMax (catalog.h) bounds.
  uint64_t version_bytes = 0;

  // The version with the highest number. It may not be in effect yet.
  const PlanVersion& newest() const { return versions.back(); }
  // Null if the plan does not have the version.
  const PlanVersion* Find(uint32_t version) const;
  // Adds a version, or replaces the one with its number.
  void Put(const PlanVersion& version);
};

// What is metered. Archived: lists hide it, and plans that have it keep it.
// Two features never have the same slug or number.
struct Feature {
  storage::FeatureNo number{};
  std::string slug;
  std::string name;
  std::string unit;  // what one unit is called, such as "call"; "" if it has no name
  bool archived = false;
};

// Items of a catalog, indexed by slug and by number. Immutable. A changed copy shares the unchanged
// items. Thread-safe.
//
//   const Feature* feature = features.Find("api-calls");
//   features.Find(feature->number) == feature;
//
// Pointers to items are valid as long as the table, or a copy that has the item.
template <typename Item, typename Number>
class CatalogTable {
 public:
  using Items = std::vector<std::shared_ptr<const Item>>;

  CatalogTable() = default;
  // If several items have the same number, the last one is kept.
  explicit CatalogTable(Items items);

  // All items, ascending by slug.
  const Items& items() const { return items_; }
  // Null if no item has the slug or number.
  const Item* Find(std::string_view slug) const {
    const auto found = by_slug_.find(absl::string_view(slug.data(), slug.size()));
    return found == by_slug_.end() ? nullptr : found->second;
  }
  const Item* Find(Number number) const {
    const auto found = by_number_.find(number);
    return found == by_number_.end() ? nullptr : found->second;
  }

 private:
  Items items_;
  // Both point into `items_`.
  absl::flat_hash_map<absl::string_view, const Item*> by_slug_;
  absl::flat_hash_map<Number, const Item*> by_number_;
};

// One generation of a tenant's catalog. Immutable, and so thread-safe. Everything that it returns
// points into it: keep the Ptr.
class Catalog {
 public:
  using Ptr = std::shared_ptr<const Catalog>;
  using Features = CatalogTable<Feature, storage::FeatureNo>;
  using Plans = CatalogTable<Plan, storage::PlanNo>;

  // Reads the catalog from the store. `known`: an earlier generation, or null. Of each plan that
  // `known` has, only its newest version there and later versions are read. Blocks. DATA_LOSS if a
  // row does not parse; storage::ReadNeedsDisk() if `read` is memory-only.
  static absl::StatusOr<Ptr> Read(const storage::ReadOptions& read,
                                  const storage::CatalogSource& source, storage::TenantId tenant,
                                  const Catalog* known);
  // The next generation, with `changes` applied. `changes`: as storage::PutCatalog::changes.
  // DATA_LOSS if they do not parse.
  absl::StatusOr<Ptr> With(const storage::CatalogRecord& changes) const;

  // Counts the changes of the catalog. A write names the generation that it was decided on.
  uint64_t generation() const { return generation_; }
  // All features and plans, archived ones included, ascending by slug.
  const Features::Items& features() const { return features_->items(); }
  const Plans::Items& plans() const { return plans_->items(); }

  // Null if the catalog does not have it.
  const Feature* FindFeature(std::string_view slug) const { return features_->Find(slug); }
  const Feature* FindFeature(storage::FeatureNo number) const { return features_->Find(number); }
  const Plan* FindPlan(std::string_view slug) const { return plans_->Find(slug); }
  const Plan* FindPlan(storage::PlanNo number) const { return plans_->Find(number); }

  // Total size of the rows of all versions of all plans, in bytes: what kCatalogBytesMax
  // (catalog.h) bounds.
  uint64_t version_bytes() const { return version_bytes_; }
  // Approximate memory usage, in bytes, of the whole catalog: parts that it shares with another
  // generation are counted for both.
  size_t memory_bytes() const { return memory_bytes_; }

 private:
  Catalog(uint64_t generation, std::shared_ptr<const Features> features,
          std::shared_ptr<const Plans> plans);

  const uint64_t generation_;
  // Shared with earlier generations that have the same features or plans.
  const std::shared_ptr<const Features> features_;
  const std::shared_ptr<const Plans> plans_;
  uint64_t version_bytes_ = 0;
  size_t memory_bytes_ = 0;
};

}  // namespace owo::ledger

#endif  // OWO_SERVICE_LEDGER_PLAN_H_
