// Calls the three functions of the SDK's billing page after tracking some usage, and prints what
// they return as a table.
//
//   owo-quickstart --endpoint=127.0.0.1:50051

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <iostream>
#include <string>
#include <vector>

#include "absl/flags/flag.h"
#include "absl/flags/parse.h"
#include "absl/flags/usage.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/string_view.h"
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
  const std::vector<owo::TrackParams> events =
      SampleUsage(owo::examples::RecentHour(*subscription, absl::Now()));
  for (const owo::TrackParams& event : events) {
    if (absl::Status status = owo.track(event); !status.ok()) return status;
  }
  // The calls below must see all events.
  if (absl::Status status = owo.flush(absl::Now() + absl::Seconds(10)); !status.ok()) return status;
  std::cout << "Tracked " << events.size() << " usage events of " << kCustomer << ", on the plan "
            << owo::examples::kPlan << ".\n\n";
  return absl::OkStatus();
}

// One row of the table of answers, within 80 columns.
void PrintRow(absl::string_view call, absl::string_view name, absl::string_view units,
              absl::string_view price, absl::string_view status, absl::string_view amount) {
  std::cout << absl::StrFormat("%-9s %-18s %12s %11s  %-9s %12s\n", call, owo::Printable(name),
                               owo::Printable(units), owo::Printable(price), status,
                               owo::Printable(amount));
}

void PrintInvoice(absl::string_view call, const owo::Invoice& invoice) {
  PrintRow(call, invoice.number, "", "", ToString(invoice.status),
           owo::FormatMoney(invoice.total, invoice.currency, invoice.currency_exponent));
}

absl::Status ShowUsage(const owo::Owostack& owo) {
  const absl::StatusOr<owo::BillingUsageResult> usage = owo.billing.usage({.customer = kCustomer});
  if (!usage.ok()) return usage.status();

  const auto money = [&usage](int64_t amount) {
    return owo::FormatMoney(amount, usage->currency, usage->currency_exponent);
  };
  PrintRow("CALL", "FEATURE OR INVOICE", "UNITS", "CENTS/UNIT", "STATUS", "AMOUNT");
  for (const owo::BillingFeatureUsage& feature : usage->features) {
    PrintRow("usage", feature.feature_slug, feature.overage_units,
             feature.overage_price.value_or("-"), "unbilled", money(feature.estimated_cost));
  }
  PrintRow("usage", "total", "", "", "unbilled", money(usage->total_estimated));
  return absl::OkStatus();
}

absl::Status MakeInvoice(const owo::Owostack& owo) {
  const absl::StatusOr<owo::InvoiceResult> result = owo.billing.invoice({.customer = kCustomer});
  if (!result.ok()) return result.status();
  PrintInvoice("invoice", result->invoice);
  return absl::OkStatus();
}

absl::Status ListInvoices(const owo::Owostack& owo) {
  constexpr size_t kShown = 3;
  const absl::StatusOr<owo::InvoicesResult> result = owo.billing.invoices({.customer = kCustomer});
  if (!result.ok()) return result.status();

  const std::vector<owo::Invoice>& invoices = result->invoices;  // newest first
  for (size_t i = 0; i < std::min(invoices.size(), kShown); ++i) {
    PrintInvoice("invoices", invoices[i]);
  }
  if (invoices.size() > kShown) {
    PrintRow("invoices", absl::StrCat(invoices.size() - kShown, " older ones"), "", "", "", "");
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
