// Features, plans and the catalog. A catalog does not hold the terms of plan versions: those are
// read when needed (service/ledger/catalog_cache.h).
//
//   std::shared_ptr<const Catalog> catalog = …;
//   const Feature* feature = catalog->FindFeature("api-calls");
//   const Plan* plan = catalog->FindPlan("pro");
//   plan->newest().version;

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
  uint32_t version = 0;
  uint32_t bytes = 0;  // of its row
  storage::Micros effective = 0;
  // Existing subscriptions move to this version at their next billing period, or at this time if
  // that is earlier.
  storage::Micros at_once_from = storage::kForever;
};

struct Plan {
  storage::PlanNo number{};
  std::string slug;
  rating::Currency currency;
  rating::Interval interval = rating::Interval::kMonth;
  bool archived = false;
  std::vector<PlanVersion> versions;  // ascending; never empty
  uint64_t version_bytes = 0;         // of all their rows

  const PlanVersion& newest() const { return versions.back(); }
  const PlanVersion* Find(uint32_t version) const;
  // Adds a version, or replaces the one with its number.
  void Put(const PlanVersion& version);
};

struct Feature {
  storage::FeatureNo number{};
  std::string slug;
  std::string name;
  std::string unit;
  bool archived = false;
};

// Items of a catalog, indexed by slug and by number. Immutable. A changed copy shares the unchanged
// items.
template <typename Item, typename Number>
class CatalogTable {
 public:
  using Items = std::vector<std::shared_ptr<const Item>>;

  CatalogTable() = default;
  // If several items have the same number, the last one is kept.
  explicit CatalogTable(Items items);

  const Items& items() const { return items_; }  // by slug
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
  absl::flat_hash_map<absl::string_view, const Item*> by_slug_;
  absl::flat_hash_map<Number, const Item*> by_number_;
};

// One generation of a tenant's catalog. Immutable.
class Catalog {
 public:
  using Ptr = std::shared_ptr<const Catalog>;
  using Features = CatalogTable<Feature, storage::FeatureNo>;
  using Plans = CatalogTable<Plan, storage::PlanNo>;

  // Reads the catalog from the store. `known`: an earlier generation, or null. Of each plan that
  // `known` has, only its newest version there and later versions are read.
  static absl::StatusOr<Ptr> Read(const storage::ReadOptions& read,
                                  const storage::CatalogSource& source, storage::TenantId tenant,
                                  const Catalog* known);
  // The next generation, with `changes` applied. `changes`: as storage::PutCatalog::changes.
  absl::StatusOr<Ptr> With(const storage::CatalogRecord& changes) const;

  uint64_t generation() const { return generation_; }
  const Features::Items& features() const { return features_->items(); }  // by slug
  const Plans::Items& plans() const { return plans_->items(); }           // by slug

  const Feature* FindFeature(std::string_view slug) const { return features_->Find(slug); }
  const Feature* FindFeature(storage::FeatureNo number) const { return features_->Find(number); }
  const Plan* FindPlan(std::string_view slug) const { return plans_->Find(slug); }
  const Plan* FindPlan(storage::PlanNo number) const { return plans_->Find(number); }

  // Total size of the rows of all versions of all plans, in bytes.
  uint64_t version_bytes() const { return version_bytes_; }
  // Approximate memory usage, in bytes.
  size_t memory_bytes() const { return memory_bytes_; }

 private:
  Catalog(uint64_t generation, std::shared_ptr<const Features> features,
          std::shared_ptr<const Plans> plans);

  const uint64_t generation_;
  const std::shared_ptr<const Features> features_;
  const std::shared_ptr<const Plans> plans_;
  uint64_t version_bytes_ = 0;
  size_t memory_bytes_ = 0;
};

}  // namespace owo::ledger

#endif  // OWO_SERVICE_LEDGER_PLAN_H_
