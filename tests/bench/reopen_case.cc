// How soon a server serves again after it was killed while writing.

#include <chrono>
#include <future>
#include <stdexcept>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "tests/bench/batch_scene.h"
#include "tests/bench/cases.h"
#include "tests/bench/contest.h"
#include "tests/bench/loop.h"
#include "tests/bench/process_facts.h"
#include "tests/bench/world.h"

namespace owo::bench {
namespace {

constexpr absl::Duration kLoadBeforeKill = absl::Milliseconds(500);

void KillUnderLoad(BatchScene& scene) {
  const auto load = std::async(std::launch::async, [&scene] {
    RunClosedLoop(scene.server(), scene.traffic(),
                  {.in_flight = kBatchesInFlight, .outlives_server = true});
  });
  absl::SleepFor(kLoadBeforeKill);
  scene.server().Kill();
}

// Returns the time until the first read of a customer's usage succeeds.
std::chrono::nanoseconds TimeToServe(BatchScene& scene) {
  const auto began = std::chrono::steady_clock::now();
  scene.server().Start();
  UnbilledUnits(scene.server(), {.customers = 1});
  return std::chrono::steady_clock::now() - began;
}

// Checks that all acknowledged events are counted, and none that was never sent.
void CheckNothingLost(BatchScene& scene) {
  const uint64_t units = UnbilledUnits(scene.server(), scene.population());
  if (units >= scene.traffic().recorded() && units <= scene.traffic().sent()) return;
  throw std::runtime_error(absl::StrCat("after a kill the server knows ", units, " events, want ",
                                        scene.traffic().recorded(), " to ",
                                        scene.traffic().sent()));
}

}  // namespace

Rows ReopenCase(const Options& options) {
  BatchScene scene(options, {.customers = options.customers, .features = kFeatures});
  scene.Track(options.history);
  Row row;
  row.set_name("reopen");
  row.set_what(
      absl::StrCat("start to first answer after a kill under load, ", options.history, " events"));
  std::vector<Figures> runs;
  for (int i = 0; i < options.runs; ++i) {
    KillUnderLoad(scene);
    const std::chrono::nanoseconds took = TimeToServe(scene);
    runs.push_back(FiguresOf({.latency_ns = {took.count()}}));
    CheckNothingLost(scene);
  }
  *row.mutable_figures() = MedianOf(runs);
  row.mutable_runs()->Add(runs.begin(), runs.end());
  row.set_peak_rss_mib(PeakRssMib(scene.server().pid()));
  CheckAtMost(row, "seconds", row.figures().p50_us() / 1e6, 2, 0.5);
  return {row};
}

}  // namespace owo::bench
