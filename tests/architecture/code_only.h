// Blanks everything in C++ that is not code, so that a rule about code does not match comments and
// messages.
//
//   CodeOnly("int a;  // a double\n") == "int a;             \n"

#ifndef OWO_TESTS_ARCHITECTURE_CODE_ONLY_H_
#define OWO_TESTS_ARCHITECTURE_CODE_ONLY_H_

#include <string>
#include <string_view>

namespace owo::architecture {

// Returns `text` with comments, strings and character literals replaced by blanks. The length and
// the lines stay the same.
std::string CodeOnly(std::string_view text);

// Returns whether `line` contains `word` with no letter, digit or underscore next to it.
bool HasWord(std::string_view line, std::string_view word);

}  // namespace owo::architecture

#endif  // OWO_TESTS_ARCHITECTURE_CODE_ONLY_H_
