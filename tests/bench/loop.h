// Loops: they send traffic to a server and measure.
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
  absl::Duration warm_up = absl::ZeroDuration();  // before anything is counted
  absl::Duration duration = absl::InfiniteDuration();
  // Ends the loop when it becomes true; may be null.
  const std::atomic<bool>* stop = nullptr;
  // The server is killed meanwhile: a call that fails ends the loop, and is no error.
  bool outlives_server = false;
};

// Each answer is followed by the next call. Counts the calls that end within the duration, and
// returns when all are answered. Throws when one fails.
Sample RunClosedLoop(const Target& target, Traffic& traffic, const LoopOptions& options);

// Starts so many calls a second, whether or not earlier ones have been answered, and measures each
// from the moment at which it was due. Throws when one fails.
Sample RunOpenLoop(const Target& target, Traffic& traffic, int calls_per_second,
                   absl::Duration duration);

}  // namespace owo::bench

#endif  // OWO_TESTS_BENCH_LOOP_H_
