// Single events, compared with empty calls to the same server.

#include <algorithm>
#include <string>

#include "absl/strings/str_cat.h"
#include "tests/bench/cases.h"
#include "tests/bench/contest.h"
#include "tests/bench/loop.h"
#include "tests/bench/process_facts.h"
#include "tests/bench/synced_write.h"
#include "tests/bench/track_traffic.h"
#include "tests/bench/world.h"

namespace owo::bench {
namespace {

constexpr int kSlices = 10;

// REQUIRES: `server` and `traffic` outlive the result.
Contest::Measure Measuring(const Target& server, Traffic& traffic, int in_flight) {
  return [&server, &traffic, in_flight](absl::Duration duration) {
    // Work that the server deferred must not slow down the other contender.
    if (in_flight > 1) server.AwaitQuiet();
    return RunClosedLoop(server, traffic,
                         {.in_flight = in_flight, .warm_up = duration / 10, .duration = duration});
  };
}

// A fresh server with customers, single events for it, and empty calls.
class SingleScene {
 public:
  explicit SingleScene(const Options& options)
      : population_{.customers = options.customers, .features = kFeatures},
        server_(Target::Kind::kService, options),
        singles_(Counters(population_)) {
    AddCatalog(server_);
    AddCustomers(server_, population_);
    empty_bytes_ = BytesIn(server_.data_dir());
  }

  Contest::Measure Singles(int in_flight) { return Measuring(server_, singles_, in_flight); }
  Contest::Measure Empty(int in_flight) { return Measuring(server_, empty_, in_flight); }

  void Finish(Row& row) {
    CheckUsage(server_, population_, singles_.recorded());
    row.set_disk_bytes(BytesPerEvent(server_.data_dir(), empty_bytes_, singles_.recorded()));
    row.set_peak_rss_mib(PeakRssMib(server_.pid()));
  }

 private:
  const Population population_;
  const Target server_;
  SingleTraffic singles_;
  FixedTraffic empty_ = EmptyCalls();
  uint64_t empty_bytes_ = 0;  // on disk, before the first event
};

// The time of an empty call plus `writes` synced writes, in microseconds.
double Bound(const Row& row, double writes) {
  return row.ceilings(0).figures().p50_us() + writes * row.ceilings(1).figures().p50_us();
}

}  // namespace

Rows ManySinglesCase(const Options& options) {
  constexpr int kInFlight = 64;
  SingleScene scene(options);
  Contest contest(options, "singles", "Track, 64 in flight");
  contest.Add("Track", scene.Singles(kInFlight));
  contest.Add("empty RPC", scene.Empty(kInFlight));
  contest.Slice(kSlices);
  Row row = contest.Run();
  scene.Finish(row);
  CheckRateRatio(row, 0.5, 0.75);
  return {row};
}

Rows OneSingleCase(const Options& options) {
  SingleScene scene(options);
  SyncedWrite write(options.directory);
  Contest contest(options, "one_single", "Track, 1 in flight");
  contest.Add("Track", scene.Singles(1));
  contest.Add("empty RPC", scene.Empty(1));
  contest.Add("synced write", [&](absl::Duration duration) { return write.Run(duration); });
  contest.Slice(kSlices);
  Row row = contest.Run();
  scene.Finish(row);
  CheckAtMost(row, "p50 us; empty + 2 (1.3) x write", row.figures().p50_us(), Bound(row, 2),
              Bound(row, 1.3));
  return {row};
}

// For a customer with a spend cap, counting considers the whole account. Compares callers of one
// such customer with the same number of callers of one without a cap.
Rows CappedCustomerCase(const Options& options) {
  constexpr int kInFlight = 32;
  const Population capped = {.features = kFeatures, .spend_cap = 1'000'000'000'000};
  const Population plain = {.first_customer = 1, .features = kFeatures};
  const Target server(Target::Kind::kService, options);
  AddCatalog(server);
  SingleTraffic of_capped(Counters(capped));
  SingleTraffic of_plain(Counters(plain));
  AddCustomers(server, capped);
  AddCustomers(server, plain);

  Contest contest(options, "capped", "Track, 32 in flight, one customer with a spend cap");
  contest.Add("with a cap", Measuring(server, of_capped, kInFlight));
  contest.Add("without", Measuring(server, of_plain, kInFlight));
  contest.Slice(kSlices);
  Row row = contest.Run();
  CheckUsage(server, capped, of_capped.recorded());
  CheckUsage(server, plain, of_plain.recorded());
  row.set_peak_rss_mib(PeakRssMib(server.pid()));
  CheckRateRatio(row, 0.5, 0.5);
  return {row};
}

}  // namespace owo::bench
