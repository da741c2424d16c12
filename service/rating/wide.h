// Wide: a signed 256-bit integer, with the operations needed to compute costs without rounding.
//
//   Wide cost = Wide::Product(billable.units(), price.units());       // in 10^-24
//   cost = cost + Wide::Product(fee.units(), Decimal::kUnitsPerOne);  // in 10^-24
//   Wide rounded = DivideHalfAwayFromZero(cost, Wide::Product(kOne, kOne));
//
// A quantity and a price each have 12 digits after the point, so their product has 24, which do not
// fit 128 bits. Wide keeps them all until a cost is rounded once.
#ifndef OWO_SERVICE_RATING_WIDE_H_
#define OWO_SERVICE_RATING_WIDE_H_

#include <compare>
#include <optional>

#include "absl/numeric/int128.h"

namespace owo::rating {

// A value in two's complement. Holds the product of any two int128, and the sum of two such
// products. A sum or difference beyond 256 bits aborts.
class Wide {
 public:
  constexpr Wide() = default;  // zero
  constexpr explicit Wide(absl::int128 value)
      : high_(value < 0 ? -1 : 0), low_(static_cast<absl::uint128>(value)) {}

  // The exact product. It always fits.
  static Wide Product(absl::int128 a, absl::int128 b);

  constexpr bool IsNegative() const { return high_ < 0; }

  // The value; nullopt if it does not fit 128 bits.
  std::optional<absl::int128> ToInt128() const;

  friend constexpr bool operator==(const Wide&, const Wide&) = default;
  friend constexpr std::strong_ordering operator<=>(const Wide&, const Wide&) = default;

  // These abort if the result does not fit 256 bits.
  Wide operator-() const;
  friend Wide operator+(const Wide& a, const Wide& b);
  friend Wide operator-(const Wide& a, const Wide& b);

  // The quotient, rounded toward zero. REQUIRES: divisor is not zero.
  friend Wide DivideTowardZero(const Wide& dividend, const Wide& divisor) {
    return Divide(dividend, divisor, Rounding::kTowardZero);
  }

  // The quotient, rounded to the nearest integer, halves away from zero: 5/2 is 3, -5/2 is -3.
  // REQUIRES: divisor is not zero.
  friend Wide DivideHalfAwayFromZero(const Wide& dividend, const Wide& divisor) {
    return Divide(dividend, divisor, Rounding::kHalfAwayFromZero);
  }

 private:
  constexpr Wide(absl::int128 high, absl::uint128 low) : high_(high), low_(low) {}

  enum class Rounding { kTowardZero, kHalfAwayFromZero };
  static Wide Divide(const Wide& dividend, const Wide& divisor, Rounding rounding);

  // The value is high_ * 2^128 + low_. The default comparison relies on this order of members.
  absl::int128 high_ = 0;
  absl::uint128 low_ = 0;
};

}  // namespace owo::rating

#endif  // OWO_SERVICE_RATING_WIDE_H_
