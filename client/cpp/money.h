// Formats money for display.
//
//   owo::FormatMoney(8731, "USD", 2) == "USD 87.31"
//   owo::FormatMoney(-5, "USD", 2) == "USD -0.05"
//   owo::FormatMoney(8731, "JPY", 0) == "JPY 8731"
//
// Results carry the exponent as `currency_exponent`: 2 for USD, 0 for JPY, 3 for KWD. This is for
// amounts only: unit prices are decimal strings, which may be finer than a minor unit.

#ifndef OWO_CLIENT_CPP_MONEY_H_
#define OWO_CLIENT_CPP_MONEY_H_

#include <cstdint>
#include <string>

#include "absl/strings/string_view.h"

namespace owo {

// Formats `amount` minor units of `currency`, which has `exponent` decimal places. The text has the
// ISO 4217 code, no thousands separators, and a point, whatever the locale. Exact for every int64:
// nothing is rounded. A negative exponent is treated as 0. Never fails. Thread-safe.
std::string FormatMoney(int64_t amount, absl::string_view currency, int exponent);

}  // namespace owo

#endif  // OWO_CLIENT_CPP_MONEY_H_
