// The events of a line are exactly those that it covers, even after voids and later invoices.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>
#include <string>
#include <vector>

#include "storage/convert.h"
#include "tests/support/ledger.h"

namespace owo::ledger {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

class InvoiceEventsTest : public ::testing::Test {
 protected:
  InvoiceEventsTest() {
    ledger_.SetNow("2026-11-10T00:00:00Z");
    ledger_.AddCustomer("ada", "pro");
    ledger_.SetNow("2026-11-15T12:00:00Z");
  }

  void Use(const std::string& id, const std::string& feature, const std::string& quantity,
           const std::string& time = "") {
    const TrackResult result = ledger_.TrackOne(EventOf("ada", feature, quantity, id, time));
    ASSERT_TRUE(result.recorded) << result.error;
  }
  // Returns all pages of at most `limit` events.
  std::vector<EventRow> List(const storage::InvoiceRecord& invoice,
                             std::optional<uint32_t> line = std::nullopt,
                             size_t limit = kWholePage) {
    std::vector<EventRow> rows;
    InvoiceEventsQuery query{.invoice = invoice.id(), .line = line, .limit = limit};
    do {
      const InvoiceEventPage page = Must(ledger_.ListInvoiceEvents(query));
      EXPECT_EQ(page.customer_id, "ada");
      EXPECT_TRUE(page.rows.size() == limit || !page.next.has_value());
      rows.insert(rows.end(), page.rows.begin(), page.rows.end());
      query.from = page.next;
    } while (query.from.has_value());
    return rows;
  }
  // Returns texts such as "a2": the event a, of line 2.
  static std::vector<std::string> Ids(const std::vector<EventRow>& rows) {
    std::vector<std::string> ids;
    ids.reserve(rows.size());
    for (const EventRow& row : rows) ids.push_back(row.event.id_text + std::to_string(row.line));
    return ids;
  }
  static std::vector<std::string> Invoices(const std::vector<EventRow>& rows) {
    std::vector<std::string> invoices;
    invoices.reserve(rows.size());
    for (const EventRow& row : rows) invoices.push_back(row.event.invoice);
    return invoices;
  }
  static rating::Decimal UsageOf(const storage::LineRecord& line) {
    return ToDecimal(Must(storage::FromRecord(line.covers())).usage);
  }
  void ExpectExplained(const storage::InvoiceRecord& invoice) {
    std::map<uint32_t, rating::Decimal> sums;
    for (const EventRow& row : List(invoice)) sums[row.line] += ToDecimal(row.event.quantity);
    for (int i = 0; i < invoice.lines_size(); ++i) {
      EXPECT_EQ(sums[static_cast<uint32_t>(i) + 1], UsageOf(invoice.lines(i))) << i;
    }
  }

