// What was measured in one go, and the figures that are made of it.
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
  uint64_t units = 0;               // events of batches, else calls
  std::vector<int64_t> latency_ns;  // of each call

  // As if the other one had followed.
  void Append(const Sample& other);
};

Figures FiguresOf(Sample sample);

// The smallest value that at least `share` of all values do not exceed; 0 when there is none.
// Changes their order.
int64_t Quantile(std::vector<int64_t>& values, double share);

// REQUIRES: there is one.
double MedianOf(std::vector<double> values);

// Of each figure for itself. REQUIRES: there is one.
Figures MedianOf(const std::vector<Figures>& runs);

}  // namespace owo::bench

#endif  // OWO_TESTS_BENCH_SAMPLE_H_
