// The terms of plan versions: what is free, what is refused, and what the rest costs.
//
//   OWO_TRY(std::shared_ptr<const VersionTerms> terms, ParseTerms(record));
//   std::shared_ptr<const Terms> calls = terms->Find(feature->number);
//   absl::StatusOr<int64_t> cost = rating::Cost(calls->price, billable);
//
// Prices may have many tiers. UsageTerms is the small part without the price: tracking needs no
// more, and cached customers hold it.

#ifndef OWO_SERVICE_LEDGER_TERMS_H_
#define OWO_SERVICE_LEDGER_TERMS_H_

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "service/rating/bounds.h"
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

// The terms of one feature in one version of a plan, without its price.
struct UsageTerms {
  storage::FeatureNo feature{};
  UsageModel usage_model = UsageModel::kIncluded;
  std::optional<rating::Decimal> included;  // absent: unlimited. Not with kUsageBased
  rating::Interval reset = rating::Interval::kMonth;
  Overage overage = Overage::kBlock;
  std::optional<rating::Decimal> max_overage;
  // The largest total that can always be rated. Set when parsed from a record.
  rating::Decimal total_max = rating::kTotalMax;

  // Whether usage can cost money.
  bool charged() const {
    return usage_model == UsageModel::kUsageBased || overage == Overage::kCharge;
  }
  // The free units of the first segment of a period; absent: unlimited.
  std::optional<rating::Decimal> Allowance() const {
    return usage_model == UsageModel::kUsageBased ? rating::Decimal() : included;
  }
  // The most that a total may be if `allowance` of it is free; absent: no limit.
  std::optional<rating::Decimal> Limit(std::optional<rating::Decimal> allowance) const;
};

struct Terms : UsageTerms {
  rating::Price price;
};

// The terms of all features in one version of a plan. Immutable once shared.
struct VersionTerms {
  std::string name;  // of the plan, in this version
  // In the order in which the catalog was given them. Shared separately from `features`, so that
  // the prices can be evicted first.
  std::shared_ptr<const std::vector<UsageTerms>> usage;
  std::vector<std::shared_ptr<const Terms>> features;  // in the same order

  // Null if the version does not have the feature.
  std::shared_ptr<const Terms> Find(storage::FeatureNo feature) const;
  const UsageTerms* FindUsage(storage::FeatureNo feature) const;
  // Approximate memory usage in bytes, rounded up.
  size_t Bytes() const;
};
// Null if `terms` does not have the feature.
const UsageTerms* FindIn(const std::vector<UsageTerms>& terms, storage::FeatureNo feature);

// The bounds that a counter's total is compared with, as in storage::Target.
struct Bounds {
  rating::Decimal total_max;
  std::optional<rating::Decimal> allowance;  // absent: unlimited
  std::optional<rating::Decimal> limit;      // absent: none
  std::optional<rating::Decimal> closed_up_to;
};
// The bounds of a feature whose period has one segment.
Bounds BoundsOf(const UsageTerms& terms);
void SetBounds(const Bounds& bounds, storage::Target& target);

// Convert terms to and from their stored record. DATA_LOSS if a record does not parse.
storage::PlanFeatureRecord ToRecord(const Terms& terms);
absl::StatusOr<Terms> FromRecord(const storage::PlanFeatureRecord& record);
absl::StatusOr<std::shared_ptr<const VersionTerms>> ParseTerms(
    const storage::PlanVersionRecord& record);

storage::IntervalCode CodeOf(rating::Interval interval);
rating::Interval IntervalOf(storage::IntervalCode code);

inline rating::Decimal ToDecimal(storage::Quantity q) {
  return rating::Decimal::FromUnits(q.units);
}
inline storage::Quantity ToQuantity(rating::Decimal d) { return {d.units()}; }

}  // namespace owo::ledger

#endif  // OWO_SERVICE_LEDGER_TERMS_H_
