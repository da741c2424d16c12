// The customers and features that events are sent for.
//
//   std::vector<CounterName> names = Counters({.customers = 1000, .features = 10});  // 10,000

#ifndef OWO_TESTS_BENCH_COUNTERS_H_
#define OWO_TESTS_BENCH_COUNTERS_H_

#include <cstdint>
#include <string>
#include <vector>

namespace owo::bench {

std::string CustomerName(uint32_t customer);  // "user_000007"
std::string FeatureName(uint32_t feature);    // "feature-7"

struct Population {
  uint32_t first_customer = 0;
  uint32_t customers = 1;
  uint32_t features = 1;  // at most 10
  int64_t spend_cap = 0;  // of each customer, in cents; 0: no cap
};

struct CounterName {
  std::string customer;
  std::string feature;
};

// Returns each feature of each customer, in a pseudo-random but fixed order.
std::vector<CounterName> Counters(const Population& population);

}  // namespace owo::bench

#endif  // OWO_TESTS_BENCH_COUNTERS_H_
