// Texts at the edges of the client: whether one may be a `string` of Protocol Buffers, where a
// message with one that is not UTF-8 is refused as a whole, and one for a log or a terminal.
//
//   IsUtf8("Zoë") && !IsUtf8("Zo\xeb")
//   std::cerr << Printable(status.message()) << "\n";   // one line, of printable ASCII

#ifndef OWO_CLIENT_CPP_UTF8_H_
#define OWO_CLIENT_CPP_UTF8_H_

#include <string>

#include "absl/strings/string_view.h"

namespace owo {

// As RFC 3629 has it: shortest forms only, no surrogates, nothing above U+10FFFF.
bool IsUtf8(absl::string_view text);

// What a server sent may have escape sequences in it, or other customers' texts. Every byte that is
// not printable ASCII, and the backslash, as C writes them; the first 1,000 bytes.
std::string Printable(absl::string_view text);

}  // namespace owo

#endif  // OWO_CLIENT_CPP_UTF8_H_
