#include "service/rating/decimal.h"

#include <cstddef>
#include <ostream>
#include <string>
#include <string_view>

#include "absl/status/status.h"
#include "absl/strings/ascii.h"
#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"

namespace owo::rating {
namespace {

constexpr size_t kWholeDigitsMax = 15;  // |value| < 10^15
constexpr size_t kQuotedMax = 40;       // the most bytes of invalid text quoted in an error

// Removes the leading digits from `text` and returns them.
std::string_view TakeDigits(std::string_view& text) {
  size_t count = 0;
  while (count < text.size() && absl::ascii_isdigit(static_cast<unsigned char>(text[count]))) {
    ++count;
  }
  const std::string_view digits = text.substr(0, count);
  text.remove_prefix(count);
  return digits;
}

bool TakeChar(std::string_view& text, char wanted) {
  if (text.empty() || text.front() != wanted) return false;
  text.remove_prefix(1);
  return true;
}

// The value of `digits`, padded with trailing zeros to `width` digits. REQUIRES: width <= 15.
int64_t ToInteger(std::string_view digits, size_t width) {
  int64_t value = 0;
  for (size_t i = 0; i < width; ++i) {
    value = value * 10 + (i < digits.size() ? digits[i] - '0' : 0);
  }
  return value;
}

absl::Status Malformed(std::string_view text) {
  const std::string_view quoted = text.substr(0, kQuotedMax);
  return absl::InvalidArgumentError(
      absl::StrCat("got \"", absl::CHexEscape(absl::string_view(quoted.data(), quoted.size())),
                   quoted.size() < text.size() ? "..." : "",
                   "\", want a decimal number such as \"12.5\" with at most 12 digits after the "
                   "point, zeros at the end not counted, between -10^15 and 10^15"));
}

std::string Digits(absl::uint128 value) {
  if (absl::Uint128High64(value) == 0) return absl::StrCat(absl::Uint128Low64(value));
  constexpr uint64_t kChunk = 10'000'000'000'000'000'000u;
  return absl::StrCat(Digits(value / kChunk),
                      absl::Dec(absl::Uint128Low64(value % kChunk), absl::kZeroPad19));
}

// The text of units * 10^-fraction_digits.
std::string Format(absl::int128 units, size_t fraction_digits) {
  const bool negative = units < 0;
  const auto magnitude = static_cast<absl::uint128>(units);
  std::string text = Digits(negative ? -magnitude : magnitude);
  if (text.size() <= fraction_digits) text.insert(0, fraction_digits + 1 - text.size(), '0');
  text.insert(text.size() - fraction_digits, 1, '.');
  text.erase(text.find_last_not_of('0') + 1);
  if (text.back() == '.') text.pop_back();
  if (negative) text.insert(0, 1, '-');
  return text;
}

}  // namespace

absl::StatusOr<Decimal> Decimal::Parse(std::string_view text) {
  std::string_view rest = text;
  const bool negative = TakeChar(rest, '-');
  std::string_view whole = TakeDigits(rest);
  if (whole.empty()) return Malformed(text);
  std::string_view fraction;
  if (TakeChar(rest, '.')) {
    fraction = TakeDigits(rest);
    if (fraction.empty()) return Malformed(text);
    while (fraction.ends_with('0')) fraction.remove_suffix(1);
    if (fraction.size() > size_t{kFractionDigits}) return Malformed(text);
  }
  if (!rest.empty()) return Malformed(text);

  while (TakeChar(whole, '0')) {
  }
  if (whole.size() > kWholeDigitsMax) return Malformed(text);
  const Decimal magnitude = FromInteger(ToInteger(whole, whole.size())) +
                            FromUnits(ToInteger(fraction, size_t{kFractionDigits}));
  return negative ? -magnitude : magnitude;
}

std::string Decimal::ToString() const {
  // Fast path: most values are whole and fit 64 bits.
  constexpr int64_t kOne = 1'000'000'000'000;
  if (const auto units = static_cast<int64_t>(units_); units == units_ && units % kOne == 0) {
    return absl::StrCat(units / kOne);
  }
  return Format(units_, size_t{kFractionDigits});
}

std::string Decimal::ToStringShifted(int digits) const {
  Check(digits >= 0 && digits <= kFractionDigits, "ToStringShifted: digits must be 0 to 12");
  return Format(units_, static_cast<size_t>(kFractionDigits + digits));
}

std::ostream& operator<<(std::ostream& out, Decimal value) { return out << value.ToString(); }

}  // namespace owo::rating
