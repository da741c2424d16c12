// Random: the source of randomness of a property test. It prints its seed; TEST_SEED with that
// number repeats the run.
//
//   Random random;
//   int64_t tiers = random.Between(1, 5);
#ifndef OWO_TESTS_RATING_RANDOM_H_
#define OWO_TESTS_RATING_RANDOM_H_

#include <cstdint>
#include <cstdlib>
#include <iostream>
#include <random>
#include <string>

#include "service/rating/decimal.h"

namespace owo::rating {

class Random {
 public:
  Random() : Random(Seed()) {}
  explicit Random(uint64_t seed) : engine_(seed) { std::cout << "TEST_SEED=" << seed << std::endl; }

  // Both bounds are included.
  int64_t Between(int64_t low, int64_t high) {
    return std::uniform_int_distribution<int64_t>(low, high)(engine_);
  }

  bool OneIn(int64_t n) { return Between(1, n) == 1; }

  // Returns a positive number of random magnitude: 1 to `digits` digits, the last of which is
  // 10^-12.
  Decimal Positive(int digits) {
    const int64_t length = Between(1, digits);
    absl::int128 units = Between(1, 9);
    for (int64_t i = 1; i < length; ++i) units = units * 10 + Between(0, 9);
    return Decimal::FromUnits(units);
  }

  absl::int128 Int128() {
    const auto word = [this] { return std::uniform_int_distribution<uint64_t>()(engine_); };
    const absl::int128 value = absl::MakeInt128(static_cast<int64_t>(word()), word());
    return value >> static_cast<int>(Between(0, 127));
  }

 private:
  static uint64_t Seed() {
    const char* given = std::getenv("TEST_SEED");
    return given != nullptr ? std::stoull(given) : std::random_device()();
  }

  std::mt19937_64 engine_;
};

}  // namespace owo::rating

#endif  // OWO_TESTS_RATING_RANDOM_H_
