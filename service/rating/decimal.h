// Decimal: an exact decimal number, fixed point with 12 digits after the point.
//
//   absl::StatusOr<Decimal> quantity = Decimal::Parse("1500.25");
//   Decimal twice = *quantity + *quantity;
//   twice.ToString();  // "3000.5"
//
// Quantities, unit prices and flat fees are Decimals; amounts of money are int64 minor units. A
// Decimal is never made from, nor turned into, a floating-point number. There is no product of two:
// what is multiplied keeps all its digits (service/rating/wide.h) until the one rounding in Cost().
#ifndef OWO_SERVICE_RATING_DECIMAL_H_
#define OWO_SERVICE_RATING_DECIMAL_H_

#include <compare>
#include <cstdint>
#include <iosfwd>
#include <string>
#include <string_view>
#include <utility>

#include "absl/numeric/int128.h"
#include "absl/status/statusor.h"
#include "service/rating/check.h"

namespace owo::rating {

// A value, cheap to copy, ordered by size (so std::min and std::max apply), hashable.
//
// Precision: 12 fraction digits, counted in units of 10^-12 in 128 bits.
// Range: text is accepted strictly between -10^15 and 10^15. Memory holds 170 billion times that,
// so no sum of numbers that came through Parse() can overflow in practice; one that does aborts.
class Decimal {
 public:
  static constexpr int kFractionDigits = 12;
  static constexpr int64_t kUnitsPerOne = 1'000'000'000'000;

  constexpr Decimal() = default;  // zero

  // Reads `-?digits[.digits]` whatever its length, as long as the value is exact here: at most 12
  // digits after the point, not counting zeros at the end, and |value| < 10^15. Leading zeros are
  // fine, "-0" is zero. Anything else ("", "+1", "1.", ".5", "1e3", "NaN", spaces) is
  // INVALID_ARGUMENT with the text, shortened and escaped, and what was wanted in the message.
  static absl::StatusOr<Decimal> Parse(std::string_view text);

  // `units` * 10^-12: the inverse of units().
  static constexpr Decimal FromUnits(absl::int128 units) { return Decimal(units); }
  static constexpr Decimal FromInteger(int64_t value) {
    return Decimal(static_cast<__int128>(value) * kUnitsPerOne);
  }

  // The largest number that Parse() accepts: 10^15 - 10^-12.
  static constexpr Decimal Max() {
    return Decimal(FromInteger(1'000'000'000'000'000).units_ - absl::int128(1));
  }

  constexpr absl::int128 units() const { return units_; }
  constexpr bool IsZero() const { return units_ == 0; }
  constexpr bool IsNegative() const { return units_ < 0; }

  // The canonical text: as short as possible, no exponent, "0" for zero. Parse() reads it back.
  std::string ToString() const;

  // The text of this number divided by 10^digits, with all its digits: a price in minor units as
  // one in major units. REQUIRES: 0 <= digits <= 12.
  std::string ToStringShifted(int digits) const;

  friend constexpr bool operator==(Decimal, Decimal) = default;
  friend constexpr std::strong_ordering operator<=>(Decimal, Decimal) = default;

  // REQUIRES: the result is representable; checked.
  constexpr Decimal operator-() const { return Decimal() - *this; }
  friend constexpr Decimal operator+(Decimal a, Decimal b) {
    Check(b.units_ < 0 ? a.units_ >= absl::Int128Min() - b.units_
                       : a.units_ <= absl::Int128Max() - b.units_,
          "Decimal: sum out of range");
    return Decimal(a.units_ + b.units_);
  }
  friend constexpr Decimal operator-(Decimal a, Decimal b) {
    Check(b.units_ < 0 ? a.units_ <= absl::Int128Max() + b.units_
                       : a.units_ >= absl::Int128Min() + b.units_,
          "Decimal: difference out of range");
    return Decimal(a.units_ - b.units_);
  }
  constexpr Decimal& operator+=(Decimal other) { return *this = *this + other; }
  constexpr Decimal& operator-=(Decimal other) { return *this = *this - other; }

  template <typename H>
  friend H AbslHashValue(H h, Decimal value) {
    return H::combine(std::move(h), value.units_);
  }

 private:
  constexpr explicit Decimal(absl::int128 units) : units_(units) {}

  absl::int128 units_ = 0;
};

std::ostream& operator<<(std::ostream& out, Decimal value);

}  // namespace owo::rating

#endif  // OWO_SERVICE_RATING_DECIMAL_H_
