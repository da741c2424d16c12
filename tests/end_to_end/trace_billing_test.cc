// An hour of requests to a language model, billed exactly to the cent, no matter when invoices are
// made and how often the hour is replayed.

#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>
#include <map>

#include "absl/strings/numbers.h"
#include "absl/time/clock.h"
#include "client/cpp/examples/replay.h"
#include "client/cpp/examples/setup.h"
#include "client/cpp/examples/trace.h"
#include "tests/end_to_end/server_process.h"
#include "tests/support/random.h"
#include "tests/support/temp_dir.h"

namespace owo::examples {
namespace {

constexpr int64_t kInputCost = 5340;
constexpr int64_t kOutputCost = 3391;
constexpr int64_t kTotalCost = 8731;

int64_t Whole(const std::string& decimal) {
  int64_t value = 0;
  EXPECT_TRUE(absl::SimpleAtoi(decimal, &value)) << decimal;
  return value;
}

// Uses the `conv` trace if TEST_TRACE_DIR contains it, and always made-up requests with the same
// sums.
class TraceBillingTest : public ::testing::TestWithParam<const char*> {
 protected:
  void SetUp() override {
    if (GetParam() == std::string("stand_in")) {
      trace_ = StandInTrace(random_.Word());
      return;
    }
    const char* const directory = std::getenv("TEST_TRACE_DIR");
    if (directory == nullptr) GTEST_SKIP() << "TEST_TRACE_DIR does not say where the trace is";
    const auto trace = ReadTrace(std::string(directory) + "/AzureLLMInferenceTrace_conv.csv");
    ASSERT_TRUE(trace.ok()) << trace.status();
    trace_ = *trace;
  }

  // Returns the whole trace as events of a new customer.
  std::vector<TrackParams> EventsOf(const std::string& customer) {
    const auto subscription = SetUpCustomer(owo_, {.id = customer});
    EXPECT_TRUE(subscription.ok()) << subscription.status();
    if (!subscription.ok()) return {};
    const auto [start, end] = RecentHour(*subscription, absl::Now());
    return TraceEvents(trace_, GetParam(), customer, start, end);
  }

  void Track(absl::Span<const TrackParams> events, ReplayTotals expected) {
    const auto totals = Replay(owo_, events);
    ASSERT_TRUE(totals.ok()) << totals.status();
    EXPECT_EQ(totals->recorded, expected.recorded);
    EXPECT_EQ(totals->duplicates, expected.duplicates);
  }
  void Track(absl::Span<const TrackParams> events) {
    Track(events, {.recorded = static_cast<int64_t>(events.size())});
  }

  BillingUsageResult Usage(const std::string& customer) {
    const auto usage = owo_.billing.usage({.customer = customer});
    EXPECT_TRUE(usage.ok()) << usage.status();
    return usage.value_or(BillingUsageResult());
  }

  // Makes an invoice, and expects the total that Usage shows.
  void InvoiceNow(const std::string& customer) {
    const BillingUsageResult usage = Usage(customer);
    const auto result = owo_.billing.invoice({.customer = customer});
    if (usage.features.empty()) {
      EXPECT_EQ(ErrorReason(result.status()), "NO_UNBILLED_USAGE");
    } else if (usage.total_estimated == 0) {  // the units cost less than a cent
      EXPECT_EQ(ErrorReason(result.status()), "CREDIT_BALANCE");
    } else {
      ASSERT_TRUE(result.ok()) << result.status();
      EXPECT_EQ(result->invoice.total, usage.total_estimated);
    }
  }

  std::vector<Invoice> Invoices(const std::string& customer) {
    const auto result = owo_.billing.invoices({.customer = customer});
    EXPECT_TRUE(result.ok()) << result.status();
    return result.ok() ? result->invoices : std::vector<Invoice>();
  }

