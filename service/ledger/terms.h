// The terms of plan versions: what is free, what is refused, and what the rest costs.
//
//   OWO_TRY(std::shared_ptr<const VersionTerms> terms, ParseTerms(record));
//   std::shared_ptr<const Terms> calls = terms->Find(feature->number);
//   absl::StatusOr<int64_t> cost = rating::Cost(calls->price, billable);
//
// Prices may have many tiers. UsageTerms is the small part without the price: tracking needs no
// more, and cached customers hold it.
//
// What becomes of a period's total, with `included` 1,000:
//
//   total    kIncluded, kBlock     kIncluded, kCharge        kUsageBased
//   800      free                  free                      800 charged
//   1,200    refused above 1,000   1,000 free, 200 charged   1,200 charged
//
// `max_overage` bounds the charged units. If it is 500, kCharge refuses totals above 1,500, and
// kUsageBased totals above 500.
//
// All types are values or shared constants, which any number of threads may read. Quantities are in
// units of the feature, prices in minor units of the plan's currency.

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

// kIncluded: units up to the allowance are free. kUsageBased: every unit is charged.
// On disk: never renumber.
enum class UsageModel : uint8_t { kIncluded = 1, kUsageBased = 2 };
// What happens beyond the allowance. kBlock: events are refused. kCharge: units are charged.
// On disk: never renumber.
enum class Overage : uint8_t { kBlock = 1, kCharge = 2 };

// The terms of one feature in one version of a plan, without its price.
struct UsageTerms {
  storage::FeatureNo feature{};
  UsageModel usage_model = UsageModel::kIncluded;
  std::optional<rating::Decimal> included;  // absent: unlimited. Not with kUsageBased
  // The period in which usage is totalled, and for which the allowance is granted.
  rating::Interval reset = rating::Interval::kMonth;
  Overage overage = Overage::kBlock;
  // The most units beyond the allowance; absent: no limit. Only with kCharge or kUsageBased.
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

// The terms of one feature in one version of a plan, with its price.
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

  // Null if the version does not have the feature. The terms of `Find` stay valid as long as the
  // pointer is kept, those of `FindUsage` as long as `usage` is.
  std::shared_ptr<const Terms> Find(storage::FeatureNo feature) const;
  const UsageTerms* FindUsage(storage::FeatureNo feature) const;
  // Approximate memory usage in bytes, rounded up.
  size_t Bytes() const;
};
// Null if `terms` does not have the feature.
const UsageTerms* FindIn(const std::vector<UsageTerms>& terms, storage::FeatureNo feature);

// The bounds that a counter's total is compared with, as in storage::Target.
struct Bounds {
  // A larger total is QUANTITY_OUT_OF_RANGE.
  rating::Decimal total_max;
  // Free units. A larger total is kTrackedOverage. Absent: unlimited.
  std::optional<rating::Decimal> allowance;
  // A larger total is kLimitExceeded. Absent: none.
  std::optional<rating::Decimal> limit;
  // As storage::Target's.
  std::optional<rating::Decimal> closed_up_to;
};
// The bounds of a feature whose period has one segment.
Bounds BoundsOf(const UsageTerms& terms);
// Writes the bounds to a target, and leaves its other fields as they are.
void SetBounds(const Bounds& bounds, storage::Target& target);

// Convert terms to and from their stored record. DATA_LOSS if a record does not parse.
storage::PlanFeatureRecord ToRecord(const Terms& terms);
absl::StatusOr<Terms> FromRecord(const storage::PlanFeatureRecord& record);
absl::StatusOr<std::shared_ptr<const VersionTerms>> ParseTerms(
    const storage::PlanVersionRecord& record);

// The same interval, as storage and as rating name it.
storage::IntervalCode CodeOf(rating::Interval interval);
rating::Interval IntervalOf(storage::IntervalCode code);

// The same number, as storage and as rating hold it: both count units of 10^-12. Exact.
inline rating::Decimal ToDecimal(storage::Quantity q) {
  return rating::Decimal::FromUnits(q.units);
}
inline storage::Quantity ToQuantity(rating::Decimal d) { return {d.units()}; }

}  // namespace owo::ledger

#endif  // OWO_SERVICE_LEDGER_TERMS_H_
