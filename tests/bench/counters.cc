#include "tests/bench/counters.h"

#include <algorithm>
#include <random>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"

namespace owo::bench {

std::string CustomerName(uint32_t customer) { return absl::StrFormat("user_%06u", customer); }

std::string FeatureName(uint32_t feature) { return absl::StrCat("feature-", feature); }

std::vector<CounterName> Counters(const Population& population) {
  std::vector<CounterName> counters;
  for (uint32_t i = 0; i < population.customers; ++i) {
    for (uint32_t feature = 0; feature < population.features; ++feature) {
      counters.push_back({CustomerName(population.first_customer + i), FeatureName(feature)});
    }
  }
  std::mt19937 always_the_same(1);
  std::shuffle(counters.begin(), counters.end(), always_the_same);
  return counters;
}

}  // namespace owo::bench
