// Replays an hour of requests to a language model and shows what they cost.
//
//   owo-replay-trace --endpoint=127.0.0.1:50051 --trace=AzureLLMInferenceTrace_conv.csv
//
// The trace comes from https://github.com/Azure/AzurePublicDataset. Without --trace, generated
// requests with the same totals replace it. Either costs 5340 + 3391 = 8731 cents. Repeating the
// replay costs nothing more: the events have the same ids, and the service counts each id once.

#include <cstdint>
#include <filesystem>
#include <iostream>
#include <string>
#include <vector>

#include "absl/flags/flag.h"
#include "absl/flags/parse.h"
#include "absl/flags/usage.h"
#include "absl/time/clock.h"
#include "client/cpp/examples/replay.h"
#include "client/cpp/examples/setup.h"
#include "client/cpp/examples/trace.h"
#include "client/cpp/money.h"
#include "client/cpp/owostack.h"
#include "client/cpp/utf8.h"

ABSL_FLAG(std::string, endpoint, "localhost:50051", "Where the service is: HOST:PORT.");
ABSL_FLAG(std::string, trace, "", "CSV file to replay; empty: made-up requests.");
ABSL_FLAG(uint64_t, seed, 1, "What the made-up requests are drawn from.");
ABSL_FLAG(std::string, customer, "trace_customer", "Id of the customer who is billed for it.");

namespace {

struct NamedTrace {
  std::string name;
  std::vector<owo::examples::TraceRequest> requests;
};

absl::StatusOr<NamedTrace> LoadTrace() {
  const std::string path = absl::GetFlag(FLAGS_trace);
  if (path.empty()) {
    const uint64_t seed = absl::GetFlag(FLAGS_seed);
    return NamedTrace{"stand-in-" + std::to_string(seed), owo::examples::StandInTrace(seed)};
  }
  absl::StatusOr<std::vector<owo::examples::TraceRequest>> requests =
      owo::examples::ReadTrace(path);
  if (!requests.ok()) return requests.status();
  return NamedTrace{std::filesystem::path(path).stem(), *std::move(requests)};
}

void Print(const owo::BillingUsageResult& usage) {
  for (const owo::BillingFeatureUsage& feature : usage.features) {
    std::cout << owo::Printable(feature.feature_slug) << ": " << owo::Printable(feature.usage)
              << " used, " << owo::Printable(feature.included) << " of them included, "
              << owo::Printable(feature.overage_units) << " billable: "
              << owo::Printable(owo::FormatMoney(feature.estimated_cost, usage.currency,
                                                 usage.currency_exponent))
              << "\n";
  }
  std::cout << "Total estimated: " << usage.total_estimated << " ("
            << owo::Printable(
                   owo::FormatMoney(usage.total_estimated, usage.currency, usage.currency_exponent))
            << ")\n";
}

absl::Status Run() {
  const owo::Owostack owo({.endpoint = absl::GetFlag(FLAGS_endpoint)});
  const std::string customer = absl::GetFlag(FLAGS_customer);

  const absl::StatusOr<NamedTrace> trace = LoadTrace();
  if (!trace.ok()) return trace.status();
  const absl::StatusOr<owo::Subscription> subscription =
      owo::examples::SetUpCustomer(owo, {.id = customer});
  if (!subscription.ok()) return subscription.status();

  const auto [start, end] = owo::examples::RecentHour(*subscription, absl::Now());
  const std::vector<owo::TrackParams> events =
      owo::examples::TraceEvents(trace->requests, trace->name, customer, start, end);
  const absl::StatusOr<owo::examples::ReplayTotals> totals = owo::examples::Replay(owo, events);
  if (!totals.ok()) return totals.status();
  std::cout << owo::Printable(trace->name) << ": " << totals->recorded << " events recorded, "
            << totals->duplicates << " known already\n";

  const absl::StatusOr<owo::BillingUsageResult> usage = owo.billing.usage({.customer = customer});
  if (!usage.ok()) return usage.status();
  Print(*usage);
  return absl::OkStatus();
}

}  // namespace

int main(int argc, char** argv) {
  absl::SetProgramUsageMessage("Replays a trace of requests and shows what they cost.");
  absl::ParseCommandLine(argc, argv);
  const absl::Status status = Run();
  if (!status.ok()) {
    std::cerr << "owo-replay-trace: "
              << owo::Printable(status.ToString(absl::StatusToStringMode::kWithNoExtraData)) << " "
              << owo::Printable(owo::ErrorReason(status)) << "\n";
    return 1;
  }
  return 0;
}
