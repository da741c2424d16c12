// Text validation and escaping. Protocol Buffers refuse a message whose `string` fields are not
// UTF-8, so texts of unknown origin should be checked before they are sent; texts from the server
// should be escaped before they are shown.
//
//   IsUtf8("Zoë") && !IsUtf8("Zo\xeb")
//   std::cerr << Printable(status.message()) << "\n";   // one line, of printable ASCII

#ifndef OWO_CLIENT_CPP_UTF8_H_
#define OWO_CLIENT_CPP_UTF8_H_

#include <string>

#include "absl/strings/string_view.h"

namespace owo {

// Returns whether `text` is UTF-8 as in RFC 3629: shortest forms only, no surrogates, nothing above
// U+10FFFF. The empty text is; control characters, NUL included, are allowed. Thread-safe.
//
// track() checks its texts itself, because one wrong text would fail the batch of other events. The
// server refuses any other call with a text that is not UTF-8.
bool IsUtf8(absl::string_view text);

// Escapes text for a log or a terminal: texts from a server may contain escape sequences or input
// of other customers. Bytes that are not printable ASCII, and backslashes, are escaped as in C.
// Keeps the first 1,000 bytes, and appends "..." if there are more. Characters outside ASCII become
// escapes, so use it for logs and not for texts shown to customers. Thread-safe.
std::string Printable(absl::string_view text);

}  // namespace owo

#endif  // OWO_CLIENT_CPP_UTF8_H_
