// World: creates the catalog and customers for events through the API, and reads their usage
// afterwards.
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

// Creates ten features, and a plan on which a unit of each costs one cent.
void AddCatalog(const Target& target);

// Subscribes the customers to that plan from now on.
void AddCustomers(const Target& target, const Population& population);

// Throws unless the customers' unbilled usage, according to Usage, is `units` in total.
void CheckUsage(const Target& target, const Population& population, uint64_t units);

// Returns the value that CheckUsage() compares.
uint64_t UnbilledUnits(const Target& target, const Population& population);

}  // namespace owo::bench

#endif  // OWO_TESTS_BENCH_WORLD_H_
