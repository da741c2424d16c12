// Bytes as hex digits, so that failed comparisons are readable.
//
//   EXPECT_EQ(Hex(keys::Journal(1)), "0000000000000001");
#ifndef OWO_TESTS_SUPPORT_HEX_H_
#define OWO_TESTS_SUPPORT_HEX_H_

#include <string>
#include <string_view>

#include "absl/strings/escaping.h"

namespace owo {

inline std::string Hex(std::string_view bytes) {
  return absl::BytesToHexString({bytes.data(), bytes.size()});
}

}  // namespace owo

#endif  // OWO_TESTS_SUPPORT_HEX_H_