  // Expects that invoices and Usage together bill each token once and each free token once.
  void ExpectTheWholeTraceBilled(const std::string& customer) {
    std::map<std::string, int64_t> cost;
    std::map<std::string, int64_t> used;
    std::map<std::string, int64_t> included;
    const auto add = [&](const auto& row, int64_t amount) {
      cost[row.feature_slug] += amount;
      used[row.feature_slug] += Whole(row.usage);
      included[row.feature_slug] += Whole(row.included);
    };
    for (const Invoice& invoice : Invoices(customer)) {
      if (invoice.status == InvoiceStatus::kVoid) continue;
      for (const InvoiceLineItem& line : invoice.line_items) add(line, line.amount);
    }
    for (const BillingFeatureUsage& row : Usage(customer).features) add(row, row.estimated_cost);

    using Sums = std::map<std::string, int64_t>;
    EXPECT_EQ(cost, (Sums{{kInputTokens, kInputCost}, {kOutputTokens, kOutputCost}}));
    EXPECT_EQ(used, (Sums{{kInputTokens, kConvInputTokens}, {kOutputTokens, kConvOutputTokens}}));
    EXPECT_EQ(included, (Sums{{kInputTokens, 1'000'000}, {kOutputTokens, 100'000}}));
  }

  // Expects that the events of each line add up to its usage, and that each event is on one
  // invoice.
  void ExpectTheWholeTraceExplained(const std::string& customer, size_t events) {
    size_t of_invoices = 0;
    for (const Invoice& invoice : Invoices(customer)) {
      const auto of_invoice = owo_.billing.invoice_events({.invoice_id = invoice.id});
      ASSERT_TRUE(of_invoice.ok()) << of_invoice.status();
      std::map<uint32_t, int64_t> sums;
      for (const RecordedEvent& event : *of_invoice) sums[*event.line] += Whole(event.quantity);
      uint32_t line = 0;
      for (const InvoiceLineItem& item : invoice.line_items) {
        EXPECT_EQ(sums[++line], Whole(item.usage)) << invoice.id << " line " << line;
      }
      if (invoice.status != InvoiceStatus::kVoid) of_invoices += of_invoice->size();
    }
    const auto all = owo_.events({.customer = customer});
    ASSERT_TRUE(all.ok()) << all.status();
    EXPECT_EQ(all->size(), events);
    EXPECT_EQ(std::count_if(all->begin(), all->end(),
                            [](const RecordedEvent& event) { return !event.invoice_id.empty(); }),
              static_cast<ptrdiff_t>(of_invoices));
  }

  void VoidTheFirstInvoice(const std::string& customer) {
    const std::vector<Invoice> invoices = Invoices(customer);
    ASSERT_FALSE(invoices.empty());
    const auto voided = owo_.billing.void_invoice({.invoice_id = invoices.back().id});
    ASSERT_TRUE(voided.ok()) << voided.status();
    EXPECT_EQ(voided->status, InvoiceStatus::kVoid);
  }

  Random random_;
  const TempDir dir_;
  ServerProcess server_{dir_.path()};
  const Owostack owo_{{.endpoint = server_.endpoint()}};
  std::vector<TraceRequest> trace_;
};

TEST_P(TraceBillingTest, UsageEstimatesWhatItCostsAndAReplayChangesNothing) {
  const std::vector<TrackParams> events = EventsOf("acme");
  Track(events);
  const BillingUsageResult usage = Usage("acme");
  ASSERT_EQ(usage.features.size(), 2);
  EXPECT_EQ(usage.features[0].feature_slug, kInputTokens);
  EXPECT_EQ(usage.features[0].estimated_cost, kInputCost);
  EXPECT_EQ(usage.features[1].feature_slug, kOutputTokens);
  EXPECT_EQ(usage.features[1].estimated_cost, kOutputCost);
  EXPECT_EQ(usage.total_estimated, kTotalCost);

  const auto history = owo_.usage_history({.customer = "acme"});
  ASSERT_TRUE(history.ok()) << history.status();
  Track(events, {.duplicates = static_cast<int64_t>(events.size())});
  EXPECT_EQ(Usage("acme"), usage);
  EXPECT_EQ(owo_.usage_history({.customer = "acme"}).value(), *history);
}

TEST_P(TraceBillingTest, InvoicesAtAnyThreeMomentsAddUpToTheSame) {
  const int rounds = IsLongRun() ? 30 : 3;
  for (int round = 0; round < rounds; ++round) {
    const std::string customer = "acme-" + std::to_string(round);
    const std::vector<TrackParams> events = EventsOf(customer);
    const auto count = static_cast<int64_t>(events.size());
    // At the last moment there must be something to bill.
    std::vector<int64_t> moments = {0, random_.Between(1, count), random_.Between(1, count),
                                    random_.Between(count / 2, count)};
    std::sort(moments.begin(), moments.end());
    SCOPED_TRACE(::testing::Message() << "after " << moments[1] << ", " << moments[2] << " and "
                                      << moments[3] << " events");
    for (size_t i = 1; i < moments.size(); ++i) {
      Track(absl::MakeSpan(events).subspan(moments[i - 1], moments[i] - moments[i - 1]));
      InvoiceNow(customer);
    }
    Track(absl::MakeSpan(events).subspan(moments.back()));
    ExpectTheWholeTraceBilled(customer);

    VoidTheFirstInvoice(customer);
    ExpectTheWholeTraceBilled(customer);
    InvoiceNow(customer);
    ExpectTheWholeTraceBilled(customer);
    EXPECT_EQ(Usage(customer).total_estimated, 0);
    ExpectTheWholeTraceExplained(customer, events.size());

    Track(events, {.duplicates = count});
    ExpectTheWholeTraceBilled(customer);
    if (HasFailure()) break;
  }
}

INSTANTIATE_TEST_SUITE_P(Trace, TraceBillingTest, ::testing::Values("conv", "stand_in"),
                         [](const auto& info) { return std::string(info.param); });

}  // namespace
}  // namespace owo::examples