  TestLedger ledger_{
      CatalogOf({PlanOf("pro", {PerUnit("calls", "10", "1"), UsageBased("mails", "2")}),
                 PlanOf("max", {PerUnit("calls", "10", "1"), UsageBased("mails", "2")})}),
      {.allow_negative_quantities = true}};
};

TEST_F(InvoiceEventsTest, InTheOrderOfLinesAndOfEachInOrderOfArrival) {
  Use("a", "calls", "5");
  Use("b", "mails", "1");
  Use("c", "calls", "20", "2026-11-15T11:00:00Z");
  Use("d", "calls", "-3");
  Use("e", "mails", "0.5");
  const storage::InvoiceRecord invoice = ledger_.Bill("ada");
  ASSERT_EQ(invoice.lines_size(), 2);
  const std::vector<EventRow> rows = List(invoice);
  EXPECT_THAT(Ids(rows), ElementsAre("a1", "c1", "d1", "b2", "e2"));
  EXPECT_THAT(Invoices(rows), ::testing::Each(invoice.id()));
  EXPECT_EQ(rows[1].feature_slug, "calls");
  EXPECT_EQ(rows[1].period.label, "2026-11");
  EXPECT_EQ(rows[1].event.time, At("2026-11-15T11:00:00Z"));
  EXPECT_THAT(Ids(List(invoice, 1)), ElementsAre("a1", "c1", "d1"));
  EXPECT_THAT(Ids(List(invoice, 2)), ElementsAre("b2", "e2"));
  ExpectExplained(invoice);
}

TEST_F(InvoiceEventsTest, OnlyWhatTheInvoiceCovers) {
  Use("a", "calls", "20");
  const storage::InvoiceRecord first = ledger_.Bill("ada");
  Use("b", "calls", "7", "2026-11-15T10:00:00Z");
  const storage::InvoiceRecord second = ledger_.Bill("ada");
  Use("c", "calls", "1");
  EXPECT_THAT(Ids(List(first)), ElementsAre("a1"));
  EXPECT_THAT(Ids(List(second)), ElementsAre("b1"));
}

TEST_F(InvoiceEventsTest, AVoidInvoiceGoesOnExplainingItself) {
  Use("a", "calls", "20");
  const storage::InvoiceRecord first = ledger_.Bill("ada");
  Use("b", "calls", "5");
  const storage::InvoiceRecord second = ledger_.Bill("ada");
  Must(ledger_.Void(first));
  EXPECT_THAT(Ids(List(first)), ElementsAre("a1"));
  EXPECT_THAT(Invoices(List(first)), ElementsAre(""));
  Use("c", "calls", "1");
  const storage::InvoiceRecord third = ledger_.Bill("ada");
  ledger_.Reopen();
  EXPECT_THAT(Ids(List(first)), ElementsAre("a1"));
  EXPECT_THAT(Invoices(List(first)), ElementsAre(third.id()));
  EXPECT_THAT(Ids(List(second)), ElementsAre("b1"));
  EXPECT_THAT(Ids(List(third)), ElementsAre("a1", "c1"));
  for (const auto& invoice : {first, second, third}) ExpectExplained(invoice);
}

TEST_F(InvoiceEventsTest, ADraftIsExplainedAsAnInvoiceIs) {
  Use("a", "calls", "20");
  const auto draft = Must(ledger_.Invoice({.customer = "ada", .draft = true})).value.record;
  Use("b", "calls", "1");
  EXPECT_THAT(Ids(List(draft)), ElementsAre("a1"));
  EXPECT_THAT(Invoices(List(draft)), ElementsAre(draft.id()));
  ExpectExplained(draft);
}

// Late usage under the first plan takes allowance from the second, which gives a line without
// usage.
TEST_F(InvoiceEventsTest, ALineThatOnlyCorrectsThePriceHasNoEvents) {
  ledger_.Advance(absl::Hours(1));
  ledger_.MoveTo("ada", "max");
  Use("a", "calls", "15");
  ledger_.Bill("ada");
  Use("b", "calls", "10", "2026-11-15T12:30:00Z");
  const storage::InvoiceRecord invoice = ledger_.Bill("ada");
  ASSERT_EQ(invoice.lines_size(), 1);
  EXPECT_EQ(UsageOf(invoice.lines(0)), D("0"));
  EXPECT_EQ(invoice.total(), 10);
  EXPECT_THAT(List(invoice), IsEmpty());
}

TEST_F(InvoiceEventsTest, ComesInPagesOfAnySize) {
  for (int i = 0; i < 9; ++i) {
    const std::string id(1, static_cast<char>('a' + i));
    Use(id, i % 3 == 0 ? "mails" : "calls", "11");
    if (i == 3) Must(ledger_.Void(ledger_.Bill("ada")));
    if (i == 5) ledger_.Bill("ada");
  }
  const storage::InvoiceRecord first =
      Must(ledger_.ListInvoices({.customer = "ada", .limit = 1})).invoices.at(0).record;
  Use("late", "calls", "1", "2026-11-15T11:00:00Z");
  const storage::InvoiceRecord second = ledger_.Bill("ada");
  Must(ledger_.Void(first));
  const storage::InvoiceRecord third = ledger_.Bill("ada");  // over ranges that are not adjacent
  for (const storage::InvoiceRecord& invoice : {first, second, third}) {
    const std::vector<std::string> all = Ids(List(invoice));
    EXPECT_GE(all.size(), 4);
    std::vector<std::string> by_line;
    for (size_t limit = 1; limit <= all.size() + 1; ++limit) {
      EXPECT_EQ(Ids(List(invoice, std::nullopt, limit)), all) << limit;
      by_line = Ids(List(invoice, 1, limit));
      const std::vector<std::string> of_second = Ids(List(invoice, 2, limit));
      by_line.insert(by_line.end(), of_second.begin(), of_second.end());
      EXPECT_EQ(by_line, all) << limit;
    }
    ExpectExplained(invoice);
  }
}

TEST_F(InvoiceEventsTest, APageReadsWhatItShowsAndOneMore) {
  for (int i = 0; i < 200; ++i) Use("e" + std::to_string(i), "mails", "1");
  const storage::InvoiceRecord invoice = ledger_.Bill("ada");
  const size_t before = ledger_.store().events_listed();
  const InvoiceEventPage page = Must(ledger_.ListInvoiceEvents(
      {.invoice = invoice.id(), .from = LineCursor{1, 150}, .limit = 10}));
  EXPECT_EQ(page.rows.size(), 10);
  EXPECT_EQ(page.next, (LineCursor{1, 160}));
  EXPECT_EQ(ledger_.store().events_listed() - before, 11);
}

TEST_F(InvoiceEventsTest, RefusesWhatItDoesNotKnow) {
  EXPECT_THAT(ledger_.ListInvoiceEvents({.invoice = std::string(16, 'x'), .limit = 1}),
              RefusedAs(Reason::kInvoiceNotFound));
  Use("a", "calls", "20");
  const std::string invoice = ledger_.Bill("ada").id();
  for (const uint32_t line : {0U, 2U, UINT32_MAX}) {
    const auto page = ledger_.ListInvoiceEvents({.invoice = invoice, .line = line, .limit = 1});
    EXPECT_THAT(page, RefusedAs(Reason::kLineNotFound)) << line;
    EXPECT_EQ(ValueIn(page.status(), "lines"), "1");
  }
  for (const uint32_t line : {0U, 2U}) {
    EXPECT_THAT(
        ledger_.ListInvoiceEvents({.invoice = invoice, .from = LineCursor{line, 0}, .limit = 1}),
        RefusesField("page_token"));
  }
}

}  // namespace
}  // namespace owo::ledger
