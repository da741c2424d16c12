// C++ with everything blanked that is not code, so that a rule about code does not stumble over a
// comment or a message that speaks of what it forbids.
//
//   CodeOnly("int a;  // a double\n") == "int a;             \n"

#ifndef OWO_TESTS_ARCHITECTURE_CODE_ONLY_H_
#define OWO_TESTS_ARCHITECTURE_CODE_ONLY_H_

#include <string>
#include <string_view>

namespace owo::architecture {

// `text` with comments, strings and character literals replaced by blanks. It has the length and
// the lines of `text`.
std::string CodeOnly(std::string_view text);

// Whether `word` occurs in `line` with no letter, digit or underscore beside it.
bool HasWord(std::string_view line, std::string_view word);

}  // namespace owo::architecture

#endif  // OWO_TESTS_ARCHITECTURE_CODE_ONLY_H_
