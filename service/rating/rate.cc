#include "service/rating/rate.h"

#include <algorithm>
#include <utility>

#include "absl/numeric/int128.h"
#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "service/rating/check.h"
#include "service/rating/wide.h"

namespace owo::rating {
namespace {

// Exact costs are counted in 10^-24 minor units: the product of two Decimals.
constexpr absl::int128 kOne = Decimal::kUnitsPerOne;

Wide Times(Decimal a, Decimal b) { return Wide::Product(a.units(), b.units()); }

// `count` * price. A price has at most 80 bits, 10^12 has 40: the inner product fits.
Wide TimesWhole(absl::int128 count, Decimal price) {
  return Wide::Product(count, price.units() * kOne);
}

// The largest exact cost that rounds to kCostMax: one unit below kCostMax + 1/2.
Wide ExactCostMax() {
  return Wide::Product(2 * absl::int128(kCostMax) + 1, kOne * kOne / 2) - Wide(1);
}

// Calls visit(TierShare) for each tier that has a share of `billable`, in order.
template <typename Visit>
void VisitShares(const Price& price, Decimal billable, Visit visit) {
  if (billable.IsZero()) return;
  Decimal lower;
  for (size_t i = 0; i < price.tiers.size(); ++i) {
    const std::optional<Decimal> up_to = price.tiers[i].up_to;
    const bool reached = !up_to || billable <= *up_to;
    if (price.model == RatingModel::kGraduated) {
      visit(TierShare{i, (reached ? billable : *up_to) - lower, 1});
    } else if (reached) {
      visit(TierShare{i, billable, 1});
    }
    if (reached) return;
    lower = *up_to;
  }
  CheckFailed("rating: the last tier must be unbounded");
}

Wide ExactTierAmount(const Tier& tier, Decimal quantity, int64_t flat_fees) {
  return Times(quantity, tier.unit_price) + TimesWhole(flat_fees, tier.flat_fee);
}

Wide ExactCost(const Price& price, Decimal billable) {
  switch (price.model) {
    case RatingModel::kPerUnit:
      return Times(billable, price.unit_price);
    case RatingModel::kPackage: {
      const absl::int128 size = price.billing_units.units();
      return TimesWhole((billable.units() + size - 1) / size, price.unit_price);
    }
    case RatingModel::kGraduated:
    case RatingModel::kVolume: {
      Wide cost;
      VisitShares(price, billable, [&](const TierShare& share) {
        cost = cost + ExactTierAmount(price.tiers[share.tier], share.quantity, share.flat_fees);
      });
      return cost;
    }
  }
  CheckFailed("rating: unknown model");
}

void CheckBillable(Decimal billable) {
  Check(!billable.IsNegative() && billable <= kTotalMax, "rating: billable out of bounds");
}

// `units` as a Decimal, but at most kTotalMax.
Decimal AtMostTotalMax(const Wide& units) {
  return units < Wide(kTotalMax.units()) ? Decimal::FromUnits(*units.ToInt128()) : kTotalMax;
}

// The most units at `unit_price` that cost at most `budget`; kTotalMax if that is more.
Decimal Affordable(const Wide& budget, Decimal unit_price) {
  if (unit_price.IsZero()) return kTotalMax;
  return AtMostTotalMax(DivideTowardZero(budget, Wide(unit_price.units())));
}

Decimal PackageBillableMax(const Price& price) {
  if (price.unit_price.IsZero()) return kTotalMax;
  const Wide packages = DivideTowardZero(ExactCostMax(), TimesWhole(1, price.unit_price));
  return AtMostTotalMax(Wide::Product(*packages.ToInt128(), price.billing_units.units()));
}

// Cost increases within a tier, so the result is in the first tier that cannot be filled. If not
// even its first unit is affordable, the result is the upper bound of the previous tier.
Decimal TieredBillableMax(const Price& price) {
  const bool graduated = price.model == RatingModel::kGraduated;
  Decimal lower;
  Wide spent;  // graduated: the cost of the previous tiers
  for (const Tier& tier : price.tiers) {
    const Wide budget = ExactCostMax() - spent - ExactTierAmount(tier, Decimal(), 1);
    if (budget.IsNegative()) return lower;
    const Decimal upper = tier.up_to.value_or(kTotalMax);
    const Decimal reached = (graduated ? lower : Decimal()) + Affordable(budget, tier.unit_price);
    if (reached < upper) return std::max(lower, reached);
    if (graduated) spent = spent + ExactTierAmount(tier, upper - lower, 1);
    lower = upper;
  }
  return lower;
}

// numerator / denominator in units of 10^-12, clamped to ±Decimal::Max().
Decimal QuotientForDisplay(const Wide& numerator, Decimal denominator) {
  const Wide max(Decimal::Max().units());
  const Wide quotient = DivideHalfAwayFromZero(numerator, Wide(denominator.units()));
  return Decimal::FromUnits(*std::clamp(quotient, -max, max).ToInt128());
}

}  // namespace

absl::StatusOr<int64_t> Cost(const Price& price, Decimal billable) {
  CheckBillable(billable);
  const Wide cost = ExactCost(price, billable);
  if (cost > ExactCostMax()) {
    return absl::OutOfRangeError(absl::StrCat("cost of ", billable.ToString(),
                                              " units: got more than the bound of ", kCostMax,
                                              " minor units"));
  }
  const Wide rounded = DivideHalfAwayFromZero(cost, Wide(kOne * kOne));
  return static_cast<int64_t>(*rounded.ToInt128());
}

Decimal BillableMax(const Price& price) {
  switch (price.model) {
    case RatingModel::kPerUnit:
      return Affordable(ExactCostMax(), price.unit_price);
    case RatingModel::kPackage:
      return PackageBillableMax(price);
    case RatingModel::kGraduated:
    case RatingModel::kVolume:
      return TieredBillableMax(price);
  }
  CheckFailed("rating: unknown model");
}

std::vector<TierShare> Breakdown(const Price& price, Decimal billable) {
  CheckBillable(billable);
  std::vector<TierShare> shares;
  if (!IsTiered(price.model)) return shares;
  VisitShares(price, billable, [&](const TierShare& share) { shares.push_back(share); });
  return shares;
}

Decimal TierAmount(const Tier& tier, Decimal quantity, int64_t flat_fees) {
  const Wide amount = ExactTierAmount(tier, quantity, flat_fees);
  const std::optional<absl::int128> units = DivideHalfAwayFromZero(amount, Wide(kOne)).ToInt128();
  Check(units.has_value(), "TierAmount: amount out of bounds");
  return Decimal::FromUnits(*units);
}

std::optional<Decimal> UnitPrice(const Price& price, Decimal quantity,
                                 std::span<const TierShare> shares) {
  if (quantity.IsZero()) return std::nullopt;
  if (price.model == RatingModel::kPerUnit) return price.unit_price;
  if (price.model == RatingModel::kPackage) {
    return QuotientForDisplay(TimesWhole(1, price.unit_price), price.billing_units);
  }
  Wide amount;
  std::optional<Decimal> single;
  bool several = false;
  for (const TierShare& share : shares) {
    const Tier& tier = price.tiers[share.tier];
    amount = amount + ExactTierAmount(tier, share.quantity, share.flat_fees);
    if (share.quantity.IsZero()) continue;
    several |= single.value_or(tier.unit_price) != tier.unit_price;
    single = tier.unit_price;
  }
  return several ? QuotientForDisplay(amount, quantity) : single;
}

std::vector<Decimal> FreeUnits(std::span<const SegmentUsage> segments) {
  std::vector<Decimal> free;
  free.reserve(segments.size());
  Decimal granted;  // free units that earlier segments used of the allowance
  for (const SegmentUsage& segment : segments) {
    Check(!segment.total.IsNegative(), "FreeUnits: total must not be negative");
    if (segment.usage_based) {
      free.push_back(Decimal());
    } else if (!segment.included) {
      free.push_back(segment.total);
    } else {
      const Decimal left = std::max(Decimal(), *segment.included - granted);
      free.push_back(std::min(segment.total, left));
      granted += free.back();
    }
  }
  return free;
}

}  // namespace owo::rating
