// Random: the source of randomness of a test. It prints its seed. The seed is the same in every
// run, unless TEST_SEED gives another, or TEST_LONG=1 requests a new one each time.
//
//   Random random;
//   int64_t quantity = random.Between(1, 100);
#ifndef OWO_TESTS_SUPPORT_RANDOM_H_
#define OWO_TESTS_SUPPORT_RANDOM_H_

#include <cstdint>
#include <cstdlib>
#include <iostream>
#include <random>
#include <string>

#include "tests/support/long_run.h"

namespace owo {

// Not thread-safe.
class Random {
 public:
  Random() : Random(Seed()) {}
  explicit Random(uint64_t seed) : engine_(seed) { std::cout << "TEST_SEED=" << seed << std::endl; }

  uint64_t Word() { return engine_(); }

  // Both bounds are included.
  int64_t Between(int64_t low, int64_t high) {
    return std::uniform_int_distribution<int64_t>(low, high)(engine_);
  }

  bool OneIn(int64_t n) { return Between(1, n) == 1; }

  // Returns a number of random size: all bit lengths are equally likely.
  uint64_t OfAnySize() { return Word() >> Between(0, 63); }

  std::string Bytes(int64_t size) {
    std::string bytes(static_cast<size_t>(size), '\0');
    for (char& byte : bytes) byte = static_cast<char>(Word());
    return bytes;
  }

 private:
  static uint64_t Seed() {
    const char* const given = std::getenv("TEST_SEED");
    if (given != nullptr) return std::stoull(given);
    return IsLongRun() ? std::random_device()() : 20'260'101;
  }

  std::mt19937_64 engine_;
};

}  // namespace owo

#endif  // OWO_TESTS_SUPPORT_RANDOM_H_
