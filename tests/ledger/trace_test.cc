// A day of a language model's usage, billed by input and output tokens. The events are generated;
// their sums are those of the public trace in the documentation.

#include <gtest/gtest.h>

#include <algorithm>
#include <span>
#include <string>
#include <vector>

#include "tests/support/ledger.h"
#include "tests/support/random.h"

namespace owo::ledger {
namespace {

constexpr int64_t kInputTokens = 22'361'870;
constexpr int64_t kOutputTokens = 4'088'665;
constexpr int kRequests = 500;

CatalogSpec TokenCatalog() {
  return CatalogOf(PlanOf("llm", {PerUnit("input", "1000000", "0.00025"),
                                  Graduated("output", "100000", {"1000000: 0.001", ": 0.0008"})}));
}

// Returns `count` numbers ≥ 1 with the sum `sum`.
std::vector<int64_t> Parts(Random& random, int64_t sum, int count) {
  std::vector<int64_t> cuts = {0, sum};
  while (static_cast<int>(cuts.size()) <= count) {
    const int64_t cut = random.Between(1, sum - 1);
    if (std::find(cuts.begin(), cuts.end(), cut) == cuts.end()) cuts.push_back(cut);
  }
  std::sort(cuts.begin(), cuts.end());
  std::vector<int64_t> parts;
  for (size_t i = 1; i < cuts.size(); ++i) parts.push_back(cuts[i] - cuts[i - 1]);
  return parts;
}

class TraceTest : public ::testing::Test {
 protected:
  TraceTest() {
    ledger_.AddCustomer("ada", "llm");
    const std::vector<int64_t> input = Parts(random_, kInputTokens, kRequests);
    const std::vector<int64_t> output = Parts(random_, kOutputTokens, kRequests);
    for (int i = 0; i < kRequests; ++i) {
      const std::string id = std::to_string(i);
      events_.push_back(EventOf("ada", "input", std::to_string(input[i]), "in-" + id));
      events_.push_back(EventOf("ada", "output", std::to_string(output[i]), "out-" + id));
    }
  }
  // Tracks events_[from, to).
  std::vector<TrackResult> Track(size_t from, size_t to) {
    const std::span<const UsageEvent> events(events_);
    const auto part = events.subspan(from, to - from);
    return Must(ledger_.Track({part.begin(), part.end()}));
  }
  // Returns three positions in the trace, ascending.
  std::vector<size_t> Moments() {
    std::vector<size_t> moments;
    for (int i = 0; i < 3; ++i) {
      moments.push_back(random_.Between(0, static_cast<int64_t>(events_.size())));
    }
    std::sort(moments.begin(), moments.end());
    return moments;
  }

  Random random_;
  TestLedger ledger_{TokenCatalog()};
  std::vector<UsageEvent> events_;
};

TEST_F(TraceTest, UsageEstimatesWhatTheTokensCost) {
  Track(0, events_.size());
  const Statement statement = Must(ledger_.Usage("ada")).statement;
  ASSERT_EQ(statement.rows.size(), 2);
  EXPECT_EQ(ToDecimal(statement.rows[0].adds.usage), rating::Decimal::FromInteger(kInputTokens));
  EXPECT_EQ(statement.rows[0].adds.amount, 5340);
  EXPECT_EQ(ToDecimal(statement.rows[1].adds.usage), rating::Decimal::FromInteger(kOutputTokens));
  EXPECT_EQ(statement.rows[1].adds.amount, 3391);
  EXPECT_EQ(statement.total, 8731);
}

TEST_F(TraceTest, InvoicingAtAnyThreeMomentsAddsUpToTheSame) {
  storage::MinorUnits sum = 0;
  std::optional<storage::InvoiceRecord> first;
  size_t at = 0;
  for (const size_t moment : Moments()) {
    Track(at, moment);
    at = moment;
    const auto invoice = ledger_.Invoice({.customer = "ada"});
    if (!invoice.ok()) continue;  // still within the allowances
    sum += invoice->value.record.total();
    if (!first.has_value()) first = invoice->value.record;
  }
  Track(at, events_.size());
  EXPECT_EQ(sum + ledger_.Unbilled("ada"), 8731);
  if (first.has_value()) {
    Must(ledger_.Void(*first));
    EXPECT_EQ(sum - first->total() + ledger_.Unbilled("ada"), 8731);
    sum -= first->total();
  }
  sum += ledger_.Bill("ada").total();
  EXPECT_EQ(sum, 8731);
}

TEST_F(TraceTest, ReplayingItUnderTheSameIdsChangesNothing) {
  Track(0, events_.size());
  ledger_.Reopen();
  ledger_.Advance(absl::Hours(24 * 20));
  for (const TrackResult& result : Track(0, events_.size())) EXPECT_TRUE(result.duplicate);
  EXPECT_EQ(ledger_.Unbilled("ada"), 8731);
}

}  // namespace
}  // namespace owo::ledger
