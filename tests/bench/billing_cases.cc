// Reading usage, making invoices and listing them.

#include <algorithm>
#include <vector>

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

constexpr int kSlices = 10;
constexpr int kInvoicesInFlight = 64;

// Measures the calls of `traffic`, one after the other, in turns with empty calls.
Row BesideEmptyCalls(const Options& options, const Target& server, Traffic& traffic,
                     const std::string& name, const std::string& what) {
  FixedTraffic empty = EmptyCalls();
  const auto measuring = [&server](Traffic& calls) {
    return [&](absl::Duration duration) {
      return RunClosedLoop(server, calls, {.warm_up = duration / 10, .duration = duration});
    };
  };
  Contest contest(options, name, what);
  contest.Add(name, measuring(traffic));
  contest.Add("empty RPC", measuring(empty));
  contest.Slice(kSlices);
  return contest.Run();
}

// Sizes of the history to measure at: one event per counter, then powers of ten.
std::vector<uint64_t> Sizes(const Options& options) {
  std::vector<uint64_t> sizes = {kFeatures};
  for (const uint64_t size : {10'000, 1'000'000}) {
    if (size < options.history) sizes.push_back(size);
  }
  sizes.push_back(options.history);
  return sizes;
}

// Tracks each customer's first event of each feature.
void TrackEachFeature(const Target& server, const Population& population) {
  SingleTraffic singles(Counters(population));
  singles.SendOnly(uint64_t{population.customers} * population.features);
  RunClosedLoop(server, singles, {});
}

}  // namespace

Rows UsageCase(const Options& options) {
  const Population one = {.customers = 1, .features = kFeatures};
  BatchScene scene(options, one);
  TrackEachFeature(scene.server(), one);
  UsageTraffic usage(one);
  Rows rows;
  uint64_t events = kFeatures;
  for (const uint64_t size : Sizes(options)) {
    if (size > events) scene.Track(size - events);
    events = kFeatures + scene.traffic().sent();
    scene.server().AwaitQuiet();
    Row row = BesideEmptyCalls(options, scene.server(), usage, absl::StrCat("usage/", size),
                               absl::StrCat("Usage, 10 counters, after ", size, " events"));
    row.set_peak_rss_mib(PeakRssMib(scene.server().pid()));
    CheckP50Ratio(row, 1.5, 1.2);
    rows.push_back(std::move(row));
  }
  CheckUsage(scene.server(), one, events);
  return rows;
}

Rows InvoiceCase(const Options& options) {
  const Population population = {.customers = options.invoices, .features = kFeatures};
  BatchScene scene(options, population);
  InvoiceTraffic invoices(population, kFeatures);
  // Usage must be tracked before it is invoiced; tracking is not measured.
  const auto measure = [&](absl::Duration duration) {
    Sample sample;
    while (sample.elapsed < duration) {
      scene.Track(uint64_t{population.customers} * kFeatures);
      invoices.SendRound();
      sample.Append(RunClosedLoop(scene.server(), invoices, {.in_flight = kInvoicesInFlight}));
    }
    return sample;
  };
  Contest contest(options, "invoice", "Invoice, 10 lines, 64 in flight");
  contest.Add("Invoice", measure);
  Row row = contest.Run();
  CheckUsage(scene.server(), population, 0);
  row.set_peak_rss_mib(PeakRssMib(scene.server().pid()));
  CheckAtLeast(row, "invoices/s", row.figures().rate(), 8'000, 15'000);
  return {row};
}

Rows ListInvoicesCase(const Options& options) {
  constexpr int kPage = 50;
  constexpr uint32_t kLines = 2;
  const Population population = {.customers = std::min(options.invoices, 10U), .features = kLines};
  BatchScene scene(options, population);
  InvoiceTraffic invoices(population, kLines);
  for (uint32_t made = 0; made < options.invoices; made += population.customers) {
    scene.Track(uint64_t{population.customers} * kLines);
    invoices.SendRound();
    RunClosedLoop(scene.server(), invoices, {.in_flight = kInvoicesInFlight});
  }
  scene.server().AwaitQuiet();
  PageTraffic pages(CustomerName(population.first_customer), kPage);
  Row row = BesideEmptyCalls(options, scene.server(), pages, "list_invoices",
                             absl::StrCat("ListInvoices of one of 10 customers, pages of 50 of ",
                                          options.invoices, ", 2 lines each"));
  row.set_peak_rss_mib(PeakRssMib(scene.server().pid()));
  CheckP50Ratio(row, 2.5, 2);
  return {row};
}

}  // namespace owo::bench
