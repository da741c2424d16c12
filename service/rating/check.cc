#include "service/rating/check.h"

#include <cstdio>
#include <cstdlib>

namespace owo::rating {

void CheckFailed(const char* what) {
  std::fprintf(stderr, "check failed: %s\n", what);
  std::abort();
}

}  // namespace owo::rating
