// Formats money for display.
//
//   owo::FormatMoney(8731, "USD", 2) == "USD 87.31"

#ifndef OWO_CLIENT_CPP_MONEY_H_
#define OWO_CLIENT_CPP_MONEY_H_

#include <cstdint>
#include <string>

#include "absl/strings/string_view.h"

namespace owo {

// Formats `amount` minor units of `currency`, which has `exponent` decimal places. A negative
// exponent is treated as 0. Thread-safe.
std::string FormatMoney(int64_t amount, absl::string_view currency, int exponent);

}  // namespace owo

#endif  // OWO_CLIENT_CPP_MONEY_H_
