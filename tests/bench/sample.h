// A measurement, and the figures derived from it.
//
//   Sample sample = RunClosedLoop(…);
//   FiguresOf(sample).p99_us();
//   Median({FiguresOf(first), FiguresOf(second), FiguresOf(third)})

#ifndef OWO_TESTS_BENCH_SAMPLE_H_
#define OWO_TESTS_BENCH_SAMPLE_H_

#include <cstdint>
#include <vector>

#include "absl/time/time.h"
#include "tests/bench/report.pb.h"

namespace owo::bench {

struct Sample {
  absl::Duration elapsed;
  absl::Duration server_cpu;
  absl::Duration client_cpu;
  uint64_t units = 0;               // events of batches, otherwise calls
  std::vector<int64_t> latency_ns;  // of each call

  // Adds the other sample, as if it had been measured afterwards.
  void Append(const Sample& other);
};

Figures FiguresOf(Sample sample);

// Returns the smallest value that at least `share` of all values do not exceed; 0 if there are
// none. Reorders `values`.
int64_t Quantile(std::vector<int64_t>& values, double share);

// REQUIRES: `values` is not empty.
double MedianOf(std::vector<double> values);

// Returns the median of each figure separately. REQUIRES: `runs` is not empty.
Figures MedianOf(const std::vector<Figures>& runs);

}  // namespace owo::bench

#endif  // OWO_TESTS_BENCH_SAMPLE_H_
