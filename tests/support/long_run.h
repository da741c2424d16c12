// Whether OWO_LONG=1 asks the tests to repeat more than a build should wait for.
//
//   const int kills = IsLongRun() ? 200 : 10;
#ifndef OWO_TESTS_SUPPORT_LONG_RUN_H_
#define OWO_TESTS_SUPPORT_LONG_RUN_H_

#include <cstdlib>
#include <string_view>

namespace owo {

inline bool IsLongRun() {
  const char* const asked = std::getenv("OWO_LONG");
  return asked != nullptr && std::string_view(asked) == "1";
}

}  // namespace owo

#endif  // OWO_TESTS_SUPPORT_LONG_RUN_H_
