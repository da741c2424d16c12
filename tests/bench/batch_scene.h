// BatchScene: a fresh server with customers, and batches of events for it.
//
//   BatchScene scene(options, {.customers = 1000, .features = 10});
//   scene.Track(20'000'000);                       // as fast as possible
//   Sample sample = scene.Measure(absl::Seconds(5));
//   scene.Finish(row);                             // counts again, and adds what it takes to `row`

#ifndef OWO_TESTS_BENCH_BATCH_SCENE_H_
#define OWO_TESTS_BENCH_BATCH_SCENE_H_

#include <cstdint>

#include "absl/time/time.h"
#include "tests/bench/counters.h"
#include "tests/bench/options.h"
#include "tests/bench/report.pb.h"
#include "tests/bench/sample.h"
#include "tests/bench/target.h"
#include "tests/bench/track_traffic.h"

namespace owo::bench {

inline constexpr int kBatchesInFlight = 8;

class BatchScene {
 public:
  enum class Ids { kTimeOrdered, kRandom, kSomeRepeated };  // the last: time-ordered, too

  BatchScene(const Options& options, const Population& population, Ids ids = Ids::kTimeOrdered);

  // Sends so many more events, rounded up to whole batches.
  void Track(uint64_t events);
  Sample Measure(absl::Duration duration);

  Target& server() { return server_; }
  BatchTraffic& traffic() { return traffic_; }
  const Population& population() const { return population_; }

  // Throws unless the server counted each event once. Says in `row` what that took.
  void Finish(Row& row);

 private:
  const Population population_;
  Target server_;
  BatchTraffic traffic_;
  uint64_t empty_bytes_ = 0;  // on disk, before the first event
};

}  // namespace owo::bench

#endif  // OWO_TESTS_BENCH_BATCH_SCENE_H_
