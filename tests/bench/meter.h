// Meter: measures time, CPU and completed calls between two moments.
//
//   Meter meter(server.pid(), /*units_per_call=*/1000);
//   meter.Begin();
//   meter.Count(latency);
//   Sample sample = meter.End();

#ifndef OWO_TESTS_BENCH_METER_H_
#define OWO_TESTS_BENCH_METER_H_

#include <sys/types.h>

#include <chrono>

#include "absl/time/clock.h"
#include "tests/bench/process_facts.h"
#include "tests/bench/sample.h"

namespace owo::bench {

class Meter {
 public:
  Meter(pid_t server, uint64_t units_per_call) : server_(server), units_per_call_(units_per_call) {}

  void Begin() {
    sample_.elapsed = Now();
    sample_.server_cpu = CpuTime(server_);
    sample_.client_cpu = OwnCpuTime();
  }

  void Count(std::chrono::nanoseconds latency) {
    sample_.units += units_per_call_;
    sample_.latency_ns.push_back(latency.count());
  }

  Sample End() {
    sample_.elapsed = Now() - sample_.elapsed;
    sample_.server_cpu = CpuTime(server_) - sample_.server_cpu;
    sample_.client_cpu = OwnCpuTime() - sample_.client_cpu;
    return std::move(sample_);
  }

 private:
  static absl::Duration Now() {
    return absl::FromChrono(std::chrono::steady_clock::now().time_since_epoch());
  }

  const pid_t server_;
  const uint64_t units_per_call_;
  Sample sample_;  // until End(), the readings at Begin()
};

}  // namespace owo::bench

#endif  // OWO_TESTS_BENCH_METER_H_
