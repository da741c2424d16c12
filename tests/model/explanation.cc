#include "tests/model/explanation.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <iterator>
#include <map>
#include <ostream>
#include <string>
#include <utility>

#include "storage/convert.h"
#include "tests/model/comparison.h"

namespace owo::model {
namespace {

using ledger::EventRow;
using ledger::Must;
using ledger::TestLedger;
using storage::InvoiceRecord;

// An event, described in the same way by both ledgers.
struct ListedEvent {
  std::string feature;
  rating::Decimal quantity;
  Micros time = 0;
  friend bool operator==(const ListedEvent&, const ListedEvent&) = default;
};
void PrintTo(const ListedEvent& d, std::ostream* out) {
  *out << d.feature << " " << d.quantity.ToString() << " at " << d.time;
}

std::vector<EventRow> ListOf(TestLedger& real, ledger::EventsQuery query) {
  std::vector<EventRow> rows;
  do {
    const ledger::CustomerEventPage page = Must(real.ListEvents(query));
    rows.insert(rows.end(), page.rows.begin(), page.rows.end());
    query.from = page.next;
  } while (query.from.has_value());
  return rows;
}

std::vector<EventRow> ListOf(TestLedger& real, const InvoiceRecord& invoice) {
  std::vector<EventRow> rows;
  ledger::InvoiceEventsQuery query{.invoice = invoice.id(), .limit = 7};
  do {
    const ledger::InvoiceEventPage page = Must(real.ListInvoiceEvents(query));
    rows.insert(rows.end(), page.rows.begin(), page.rows.end());
    query.from = page.next;
  } while (query.from.has_value());
  return rows;
}

// Expects the events of each line to add up to its usage.
void ExpectSums(const InvoiceRecord& invoice, const std::vector<EventRow>& rows) {
  std::map<uint32_t, rating::Decimal> sums;
  for (const EventRow& row : rows) sums[row.line] += ledger::ToDecimal(row.event.quantity);
  for (int i = 0; i < invoice.lines_size(); ++i) {
    const auto line = static_cast<uint32_t>(i) + 1;
    const auto covers = Must(storage::FromRecord(invoice.lines(i).covers()));
    EXPECT_EQ(sums[line], ledger::ToDecimal(covers.usage)) << "line " << line;
  }
}

// Returns the invoice of each of the customer's events, by event id, according to the non-void
// invoices.
std::map<std::string, std::string> InvoicesOf(TestLedger& real, const std::string& customer) {
  std::map<std::string, std::string> on;
  const ledger::ReadInvoices page =
      Must(real.ListInvoices({.customer = customer, .limit = ledger::kWholePage}));
  for (const ledger::ReadInvoice& view : page.invoices) {
    const std::vector<EventRow> rows = ListOf(real, view.record);
    ExpectSums(view.record, rows);
    const bool is_void = view.record.status() == storage::INVOICE_STATUS_RECORD_VOID;
    for (const EventRow& row : rows) {
      EXPECT_EQ(row.event.invoice == view.record.id(), !is_void) << row.event.id_text;
      if (is_void) continue;
      EXPECT_TRUE(on.emplace(row.event.id_text, view.record.id()).second) << row.event.id_text;
    }
  }
  return on;
}

std::vector<std::string> Ids(const std::vector<EventRow>& rows) {
  std::vector<std::string> ids;
  ids.reserve(rows.size());
  for (const EventRow& row : rows) ids.push_back(row.event.id_text);
  return ids;
}

// Expects a list for an interval to be the part of the whole list that falls into it.
void ExpectIntervals(TestLedger& real, const std::string& customer,
                     const std::vector<EventRow>& all) {
  for (size_t i = 0; i + 1 < all.size(); i += 1 + all.size() / 8) {
    const auto [start, end] =
        std::minmax(all[i].event.time, all[all.size() - 1 - i / 2].event.time);
    const ledger::EventsQuery query{
        .customer = customer, .start = start, .end = end, .limit = 1 + i % 9};
    std::vector<EventRow> expected;
    std::copy_if(all.begin(), all.end(), std::back_inserter(expected),
                 [&, from = start, to = end](const EventRow& row) {
                   return from <= row.event.time && row.event.time < to;
                 });
    EXPECT_EQ(Ids(ListOf(real, query)), Ids(expected)) << customer << " " << start << " " << end;
  }
}

}  // namespace

void ExpectExplained(TestLedger& real, const PlainLedger& plain,
                     const std::vector<PlainEvent>& counted) {
  for (const auto& [customer, unused] : plain.customers) {
    std::map<std::string, ListedEvent> expected;
    std::map<std::string, size_t> arrival;
    for (const PlainEvent& event : counted) {
      if (event.customer != customer) continue;
      expected[event.id] = {event.feature, ToDecimal(event.quantity), event.time};
      arrival.emplace(event.id, arrival.size());
    }
    std::map<std::string, ListedEvent> listed;
    std::map<std::string, std::string> on = InvoicesOf(real, customer);
    const std::vector<EventRow> rows = ListOf(real, {.customer = customer, .limit = 100});
    for (size_t i = 0; i < rows.size(); ++i) {
      const storage::StoredEvent& event = rows[i].event;
      listed[event.id_text] = {rows[i].feature_slug, ledger::ToDecimal(event.quantity), event.time};
      EXPECT_EQ(event.invoice, on[event.id_text]) << event.id_text;
      if (i == 0 || rows[i].counter != rows[i - 1].counter) continue;
      EXPECT_LT(arrival[rows[i - 1].event.id_text], arrival[event.id_text]) << event.id_text;
    }
    EXPECT_EQ(rows.size(), expected.size()) << customer;
    EXPECT_EQ(listed, expected) << customer;
    ExpectIntervals(real, customer, rows);
  }
}

}  // namespace owo::model
