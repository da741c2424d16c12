// A customer with more unbilled counters than one invoice can have lines.

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "service/ledger/line_selection.h"
#include "tests/support/catalog.h"
#include "tests/support/ledger.h"
#include "tests/support/process_memory.h"

namespace owo::ledger {
namespace {

using storage::InvoiceRecord;
using storage::MinorUnits;

// One hundred features. Each change of the plan starts a new segment for each of them.
class ManyLinesTest : public ::testing::Test {
 protected:
  static constexpr int kFeatures = 100;

  static std::string Feature(int i) { return absl::StrCat("f", 100 + i); }

  // The terms of all features but the last are the same.
  static CatalogSpec CatalogWith(const PlanFeatureSpec& limit, const PlanFeatureSpec& last,
                                 int version) {
    std::vector<PlanFeatureSpec> features;
    for (int i = 0; i < kFeatures; ++i) {
      PlanFeatureSpec& feature = features.emplace_back(i + 1 < kFeatures ? limit : last);
      feature.feature = Feature(i);
    }
    CatalogSpec spec = CatalogOf(PlanOf("pro", features));
    spec.plans[0].name = absl::StrCat("version ", version);  // makes a new version
    spec.at_once = true;
    return spec;
  }

  // Tracks usage of each feature in each of `segments` segments.
  void UseAll(int segments, const PlanFeatureSpec& limit, const PlanFeatureSpec& last,
              std::string_view quantity = "1") {
    for (int segment = 1; segment <= segments; ++segment) {
      Must(ledger_.Sync(CatalogWith(limit, last, segment)));
      if (segment == 1) ledger_.AddCustomer("ada", "pro");
      ledger_.Advance(absl::Minutes(1));
      UseEach(quantity);
      ledger_.Advance(absl::Minutes(1));
    }
  }
  void UseEach(std::string_view quantity) {
    std::vector<UsageEvent> events;
    for (int i = 0; i < kFeatures; ++i) events.push_back(EventOf("ada", Feature(i), quantity));
    for (const TrackResult& result : Must(ledger_.Track(events))) {
      ASSERT_TRUE(result.recorded) << result.error;
    }
  }

  // Returns the cost of everything that is not invoiced.
  MinorUnits Due() {
    MinorUnits due = 0;
    const UsagePage history = ledger_.History("ada");
    for (const UsageRow& row : history.rows) due += row.rated.cost - row.counter.covered.amount;
    return due;
  }

  // Invoices until nothing is due, and expects each invoice to be what `Usage` showed. Returns the
  // totals.
  std::vector<MinorUnits> BillAll() {
    std::vector<MinorUnits> totals;
    while (Due() > 0) {
      const MinorUnits due = Due();
      const Statement statement = Must(ledger_.Usage("ada")).statement;
      const InvoiceRecord invoice = ledger_.Bill("ada");
      EXPECT_EQ(invoice.total(), statement.total);
      EXPECT_EQ(static_cast<size_t>(invoice.lines_size()), statement.rows.size());
      EXPECT_LE(statement.rows.size(), kLinesMax);
      EXPECT_GT(invoice.total(), 0);
      EXPECT_EQ(Due(), due - invoice.total());
      totals.push_back(invoice.total());
    }
    return totals;
  }

