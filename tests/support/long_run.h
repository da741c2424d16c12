// How long tests may take: whether TEST_LONG=1 requests more repetitions than a build should wait
// for, and whether a sanitizer makes the tests slow.
//
//   const int kills = IsLongRun() ? 200 : 10;
//   const int steps = kSanitized ? 500 : 2000;
#ifndef OWO_TESTS_SUPPORT_LONG_RUN_H_
#define OWO_TESTS_SUPPORT_LONG_RUN_H_

#include <cstdlib>
#include <string_view>

namespace owo {

#if defined(OWO_SANITIZED)
inline constexpr bool kSanitized = true;
#else
inline constexpr bool kSanitized = false;
#endif

inline bool IsLongRun() {
  const char* const asked = std::getenv("TEST_LONG");
  return asked != nullptr && std::string_view(asked) == "1";
}

}  // namespace owo

#endif  // OWO_TESTS_SUPPORT_LONG_RUN_H_
