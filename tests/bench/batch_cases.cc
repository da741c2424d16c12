// Batches of a thousand events.

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "tests/bench/batch_scene.h"
#include "tests/bench/cases.h"
#include "tests/bench/contest.h"
#include "tests/bench/loop.h"
#include "tests/bench/world.h"

namespace owo::bench {
namespace {

// Events that were sent long before the measurement, to be repeated.
constexpr uint64_t kOldEvents = 2'000'000;

Population Spread(const Options& options) {
  return {.customers = options.customers, .features = kFeatures};
}

Contest::Measure Measuring(BatchScene& scene) {
  return [&scene](absl::Duration duration) { return scene.Measure(duration); };
}

}  // namespace

Rows BatchCase(const Options& options) {
  BatchScene scene(options, Spread(options));
  const Target dropping(Target::Kind::kDrop, options);
  BatchTraffic dropped({.counters = Counters(Spread(options)), .dropped = true});

  Contest contest(options, "batch",
                  absl::StrCat("TrackBatch of 1,000, 8 in flight, UUIDv7, ", options.customers,
                               " customers x ", kFeatures, " features"));
  contest.Add("TrackBatch", Measuring(scene));
  contest.Add("parse and drop", [&](absl::Duration duration) {
    return RunClosedLoop(
        dropping, dropped,
        {.in_flight = kBatchesInFlight, .warm_up = duration / 10, .duration = duration});
  });
  Row row = contest.Run();
  scene.Finish(row);
  CheckAtLeast(row, "events/s", row.figures().rate(), 500'000, 1'000'000);
  return {row};
}

Rows RandomIdsCase(const Options& options) {
  BatchScene scene(options, Spread(options), BatchScene::Ids::kRandom);
  scene.Track(options.preload);
  Contest contest(options, "random_ids",
                  absl::StrCat("the same, UUIDv4, ", options.preload, " ids already stored"));
  contest.Add("TrackBatch", Measuring(scene));
  Row row = contest.Run();
  scene.Finish(row);
  CheckAtLeast(row, "events/s", row.figures().rate(), 200'000, 500'000);
  return {row};
}

Rows HotCounterCase(const Options& options) {
  BatchScene hot(options, {});
  BatchScene spread(options, Spread(options));
  Contest contest(options, "hot_counter", "the same, one single customer and feature");
  contest.Add("TrackBatch", Measuring(hot));
  contest.Add("spread", Measuring(spread));
  Row row = contest.Run();
  spread.Finish(row);
  hot.Finish(row);
  CheckRateRatio(row, 0.95, 0.95);
  return {row};
}

Rows DuplicatesCase(const Options& options) {
  BatchScene repeating(options, Spread(options), BatchScene::Ids::kSomeRepeated);
  BatchScene spread(options, Spread(options));
  for (BatchScene* scene : {&repeating, &spread}) {
    scene->Track(std::min(kOldEvents, options.history));
  }
  repeating.traffic().RepeatSome();
  Contest contest(options, "duplicates", "the same, 20 % duplicates, half of them old");
  contest.Add("TrackBatch", Measuring(repeating));
  contest.Add("spread", Measuring(spread));
  Row row = contest.Run();
  spread.Finish(row);
  repeating.Finish(row);
  CheckRateRatio(row, 0.8, 0.8);
  return {row};
}

}  // namespace owo::bench