  TestLedger ledger_{CatalogSpec(), {.allow_negative_quantities = true}};
};

TEST_F(ManyLinesTest, MoneyAfterAThousandRowsThatCostNothingIsInvoiced) {
  UseAll(11, UsageBased("", "0.001"), UsageBased("", "100"));
  ASSERT_EQ(ledger_.History("ada").rows.size(), 1100);
  EXPECT_EQ(ledger_.Unbilled("ada"), 1100);
  const InvoiceRecord first = ledger_.Bill("ada");
  EXPECT_EQ(first.total(), 1100);
  EXPECT_EQ(first.lines_size(), 1000);
  // The other rows stay unbilled, and are on the next invoice.
  EXPECT_EQ(Must(ledger_.Usage("ada")).statement.rows.size(), 100);
  UseEach("499");
  EXPECT_EQ(ledger_.Bill("ada").total(), 99 * 1 + 49'900);
  EXPECT_EQ(ledger_.OpenCounters("ada"), 0);
  const storage::VerifyReport report = ledger_.Verify();
  EXPECT_EQ(report.differences(), 0) << report.ToString();
}

TEST_F(ManyLinesTest, CreditsAmongTheFirstDoNotKeepLaterMoneyBack) {
  const PlanFeatureSpec dear = UsageBased("", "1000");
  UseAll(1, Volume("", "0", {"1: 100", ": 0.5"}), dear);
  ledger_.Bill("ada");
  UseEach("1");  // 99 features now cost 99 less each
  EXPECT_EQ(ledger_.Unbilled("ada"), 99 * (1 - 100) + 1000);
  EXPECT_THAT(ledger_.Invoice({.customer = "ada"}), RefusedAs(Reason::kCreditBalance));
  for (int version = 2; version <= 12; ++version) {
    ledger_.Advance(absl::Minutes(1));
    Must(ledger_.Sync(CatalogWith(UsageBased("", "1"), dear, version)));
    UseEach("1");
  }
  EXPECT_EQ(Due(), 99 * (1 - 100 + 11) + 12 * 1000);
  // 12 charges of 1,000, 99 credits of 99, and 889 charges of 1.
  EXPECT_EQ(BillAll(), (std::vector<MinorUnits>{12'000 - 99 * 99 + 889, 200}));
  EXPECT_EQ(Due(), 0);
  EXPECT_EQ(ledger_.OpenCounters("ada"), 0);
  const storage::VerifyReport report = ledger_.Verify();
  EXPECT_EQ(report.differences(), 0) << report.ToString();
}

TEST_F(ManyLinesTest, LinesOfManyTiersAreSplitOverInvoices) {
  std::vector<std::string> tiers;
  for (int i = 1; i < 40; ++i) tiers.push_back(absl::StrCat(i, ": 0.1 + ", i));
  tiers.emplace_back(": 1");
  const PlanFeatureSpec tiered = Graduated("", "0", tiers);
  UseAll(2, tiered, tiered, "40");
  constexpr MinorUnits kEach = 785;  // 39 × 0.1 + (1 + … + 39) + 1
  EXPECT_EQ(Due(), 200 * kEach);
  EXPECT_EQ(BillAll(), (std::vector<MinorUnits>{125 * kEach, 75 * kEach}));
  EXPECT_EQ(Due(), 0);
  EXPECT_EQ(ledger_.OpenCounters("ada"), 0);
  const storage::VerifyReport report = ledger_.Verify();
  EXPECT_EQ(report.differences(), 0) << report.ToString();
}

// Usage that arrives while an invoice is made is on the next one, as are the rows that did not fit.
TEST_F(ManyLinesTest, UsageDuringAnInvoiceThatIsFullIsNotLost) {
  UseAll(11, UsageBased("", "1"), UsageBased("", "100"));
  ledger_.store().BeforeNextCommit([this] { UseEach("2"); });
  EXPECT_EQ(ledger_.Bill("ada").total(), 11 * 100 + 989);
  EXPECT_EQ(Due(), 100 + 99 * 2 + 200);
  EXPECT_EQ(BillAll().size(), 1);
  EXPECT_EQ(Due(), 0);
  EXPECT_EQ(ledger_.OpenCounters("ada"), 0);
  EXPECT_EQ(ledger_.Verify().differences(), 0);
}

TEST_F(ManyLinesTest, AVoidInvoiceGivesBackWhatItTook) {
  UseAll(11, UsageBased("", "1"), UsageBased("", "100"));
  const InvoiceRecord first = ledger_.Bill("ada");
  EXPECT_EQ(Due(), 100);
  Must(ledger_.Void(first));
  EXPECT_EQ(Due(), 99 * 11 + 1100);
  EXPECT_EQ(ledger_.Bill("ada").total(), first.total());
  EXPECT_EQ(BillAll(), (std::vector<MinorUnits>{100}));
  EXPECT_EQ(ledger_.Verify().differences(), 0);
}

// What is not taken is not kept: a customer may have a hundred thousand open counters.
TEST(ManyCountersTest, AStatementTakesTheMemoryOfWhatItTakes) {
  constexpr size_t kCounters = 100'000;
  TestLedger ledger(CatalogOf(PlanOf("pro", {UsageBased("calls", "3")})));
  ledger.AddCustomer("ada", "pro");
  ledger.Use("ada", "calls", "1");
  const storage::Counter first = Must(ledger.Usage("ada")).account->open.at(0);
  std::vector<storage::Counter> open(kCounters, first);
  for (size_t i = 0; i < kCounters; ++i) {
    open[i].key.period.ordinal += static_cast<int64_t>(i);
    open[i].total = ToQuantity(rating::Decimal::FromInteger(static_cast<int64_t>(i) + 1));
    open[i].events = i + 1;
  }
  CatalogReader catalog = Must(ledger.parts().directory.ReadCatalog(storage::kReadAll, kTenant));
  const ProcessMemory memory;
  const Statement statement = Must(NextInvoice(catalog, open));
  if (ProcessMemory::kIsExact) {
    EXPECT_LT(memory.PeakGrowth(), 16 << 20);
  }
  ASSERT_EQ(statement.rows.size(), kLinesMax);
  EXPECT_EQ(statement.closes.size(), kLinesMax);
  for (size_t i = 0; i < kLinesMax; ++i) {
    const size_t at = kCounters - kLinesMax + i;  // the largest amounts
    const StatementRow& row = statement.rows[i];
    ASSERT_EQ(row.counter, &open[at]);
    EXPECT_EQ(row.adds.amount, 3 * static_cast<MinorUnits>(at + 1));
    EXPECT_EQ(row.adds.usage, open[at].total);
    ASSERT_EQ(row.adds.ranges.size(), 1);
    EXPECT_EQ(row.adds.ranges[0].end, at + 1);
    ASSERT_NE(row.context.terms, nullptr);
    EXPECT_EQ(row.unit_price, D("3"));
  }
}

}  // namespace
}  // namespace owo::ledger
