#include "client/cpp/money.h"

#include <algorithm>

#include "absl/strings/str_cat.h"

namespace owo {

std::string FormatMoney(int64_t amount, absl::string_view currency, int exponent) {
  const size_t decimals = std::max(exponent, 0);
  // Negated as unsigned: the smallest int64 has no positive counterpart.
  const uint64_t magnitude = amount < 0 ? 0 - static_cast<uint64_t>(amount) : amount;
  std::string digits = absl::StrCat(magnitude);
  if (digits.size() <= decimals) digits.insert(0, decimals + 1 - digits.size(), '0');
  if (decimals > 0) digits.insert(digits.size() - decimals, 1, '.');
  return absl::StrCat(currency, " ", amount < 0 ? "-" : "", digits);
}

}  // namespace owo
