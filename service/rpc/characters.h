// Classifies the characters of a text. The text must be valid UTF-8, as strings of a proto are.
//
//   if (HasControls(event_id)) …     // "\n", "\x7f", U+0085
//   if (HasInvisible(customer_id)) … // U+200B (zero width space), U+202E (right-to-left override)
#ifndef OWO_SERVICE_RPC_CHARACTERS_H_
#define OWO_SERVICE_RPC_CHARACTERS_H_

#include <cstddef>
#include <string_view>

namespace owo::rpc {

// Returns whether it has control characters: U+0000 to U+001F and U+007F to U+009F (Unicode
// category Cc).
bool HasControls(std::string_view text);

// Returns whether it has characters that are invisible or that no font shows: format characters
// (Cf: zero-width, bidirectional), separators other than the space (Zs, Zl, Zp) and private use
// (Co).
bool HasInvisible(std::string_view text);

// How many characters (code points) it has.
size_t CountCharacters(std::string_view text);

}  // namespace owo::rpc

#endif  // OWO_SERVICE_RPC_CHARACTERS_H_
