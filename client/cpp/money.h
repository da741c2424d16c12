// Money for people to read.
//
//   owo::FormatMoney(8731, "USD", 2) == "USD 87.31"

#ifndef OWO_CLIENT_CPP_MONEY_H_
#define OWO_CLIENT_CPP_MONEY_H_

#include <cstdint>
#include <string>

#include "absl/strings/string_view.h"

namespace owo {

// `amount` minor units of `currency`, which has `exponent` decimal places. A negative exponent
// counts as 0.
std::string FormatMoney(int64_t amount, absl::string_view currency, int exponent);

}  // namespace owo

#endif  // OWO_CLIENT_CPP_MONEY_H_
