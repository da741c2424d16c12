// Size and duration of a run of owo-load.
//
//   Options options = QuickOptions();   // a few seconds in all, to test the generator

#ifndef OWO_TESTS_BENCH_OPTIONS_H_
#define OWO_TESTS_BENCH_OPTIONS_H_

#include <cstdint>
#include <string>
#include <vector>

#include "absl/time/time.h"

namespace owo::bench {

struct Options {
  int runs = 3;                                // of each case, in turns with its ceilings
  absl::Duration duration = absl::Seconds(5);  // of each run
  // Events with random ids that are stored before the measurement.
  uint64_t preload = 20'000'000;
  uint64_t history = 10'000'000;  // events of the largest history
  uint32_t customers = 1'000;
  uint32_t invoices = 10'000;             // in the list, and number of customers that are invoiced
  std::string directory;                  // parent of the data directories; its volume is measured
  std::string server;                     // the server binary; empty: the one of this build
  std::vector<std::string> server_flags;  // in addition to address and data directory
};

inline Options QuickOptions() {
  return {.runs = 1,
          .duration = absl::Milliseconds(100),
          .preload = 20'000,
          .history = 20'000,
          .customers = 100,
          .invoices = 200};
}

}  // namespace owo::bench

#endif  // OWO_TESTS_BENCH_OPTIONS_H_
