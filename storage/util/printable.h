// Makes text safe for a log or a terminal. Callers' input and the bytes of damaged files may
// contain line ends, escape sequences and right-to-left text; all of these are escaped.
//
//   std::cerr << Printable(status.message()) << "\n";   // one line, of printable ASCII

#ifndef OWO_STORAGE_UTIL_PRINTABLE_H_
#define OWO_STORAGE_UTIL_PRINTABLE_H_

#include <cstddef>
#include <string>
#include <string_view>

namespace owo::storage {

// The default for the most bytes of a text that are shown.
inline constexpr size_t kPrintableMax = 1000;

// Escapes the backslash and every byte that is not printable ASCII, as in C. A text longer than
// `max` bytes is truncated to that and followed by "...".
std::string Printable(std::string_view text, size_t max = kPrintableMax);

}  // namespace owo::storage

#endif  // OWO_STORAGE_UTIL_PRINTABLE_H_
