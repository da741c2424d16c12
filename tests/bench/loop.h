// Loops that send traffic to a server and measure it.
//
//   Sample busy = RunClosedLoop(server, traffic, {.in_flight = 64, .duration = absl::Seconds(5)});
//   RunClosedLoop(server, preload, {.in_flight = 8});   // until there is nothing left to send

#ifndef OWO_TESTS_BENCH_LOOP_H_
#define OWO_TESTS_BENCH_LOOP_H_

#include <atomic>

#include "absl/time/time.h"
#include "tests/bench/sample.h"
#include "tests/bench/target.h"
#include "tests/bench/traffic.h"

namespace owo::bench {

struct LoopOptions {
  int in_flight = 1;
  absl::Duration warm_up = absl::ZeroDuration();  // not measured
  absl::Duration duration = absl::InfiniteDuration();
  // Ends the loop when it becomes true; may be null.
  const std::atomic<bool>* stop = nullptr;
  // The server is killed during the loop: a failed call ends the loop and is not an error.
  bool outlives_server = false;
};

// Starts a call after each answer. Counts the calls that end within the duration, and returns when
// all are answered. Throws if a call fails.
Sample RunClosedLoop(const Target& target, Traffic& traffic, const LoopOptions& options);

// Starts a fixed number of calls per second, whether or not earlier ones were answered, and
// measures each call from the time at which it was due. Throws if a call fails.
Sample RunOpenLoop(const Target& target, Traffic& traffic, int calls_per_second,
                   absl::Duration duration);

}  // namespace owo::bench

#endif  // OWO_TESTS_BENCH_LOOP_H_
