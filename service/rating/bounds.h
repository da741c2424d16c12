// The bounds of all values that are rated. Values within kQuantityMax, kTotalMax and kPriceMax can
// always be rated exactly. BillableMax() (service/rating/rate.h) keeps a cost within kCostMax.
//
//   if (quantity > kQuantityMax || quantity < -kQuantityMax) return QuantityOutOfRange();
//   Check(total >= Decimal() && total <= kTotalMax, "a total out of its bounds");
//
// The API states them, and stored usage may be as large as they allow. So none may be lowered.
#ifndef OWO_SERVICE_RATING_BOUNDS_H_
#define OWO_SERVICE_RATING_BOUNDS_H_

#include <cstddef>
#include <cstdint>

#include "service/rating/decimal.h"

namespace owo::rating {

// One event: |quantity| <= 10^12.
inline constexpr Decimal kQuantityMax = Decimal::FromInteger(1'000'000'000'000);

// One counter: total < 10^15. Also the bound of an allowance and of a tier's `up_to`.
inline constexpr Decimal kTotalMax = Decimal::Max();

// A unit price or a flat fee, in minor units: < 10^12.
inline constexpr Decimal kPriceMax =
    Decimal::FromUnits(Decimal::FromInteger(1'000'000'000'000).units() - absl::int128(1));

// The cost of one counter, in minor units: <= 10^17. The sum of 92 such costs fits an int64.
inline constexpr int64_t kCostMax = 100'000'000'000'000'000;

// The tiers of one price.
inline constexpr size_t kTiersMax = 100;

}  // namespace owo::rating

#endif  // OWO_SERVICE_RATING_BOUNDS_H_
