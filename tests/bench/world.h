// World: the catalog and customers that events are sent to, made through the API, and what the API
// says of their usage afterwards.
//
//   AddCatalog(server);
//   AddCustomers(server, {.customers = 1000});
//   CheckUsage(server, {.customers = 1000}, batches.recorded());

#ifndef OWO_TESTS_BENCH_WORLD_H_
#define OWO_TESTS_BENCH_WORLD_H_

#include <cstdint>

#include "tests/bench/counters.h"
#include "tests/bench/target.h"

namespace owo::bench {

inline constexpr uint32_t kFeatures = 10;

// Ten features, and a plan on which a unit of each costs one cent.
void AddCatalog(const Target& target);

// With a subscription to that plan from now on.
void AddCustomers(const Target& target, const Population& population);

// Throws unless the customers' unbilled usage, as Usage shows it, is `units` in all.
void CheckUsage(const Target& target, const Population& population, uint64_t units);

// What CheckUsage() compares with.
uint64_t UnbilledUnits(const Target& target, const Population& population);

}  // namespace owo::bench

#endif  // OWO_TESTS_BENCH_WORLD_H_
