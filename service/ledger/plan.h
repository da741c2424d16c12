// What is metered and on which terms: the catalog as the ledger works with it, parsed from its
// records once and never changed.
//
//   std::shared_ptr<const Catalog> catalog = …;
//   const Feature* feature = catalog->FindFeature("api-calls");
//   const Plan* plan = catalog->FindPlan("pro");
//   const Terms* terms = plan->newest().Find(feature->number);

#ifndef OWO_SERVICE_LEDGER_PLAN_H_
#define OWO_SERVICE_LEDGER_PLAN_H_

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/status/statusor.h"
#include "service/rating/bounds.h"
#include "service/rating/currency.h"
#include "service/rating/decimal.h"
#include "service/rating/period.h"
#include "service/rating/price.h"
#include "storage/commands.h"
#include "storage/records.pb.h"
#include "storage/types.h"

namespace owo::ledger {

// On disk: never renumber.
enum class UsageModel : uint8_t { kIncluded = 1, kUsageBased = 2 };
enum class Overage : uint8_t { kBlock = 1, kCharge = 2 };

// The terms of one feature in one version of a plan.
struct Terms {
  storage::FeatureNo feature{};
  UsageModel usage_model = UsageModel::kIncluded;
  std::optional<rating::Decimal> included;  // absent: unlimited. Not with kUsageBased
  rating::Price price;
  rating::Interval reset = rating::Interval::kMonth;
  Overage overage = Overage::kBlock;
  std::optional<rating::Decimal> max_overage;
  // The largest total that can always be rated. Set when parsed from a record.
  rating::Decimal total_max = rating::kTotalMax;

  // Whether usage can cost money.
  bool charged() const {
    return usage_model == UsageModel::kUsageBased || overage == Overage::kCharge;
  }
  // What is free of a first segment; absent: everything.
  std::optional<rating::Decimal> Allowance() const {
    return usage_model == UsageModel::kUsageBased ? rating::Decimal() : included;
  }
  // What a total may reach when `allowance` of it is free; absent: no limit.
  std::optional<rating::Decimal> Limit(std::optional<rating::Decimal> allowance) const;
};

// What a counter's total is compared with, as storage::Target.
struct Bounds {
  rating::Decimal total_max;
  std::optional<rating::Decimal> allowance;  // absent: unlimited
  std::optional<rating::Decimal> limit;      // absent: none
  std::optional<rating::Decimal> settled_up_to;
};
// Of a feature whose period has one segment.
Bounds BoundsOf(const Terms& terms);
void SetBounds(const Bounds& bounds, storage::Target& target);

struct PlanVersion {
  storage::PlanNo plan{};
  uint32_t version = 0;
  std::string name;
  storage::Micros effective = 0;
  // Existing subscriptions move at their next billing period, or then if that is earlier.
  storage::Micros at_once_from = storage::kForever;
  std::vector<Terms> features;  // in the order they were given

  const Terms* Find(storage::FeatureNo feature) const;
};

struct Plan {
  storage::PlanNo number{};
  std::string slug;
  rating::Currency currency;
  rating::Interval interval = rating::Interval::kMonth;
  bool archived = false;
  std::vector<PlanVersion> versions;  // ascending; never empty

  const PlanVersion& newest() const { return versions.back(); }
  const PlanVersion* Find(uint32_t version) const;
};

struct Feature {
  storage::FeatureNo number{};
  std::string slug;
  std::string name;
  std::string unit;
  bool archived = false;
};

class Catalog {
 public:
  static absl::StatusOr<std::shared_ptr<const Catalog>> Parse(const storage::CatalogRecord& record);

  uint64_t generation() const { return generation_; }
  const std::vector<Feature>& features() const { return features_; }  // by slug
  const std::vector<Plan>& plans() const { return plans_; }           // by slug

  const Feature* FindFeature(std::string_view slug) const;
  const Feature* FindFeature(storage::FeatureNo number) const;
  const Plan* FindPlan(std::string_view slug) const;
  const Plan* FindPlan(storage::PlanNo number) const;

 private:
  uint64_t generation_ = 0;
  std::vector<Feature> features_;
  std::vector<Plan> plans_;
  absl::flat_hash_map<std::string, size_t> feature_by_slug_;
  absl::flat_hash_map<storage::FeatureNo, size_t> feature_by_number_;
  absl::flat_hash_map<std::string, size_t> plan_by_slug_;
  absl::flat_hash_map<storage::PlanNo, size_t> plan_by_number_;
};

// Terms to and from the record that keeps them.
storage::PlanFeatureRecord ToRecord(const Terms& terms);
absl::StatusOr<Terms> FromRecord(const storage::PlanFeatureRecord& record);

storage::IntervalCode CodeOf(rating::Interval interval);
rating::Interval IntervalOf(storage::IntervalCode code);

inline rating::Decimal ToDecimal(storage::Quantity q) {
  return rating::Decimal::FromUnits(q.units);
}
inline storage::Quantity ToQuantity(rating::Decimal d) { return {d.units()}; }

}  // namespace owo::ledger

#endif  // OWO_SERVICE_LEDGER_PLAN_H_
