#include "tests/model/plain_rating.h"

#include <algorithm>

namespace owo::model {
namespace {

constexpr int64_t kExactPerMinorUnit = 10'000'000;  // a thousandth unit at a ten-thousandth

// In 10^-7 minor units.
int64_t ExactCostOf(const PlainPrice& price, Milli billable) {
  if (billable == 0) return 0;
  if (price.pricing == Pricing::kPerUnit) return billable * price.price;
  if (price.pricing == Pricing::kPackage) {
    const int64_t packages = (billable + price.package - 1) / price.package;
    return packages * price.price * 1000;
  }
  int64_t cost = 0;
  Milli lower = 0;
  for (const PlainTier& tier : price.tiers) {
    const Milli upper = std::min(tier.up_to.value_or(billable), billable);
    const bool reached = upper == billable;
    if (price.pricing == Pricing::kGraduated) {
      cost += (upper - lower) * tier.price + tier.fee * 1000;
    } else if (reached) {
      cost = billable * tier.price + tier.fee * 1000;
    }
    if (reached) break;
    lower = upper;
  }
  return cost;
}

}  // namespace

int64_t CostOf(const PlainPrice& price, Milli billable) {
  const int64_t exact = ExactCostOf(price, billable);
  return (exact + kExactPerMinorUnit / 2) / kExactPerMinorUnit;
}

}  // namespace owo::model
