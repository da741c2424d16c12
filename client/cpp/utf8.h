// Whether a text may be a `string` of Protocol Buffers: a message with one that is not UTF-8 is
// refused as a whole.
//
//   IsUtf8("Zoë") && !IsUtf8("Zo\xeb")

#ifndef OWO_CLIENT_CPP_UTF8_H_
#define OWO_CLIENT_CPP_UTF8_H_

#include "absl/strings/string_view.h"

namespace owo {

// As RFC 3629 has it: shortest forms only, no surrogates, nothing above U+10FFFF.
bool IsUtf8(absl::string_view text);

}  // namespace owo

#endif  // OWO_CLIENT_CPP_UTF8_H_
