// Whether one large customer slows down small ones.

#include <atomic>
#include <future>

#include "absl/strings/str_cat.h"
#include "tests/bench/batch_scene.h"
#include "tests/bench/billing_traffic.h"
#include "tests/bench/cases.h"
#include "tests/bench/contest.h"
#include "tests/bench/loop.h"
#include "tests/bench/process_facts.h"
#include "tests/bench/world.h"

namespace owo::bench {
namespace {

constexpr int kCallsPerSecond = 2'000;

// A caller that tracks an event of a customer, reads its usage and invoices it, without pause,
// until it is destroyed.
class BusyCaller {
 public:
  BusyCaller(const Target& server, const Population& customer)
      : singles_({Counters(customer).front()}),
        usage_(customer),
        invoices_(customer, /*lines=*/1),
        caller_(std::async(std::launch::async, [this, &server] {
          RunClosedLoop(server, traffic_, {.stop = &stop_});
        })) {}

  // Stops the caller. Throws if a call failed.
  void Stop() {
    stop_ = true;
    caller_.get();
  }
  ~BusyCaller() { stop_ = true; }

 private:
  std::atomic<bool> stop_ = false;
  SingleTraffic singles_;
  UsageTraffic usage_;
  InvoiceTraffic invoices_;
  MixedTraffic traffic_{{&singles_, &usage_, &invoices_}};
  std::future<void> caller_;  // its destructor waits for the thread
};

}  // namespace

Rows NeighboursCase(const Options& options) {
  const Population large = {.customers = 1, .features = kFeatures};
  const Population small = {
      .first_customer = 1, .customers = options.customers, .features = kFeatures};
  BatchScene scene(options, large);
  AddCustomers(scene.server(), small);
  scene.Track(options.history);
  // Invoices everything so far, so that each of the following invoices has one line.
  InvoiceTraffic first(large, kFeatures);
  first.SendRound();
  RunClosedLoop(scene.server(), first, {});
  scene.server().AwaitQuiet();

  SingleTraffic singles(Counters(small));
  UsageTraffic usage(small);
  MixedTraffic others({&singles, &usage});
  const auto alone = [&](absl::Duration duration) {
    return RunOpenLoop(scene.server(), others, kCallsPerSecond, duration);
  };
  Contest contest(
      options, "neighbours",
      absl::StrCat("Track and Usage at 2,000/s, open loop, while a customer with ", options.history,
                   " events is tracked, read and invoiced without pause"));
  contest.Add("beside it", [&](absl::Duration duration) {
    BusyCaller busy(scene.server(), large);
    Sample sample = alone(duration);
    busy.Stop();
    return sample;
  });
  contest.Add("without it", alone);
  Row row = contest.Run();
  CheckUsage(scene.server(), small, singles.recorded());
  row.set_peak_rss_mib(PeakRssMib(scene.server().pid()));
  CheckP99Ratio(row, 2, 1.3);
  return {row};
}

}  // namespace owo::bench
