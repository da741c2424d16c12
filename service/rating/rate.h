// The cost of usage. Pure functions: the same terms and totals always give exactly the same result.
//
//   std::vector<Decimal> free = FreeUnits(segments);         // what the allowance takes
//   Decimal billable = segments[0].total - free[0];
//   absl::StatusOr<int64_t> cost = Cost(price, billable);    // whole minor units
//
// Cost of b billable units, C(0) = 0:
//   per unit   b · p                  fractions of a unit are priced as fractions
//   package    ⌈b / u⌉ · p            p per started package of u units
//   graduated  Σ over entered tiers   the units inside the tier at its price, plus its flat fee
//   volume     b · p + fee            of the one tier that b reaches
//
// Every Price here must be valid: REQUIRES: !Validate(price). Every billable quantity must lie in
// [0, kTotalMax] (service/rating/bounds.h); checked.
#ifndef OWO_SERVICE_RATING_RATE_H_
#define OWO_SERVICE_RATING_RATE_H_

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "absl/status/statusor.h"
#include "service/rating/bounds.h"
#include "service/rating/decimal.h"
#include "service/rating/price.h"

namespace owo::rating {

// C(billable) in minor units: exact, then rounded once, half away from zero. OUT_OF_RANGE if the
// cost is more than kCostMax, which is impossible if billable <= BillableMax(price).
absl::StatusOr<int64_t> Cost(const Price& price, Decimal billable);

// The largest total, at most kTotalMax, such that it and every total below it cost at most
// kCostMax. (Every total below: a volume price may cost more in a middle tier than in the last.)
Decimal BillableMax(const Price& price);

// The part of a billable quantity that one tier prices. Also the difference of two such parts of
// the same tier: then the quantity and the flat fees may be negative.
struct TierShare {
  size_t tier = 0;  // index into Price::tiers
  Decimal quantity;
  int64_t flat_fees = 0;  // how often the tier's flat fee is charged

  friend bool operator==(const TierShare&, const TierShare&) = default;
};

// How `billable` is divided among the tiers, in order. Graduated: all tiers entered. Volume: the
// one tier reached. Empty if `billable` is 0, and for models without tiers.
std::vector<TierShare> Breakdown(const Price& price, Decimal billable);

// The cost of `quantity` units and `flat_fees` fees in one tier, rounded to 12 digits for display.
// REQUIRES: the amount is within ±kCostMax, as it is for shares of billable <= BillableMax.
Decimal TierAmount(const Tier& tier, Decimal quantity, int64_t flat_fees);

// The price of one of `quantity` billable units, for display. `shares`: how `quantity` is divided
// among the tiers. Computed exactly, then rounded once, half away from zero, to 12 digits:
//   per unit   the unit price
//   package    unit price / billing units
//   tiered     if all tiers with units have the same unit price, that price: a flat fee is not the
//              price of a unit. Else the average: the unrounded amount of units and flat fees,
//              divided by `quantity`
// Absent if `quantity` is zero. Clamped to ±Decimal::Max().
// REQUIRES: the quantities of `shares` add up to `quantity`. Each may be negative.
std::optional<Decimal> UnitPrice(const Price& price, Decimal quantity,
                                 std::span<const TierShare> shares);

// The usage of one segment (the part of a period under one subscription and plan version), and its
// allowance.
struct SegmentUsage {
  Decimal total;                    // REQUIRES: not negative
  bool usage_based = false;         // no unit is free, whatever `included` says
  std::optional<Decimal> included;  // absent: unlimited
};

// The free units of each segment of one customer, feature and period, in the order of segments:
//   Free_k = min(total_k, max(0, included_k - Σ_{j<k} Free_j))
// so that an allowance is granted once per period, even if the plan changes inside it. Usage-based
// segments have no free units. Unlimited segments are free, and use up no other allowance.
std::vector<Decimal> FreeUnits(std::span<const SegmentUsage> segments);

}  // namespace owo::rating

#endif  // OWO_SERVICE_RATING_RATE_H_
