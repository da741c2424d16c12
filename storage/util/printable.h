// Text for a log or a terminal. What callers sent, and the bytes of a damaged file, may have line
// ends, escape sequences, text that runs from right to left: none of that gets there.
//
//   std::cerr << Printable(status.message()) << "\n";   // one line, of printable ASCII

#ifndef OWO_STORAGE_UTIL_PRINTABLE_H_
#define OWO_STORAGE_UTIL_PRINTABLE_H_

#include <cstddef>
#include <string>
#include <string_view>

namespace owo::storage {

// Bytes of a text that are shown.
inline constexpr size_t kPrintableMax = 1000;

// Every byte that is not printable ASCII, and the backslash, as C writes them; "..." at the end of
// what is longer than `max` bytes.
std::string Printable(std::string_view text, size_t max = kPrintableMax);

}  // namespace owo::storage

#endif  // OWO_STORAGE_UTIL_PRINTABLE_H_
