#include "service/rating/wide.h"

#include <compare>
#include <cstdint>
#include <optional>

#include "absl/numeric/bits.h"
#include "service/rating/check.h"

namespace owo::rating {
namespace {

int BitWidth(absl::uint128 value) {
  const uint64_t high = absl::Uint128High64(value);
  return high != 0 ? 64 + static_cast<int>(absl::bit_width(high))
                   : static_cast<int>(absl::bit_width(absl::Uint128Low64(value)));
}

// An unsigned number of 256 bits for the steps of a division.
struct Bits {
  absl::uint128 high = 0;
  absl::uint128 low = 0;

  friend std::strong_ordering operator<=>(const Bits&, const Bits&) = default;

  int Width() const { return high != 0 ? 128 + BitWidth(high) : BitWidth(low); }

  Bits ShiftedLeft(int count) const {  // 0 <= count < 256, no bit lost
    if (count == 0) return *this;
    if (count >= 128) return {low << (count - 128), 0};
    return {(high << count) | (low >> (128 - count)), low << count};
  }

  Bits Halved() const { return {high >> 1, (high << 127) | (low >> 1)}; }

  Bits Minus(const Bits& other) const {  // other <= *this
    return {high - other.high - (low < other.low ? 1 : 0), low - other.low};
  }
};

struct Division {
  Bits quotient;
  Bits remainder;
};

// Long division, bit by bit. Takes one step per bit of the quotient, which is few for money: a cost
// of 1,000,000 minor units takes 20.
Division LongDivision(const Bits& dividend, const Bits& divisor) {
  if (dividend.high == 0 && divisor.high == 0) {
    return {{0, dividend.low / divisor.low}, {0, dividend.low % divisor.low}};
  }
  Division result{{}, dividend};
  const int steps = dividend.Width() - divisor.Width();
  if (steps < 0) return result;
  Bits shifted = divisor.ShiftedLeft(steps);
  for (int i = 0; i <= steps; ++i) {
    result.quotient = result.quotient.ShiftedLeft(1);
    if (result.remainder >= shifted) {
      result.remainder = result.remainder.Minus(shifted);
      result.quotient.low |= 1;
    }
    shifted = shifted.Halved();
  }
  return result;
}

// |a| * |b| from products of 64-bit halves, as on paper.
Bits MultiplyMagnitudes(absl::uint128 a, absl::uint128 b) {
  const absl::uint128 a_high = absl::Uint128High64(a), a_low = absl::Uint128Low64(a);
  const absl::uint128 b_high = absl::Uint128High64(b), b_low = absl::Uint128Low64(b);
  const absl::uint128 low = a_low * b_low;
  const absl::uint128 mid = a_high * b_low + absl::Uint128High64(low);  // cannot overflow
  const absl::uint128 mid2 = a_low * b_high + absl::Uint128Low64(mid);  // cannot overflow
  return {a_high * b_high + absl::Uint128High64(mid) + absl::Uint128High64(mid2),
          (mid2 << 64) | absl::Uint128Low64(low)};
}

absl::uint128 Magnitude(absl::int128 value) {
  const auto bits = static_cast<absl::uint128>(value);
  return value < 0 ? -bits : bits;
}

}  // namespace

Wide Wide::Product(absl::int128 a, absl::int128 b) {
  const Bits bits = MultiplyMagnitudes(Magnitude(a), Magnitude(b));
  const Wide magnitude(static_cast<absl::int128>(bits.high), bits.low);
  return (a < 0) == (b < 0) ? magnitude : -magnitude;
}

std::optional<absl::int128> Wide::ToInt128() const {
  const auto value = static_cast<absl::int128>(low_);
  if (Wide(value) != *this) return std::nullopt;
  return value;
}

Wide Wide::operator-() const { return Wide() - *this; }

// Addition and subtraction use unsigned arithmetic, which wraps, and then check the signs: a result
// overflowed 256 bits exactly if its sign is impossible for its operands.

Wide operator+(const Wide& a, const Wide& b) {
  const absl::uint128 low = a.low_ + b.low_;
  const absl::uint128 high = static_cast<absl::uint128>(a.high_) +
                             static_cast<absl::uint128>(b.high_) + (low < a.low_ ? 1 : 0);
  const Wide sum(static_cast<absl::int128>(high), low);
  Check(a.IsNegative() != b.IsNegative() || sum.IsNegative() == a.IsNegative(),
        "Wide: sum out of range");
  return sum;
}

Wide operator-(const Wide& a, const Wide& b) {
  const absl::uint128 high = static_cast<absl::uint128>(a.high_) -
                             static_cast<absl::uint128>(b.high_) - (a.low_ < b.low_ ? 1 : 0);
  const Wide difference(static_cast<absl::int128>(high), a.low_ - b.low_);
  Check(a.IsNegative() == b.IsNegative() || difference.IsNegative() == a.IsNegative(),
        "Wide: difference out of range");
  return difference;
}

Wide Wide::Divide(const Wide& dividend, const Wide& divisor, Rounding rounding) {
  Check(divisor != Wide(), "Wide: division by zero");
  const Wide n = dividend.IsNegative() ? -dividend : dividend;
  const Wide d = divisor.IsNegative() ? -divisor : divisor;
  const Division division = LongDivision({static_cast<absl::uint128>(n.high_), n.low_},
                                         {static_cast<absl::uint128>(d.high_), d.low_});
  const auto to_wide = [](const Bits& bits) {
    return Wide(static_cast<absl::int128>(bits.high), bits.low);
  };
  Wide quotient = to_wide(division.quotient);
  const Wide remainder = to_wide(division.remainder);
  if (rounding == Rounding::kHalfAwayFromZero && remainder >= d - remainder) {
    quotient = quotient + Wide(1);
  }
  return dividend.IsNegative() == divisor.IsNegative() ? quotient : -quotient;
}

}  // namespace owo::rating
