// How much memory the server needs, and whether it grows with the history.

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "tests/bench/batch_scene.h"
#include "tests/bench/cases.h"
#include "tests/bench/contest.h"
#include "tests/bench/process_facts.h"
#include "tests/bench/world.h"

namespace owo::bench {
namespace {

constexpr double kBoundMib = 512 + 64;
constexpr double kWantMib = 256 + 64;

}  // namespace

Rows MemoryCase(const Options& options) {
  BatchScene scene(options, {.customers = options.customers, .features = kFeatures});
  scene.Track(options.history);
  const double once = PeakRssMib(scene.server().pid());
  scene.Track(options.history);
  Row row;
  row.set_name("memory_growth");
  row.set_what(
      absl::StrCat("memory after ", 2 * options.history, " events, and after ", options.history));
  scene.Finish(row);
  CheckAtMost(row, absl::StrCat("peak RSS / RSS after half"), row.peak_rss_mib() / once, 1.1, 1.1);
  return {row};
}

Row MemoryBound(const Rows& rows) {
  Row bound;
  bound.set_name("memory");
  bound.set_what("most memory of all the cases above");
  double peak = 0;
  for (const Row& row : rows) peak = std::max(peak, row.peak_rss_mib());
  bound.set_peak_rss_mib(peak);
  CheckAtMost(bound, "peak RSS MiB", peak, kBoundMib, kWantMib);
  return bound;
}

}  // namespace owo::bench
