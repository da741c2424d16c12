// A small program that shows how it was compiled: it has what each kind of hardening changes.

#include <cstdio>
#include <cstring>

namespace {

constexpr size_t kLargeFrame = size_t{64} << 10;

// Copies into an array on the stack, whose size the compiler knows.
[[gnu::noinline]] size_t Copy(const char* text) {
  char copy[kLargeFrame];
  std::strcpy(copy, text);
  return std::strlen(copy) + static_cast<size_t>(copy[0]);
}

}  // namespace

int main(int argc, char** argv) {
  std::printf("%zu\n", Copy(argv[argc - 1]));
  return 0;
}
