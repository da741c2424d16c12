// Calls the three functions of the SDK's billing page after tracking some usage.
//
//   owo-quickstart --endpoint=127.0.0.1:50051

#include <iostream>
#include <string>
#include <vector>

#include "absl/flags/flag.h"
#include "absl/flags/parse.h"
#include "absl/flags/usage.h"
#include "absl/time/clock.h"
#include "client/cpp/examples/setup.h"
#include "client/cpp/money.h"
#include "client/cpp/owostack.h"
#include "client/cpp/utf8.h"

ABSL_FLAG(std::string, endpoint, "localhost:50051", "Where the service is: HOST:PORT.");

namespace {

constexpr char kCustomer[] = "user_123";

// Returns the usage of a hundred requests to a language model, spread over `range`. It exceeds what
// the plan includes in a month, so some of it is always billed. The client gives each event a new
// id, so every run is new usage.
std::vector<owo::TrackParams> SampleUsage(const owo::examples::TimeRange& range) {
  constexpr int kRequests = 100;
  std::vector<owo::TrackParams> events;
  for (int i = 0; i < kRequests; ++i) {
    const absl::Time time = range.start + (range.end - range.start) * i / kRequests;
    events.push_back({.customer = kCustomer,
                      .feature = owo::examples::kInputTokens,
                      .quantity = std::to_string(12'000 + 60 * i),
                      .event_time = time});
    events.push_back({.customer = kCustomer,
                      .feature = owo::examples::kOutputTokens,
                      .quantity = std::to_string(1'500 + 10 * i),
                      .event_time = time});
  }
  return events;
}

absl::Status TrackSampleUsage(const owo::Owostack& owo) {
  const absl::StatusOr<owo::Subscription> subscription =
      owo::examples::SetUpCustomer(owo, {.id = kCustomer, .email = "user@example.com"});
  if (!subscription.ok()) return subscription.status();
  for (const owo::TrackParams& event :
       SampleUsage(owo::examples::RecentHour(*subscription, absl::Now()))) {
    if (absl::Status status = owo.track(event); !status.ok()) return status;
  }
  // The calls below must see all events.
  return owo.flush(absl::Now() + absl::Seconds(10));
}

absl::Status ShowUsage(const owo::Owostack& owo) {
  const absl::StatusOr<owo::BillingUsageResult> usage = owo.billing.usage({.customer = kCustomer});
  if (!usage.ok()) return usage.status();

  std::cout << "Currency: " << owo::Printable(usage->currency) << "\n";
  std::cout << "Total estimated: " << usage->total_estimated << " ("
            << owo::Printable(owo::FormatMoney(usage->total_estimated, usage->currency,
                                               usage->currency_exponent))
            << ")\n";
  for (const owo::BillingFeatureUsage& feature : usage->features) {
    std::cout << owo::Printable(feature.feature_slug) << " "
              << owo::Printable(feature.overage_units) << " units @ "
              << owo::Printable(feature.overage_price.value_or("-")) << "\n";
  }
  return absl::OkStatus();
}

absl::Status MakeInvoice(const owo::Owostack& owo) {
  const absl::StatusOr<owo::InvoiceResult> result = owo.billing.invoice({.customer = kCustomer});
  if (!result.ok()) return result.status();

  const owo::Invoice& invoice = result->invoice;
  std::cout << "Invoice: " << owo::Printable(invoice.number) << "\n";
  std::cout << "Total: " << invoice.total << " ("
            << owo::Printable(
                   owo::FormatMoney(invoice.total, invoice.currency, invoice.currency_exponent))
            << ")\n";
  std::cout << "Status: " << ToString(invoice.status) << "\n";
  return absl::OkStatus();
}

absl::Status ListInvoices(const owo::Owostack& owo) {
  const absl::StatusOr<owo::InvoicesResult> result = owo.billing.invoices({.customer = kCustomer});
  if (!result.ok()) return result.status();

  for (const owo::Invoice& invoice : result->invoices) {
    std::cout << owo::Printable(invoice.number) << " " << ToString(invoice.status) << " "
              << invoice.total << "\n";
  }
  return absl::OkStatus();
}

}  // namespace

int main(int argc, char** argv) {
  absl::SetProgramUsageMessage("Tracks a sample of usage, shows what it costs, and invoices it.");
  absl::ParseCommandLine(argc, argv);
  const owo::Owostack owo({.endpoint = absl::GetFlag(FLAGS_endpoint)});

  for (const auto step : {TrackSampleUsage, ShowUsage, MakeInvoice, ListInvoices}) {
    const absl::Status status = step(owo);
    if (!status.ok()) {
      std::cerr << "owo-quickstart: "
                << owo::Printable(status.ToString(absl::StatusToStringMode::kWithNoExtraData))
                << " " << owo::Printable(owo::ErrorReason(status)) << "\n";
      return 1;
    }
  }
  return 0;
}
