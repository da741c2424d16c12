// Decimal: an exact decimal number, fixed point with 12 digits after the point.
//
//   absl::StatusOr<Decimal> quantity = Decimal::Parse("1500.25");
//   Decimal twice = *quantity + *quantity;
//   twice.ToString();  // "3000.5"
//
// Quantities, unit prices and flat fees are Decimals; amounts of money are int64 minor units. A
// Decimal is never converted from or to a floating-point number. Decimals have no multiplication:
// products keep all digits (service/rating/wide.h) until the single rounding in Cost().
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

// A value type: cheap to copy, totally ordered (std::min and std::max work), hashable.
//
// Precision: 12 fraction digits, stored as a 128-bit count of units of 10^-12.
// Range: Parse() accepts values strictly between -10^15 and 10^15. A Decimal holds 170 billion
// times that, so sums of parsed values cannot overflow in practice. A sum that does aborts.
class Decimal {
 public:
  static constexpr int kFractionDigits = 12;
  static constexpr int64_t kUnitsPerOne = 1'000'000'000'000;

  constexpr Decimal() = default;  // zero

  // Parses `-?digits[.digits]` of any length, if a Decimal can hold the value exactly: at most 12
  // digits after the point, not counting trailing zeros, and |value| < 10^15. Leading zeros are
  // allowed; "-0" is zero. INVALID_ARGUMENT for anything else ("", "+1", "1.", ".5", "1e3", "NaN",
  // spaces); the message has the text, shortened and escaped, and the expected format.
  static absl::StatusOr<Decimal> Parse(std::string_view text);

  // `units` * 10^-12: the inverse of units().
  static constexpr Decimal FromUnits(absl::int128 units) { return Decimal(units); }
  // Every int64 fits. The result may exceed Max().
  static constexpr Decimal FromInteger(int64_t value) {
    return Decimal(static_cast<__int128>(value) * kUnitsPerOne);
  }

  // The largest number that Parse() accepts: 10^15 - 10^-12.
  static constexpr Decimal Max() {
    return Decimal(FromInteger(1'000'000'000'000'000).units_ - absl::int128(1));
  }

  // The number in units of 10^-12, as it is stored.
  constexpr absl::int128 units() const { return units_; }
  constexpr bool IsZero() const { return units_ == 0; }
  constexpr bool IsNegative() const { return units_ < 0; }

  // The canonical text: as short as possible, no exponent, "0" for zero. Parse() accepts it, if
  // |value| < 10^15.
  std::string ToString() const;

  // The text of this number divided by 10^digits, with all its digits: a price in minor units as
  // one in major units. REQUIRES: 0 <= digits <= 12.
  std::string ToStringShifted(int digits) const;

  friend constexpr bool operator==(Decimal, Decimal) = default;
  friend constexpr std::strong_ordering operator<=>(Decimal, Decimal) = default;

  // REQUIRES: the result is representable. Aborts otherwise.
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

// Writes ToString().
std::ostream& operator<<(std::ostream& out, Decimal value);

}  // namespace owo::rating

#endif  // OWO_SERVICE_RATING_DECIMAL_H_
