#include "tests/bench/batch_scene.h"

#include <stdexcept>

#include "absl/strings/str_cat.h"
#include "tests/bench/loop.h"
#include "tests/bench/process_facts.h"
#include "tests/bench/world.h"

namespace owo::bench {

BatchScene::BatchScene(const Options& options, const Population& population, Ids ids)
    : population_(population),
      server_(Target::Kind::kService, options),
      traffic_({.counters = Counters(population),
                .ids = ids == Ids::kRandom ? EventIds::Version::kRandom
                                           : EventIds::Version::kTimeOrdered,
                .repeats = ids == Ids::kSomeRepeated}) {
  AddCatalog(server_);
  AddCustomers(server_, population);
  empty_bytes_ = BytesIn(server_.data_dir());
}

void BatchScene::Track(uint64_t events) {
  traffic_.SendOnly(events);
  RunClosedLoop(server_, traffic_, {.in_flight = kBatchesInFlight});
  traffic_.SendEndlessly();
}

Sample BatchScene::Measure(absl::Duration duration) {
  server_.AwaitQuiet();
  return RunClosedLoop(
      server_, traffic_,
      {.in_flight = kBatchesInFlight, .warm_up = duration / 10, .duration = duration});
}

void BatchScene::Finish(Row& row) {
  server_.AwaitQuiet();
  if (traffic_.recorded() != traffic_.distinct()) {
    throw std::runtime_error(absl::StrCat("the server recorded ", traffic_.recorded(),
                                          " events, want ", traffic_.distinct()));
  }
  CheckUsage(server_, population_, traffic_.recorded());
  row.set_disk_bytes(BytesPerEvent(server_.data_dir(), empty_bytes_, traffic_.recorded()));
  row.set_peak_rss_mib(PeakRssMib(server_.pid()));
}

}  // namespace owo::bench
