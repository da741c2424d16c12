#include "tests/model/comparison.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <ostream>
#include <utility>

#include "absl/strings/str_cat.h"
#include "storage/convert.h"

namespace owo::model {

// Formats ids for failed comparisons.
void PrintTo(const PlainCounterId& id, std::ostream* out) {
  *out << id.period.feature << "/" << static_cast<int>(id.period.reset) << "/" << id.period.ordinal
       << " subscription " << id.subscription << " version " << id.version;
}
void PrintTo(const PlainCovered& c, std::ostream* out) {
  *out << "usage " << c.usage << " free " << c.free << " billable " << c.billable << " amount "
       << c.amount << " events " << ::testing::PrintToString(c.events) << " tiers "
       << ::testing::PrintToString(c.tiers) << " price " << c.unit_price;
}

namespace {

using ledger::Must;
using ledger::TestLedger;
using ledger::UsageRow;
using storage::Counter;
using storage::InvoiceRecord;

Milli ToMilli(storage::Quantity quantity) {
  constexpr int64_t kPerMilli = 1'000'000'000;
  EXPECT_EQ(quantity.units % kPerMilli, 0);
  return static_cast<Milli>(quantity.units / kPerMilli);
}
Milli ToMilli(rating::Decimal decimal) { return ToMilli(storage::Quantity{decimal.units()}); }

PlainCovered ToPlain(const storage::Coverage& coverage) {
  PlainCovered plain{.usage = ToMilli(coverage.usage),
                     .free = ToMilli(coverage.free),
                     .billable = ToMilli(coverage.billable),
                     .amount = coverage.amount};
  for (const storage::OrdinalRange& range : coverage.ranges) {
    for (uint64_t event = range.first; event < range.end; ++event) plain.events.push_back(event);
  }
  for (const storage::TierUse& use : coverage.tiers) {
    plain.tiers[use.tier] = {ToMilli(use.quantity), use.flat_fees};
  }
  return plain;
}

Reset ToPlain(storage::IntervalCode interval) {
  if (interval == storage::IntervalCode::kDay) return Reset::kDay;
  return interval == storage::IntervalCode::kNever ? Reset::kNever : Reset::kMonth;
}

PlainCounterId IdOf(const Counter& counter, const ledger::CounterContext& context) {
  return {{context.feature->slug, ToPlain(counter.key.period.interval), counter.key.period.ordinal},
          counter.terms.subscription,
          counter.terms.plan_version};
}

// A counter, described in the same way by both ledgers.
struct Described {
  Milli total = 0;
  uint64_t events = 0;
  Milli allowance = -1;  // -1: unlimited
  Milli free = 0;
  Milli billable = 0;
  int64_t cost = 0;
  PlainCovered covered;
  friend bool operator==(const Described&, const Described&) = default;
};
void PrintTo(const Described& d, std::ostream* out) {
  *out << "total " << d.total << " events " << d.events << " allowance " << d.allowance << " free "
       << d.free << " billable " << d.billable << " cost " << d.cost << " covered: ";
  PrintTo(d.covered, out);
}

Described Describe(const UsageRow& row) {
  return {.total = ToMilli(row.counter.total),
          .events = row.counter.events,
          .allowance = row.rated.allowance ? ToMilli(*row.rated.allowance) : Milli{-1},
          .free = ToMilli(row.rated.free),
          .billable = ToMilli(row.rated.billable),
          .cost = row.rated.cost,
          .covered = ToPlain(row.counter.covered)};
}

Described Describe(const PlainCounter& counter, PlainCovered covered) {
  std::sort(covered.events.begin(), covered.events.end());
  return {counter.total,     counter.events,   counter.allowance.value_or(-1),
          counter.free,      counter.billable, counter.cost,
          std::move(covered)};
}

void ExpectSameHistory(TestLedger& real, const PlainLedger& plain, const std::string& customer) {
  std::map<PlainCounterId, Described> described;
  const ledger::UsagePage history = real.History(customer);
  for (const UsageRow& row : history.rows) {
    described[IdOf(row.counter, row.rated.context)] = Describe(row);
  }
  EXPECT_EQ(described.size(), history.rows.size());
  std::map<PlainCounterId, Described> expected;
  PlainLines covered = plain.CoveredOf(customer);
  for (const auto& [id, counter] : plain.CountersOf(customer)) {
    expected[id] = Describe(counter, covered[id]);
  }
  EXPECT_EQ(described, expected);
}

PlainLines ExpectSameUsage(TestLedger& real, const PlainLedger& plain,
                           const std::string& customer) {
  const ledger::UsageAnswer usage = Must(real.Usage(customer));
  PlainLines rows;
  for (const ledger::StatementRow& row : usage.statement.rows) {
    PlainCovered& plain = rows[IdOf(*row.counter, row.context)] = ToPlain(row.adds);
    if (row.unit_price.has_value()) plain.unit_price = row.unit_price->ToString();
  }
  EXPECT_EQ(rows.size(), usage.statement.rows.size());
  const PlainLines expected = plain.NextLines(customer);
  EXPECT_EQ(rows, expected);
  EXPECT_EQ(usage.statement.total, TotalOf(expected));
  return rows;
}

// The test's names for the ledger's counters.
using Names = std::map<storage::CounterKey, PlainCounterId>;

Names NamesOf(TestLedger& real, const std::string& customer) {
  Names names;
  const ledger::UsagePage history = real.History(customer);
  for (const UsageRow& row : history.rows) {
    names[row.counter.key] = IdOf(row.counter, row.rated.context);
  }
  return names;
}

PlainLines LinesOf(const InvoiceRecord& invoice, const Names& names) {
  PlainLines lines;
  for (const storage::LineRecord& line : invoice.lines()) {
    const PlainCounterId& id = names.at(storage::FromRecord(line.counter()));
    EXPECT_EQ(line.feature_slug(), id.period.feature);
    EXPECT_EQ(line.plan_version(), id.version);
    lines[id] = ToPlain(Must(storage::FromRecord(line.covers())));
    lines[id].unit_price = line.unit_price();
  }
  EXPECT_EQ(lines.size(), static_cast<size_t>(invoice.lines_size()));
  return lines;
}

void ExpectSameInvoice(const ledger::ReadInvoice& view, const PlainInvoice& expected,
                       const Names& names) {
  EXPECT_EQ(view.customer_id, expected.customer);
  EXPECT_EQ(view.record.status(), expected.status);
  EXPECT_EQ(view.record.sequence(), expected.number);
  EXPECT_EQ(view.record.total(), expected.total);
  EXPECT_EQ(view.record.void_reason(), expected.reason);
  const int paid = expected.status == storage::INVOICE_STATUS_RECORD_PAID ? 1 : 0;
  ASSERT_EQ(view.record.payments_size(), paid);
  if (paid == 1) {
    EXPECT_EQ(view.record.payments(0).reference(), expected.reference);
  }
  EXPECT_EQ(LinesOf(view.record, names), expected.lines);
}

}  // namespace

rating::Decimal ToDecimal(Milli milli) {
  return rating::Decimal::FromUnits(absl::int128(milli) * 1'000'000'000);
}
rating::Decimal PriceToDecimal(Price price) {
  return rating::Decimal::FromUnits(absl::int128(price) * 100'000'000);
}

void ExpectSameCustomer(TestLedger& real, const PlainLedger& plain, const std::string& customer) {
  ExpectSameHistory(real, plain, customer);
  ExpectSameUsage(real, plain, customer);
}

void ExpectSameCharges(TestLedger& real, const PlainLedger& plain, const std::string& customer) {
  std::map<PlainCounterId, Described> described;
  const ledger::UsagePage history = real.History(customer);
  for (const UsageRow& row : history.rows) {
    Described& d = described[IdOf(row.counter, row.rated.context)] = Describe(row);
    d.covered = {};
  }
  std::map<PlainCounterId, Described> expected;
  for (const auto& [id, counter] : plain.CountersOf(customer)) expected[id] = Describe(counter, {});
  EXPECT_EQ(described, expected);
}

void ExpectSameInvoice(TestLedger& real, const PlainLedger& plain, size_t invoice,
                       const InvoiceIds& ids) {
  const PlainInvoice& expected = plain.invoices.at(invoice);
  ExpectSameInvoice(Must(real.GetInvoice(ids.at(invoice))), expected,
                    NamesOf(real, expected.customer));
}

void ExpectSameInvoices(TestLedger& real, const PlainLedger& plain, const InvoiceIds& ids) {
  const auto listed = Must(real.ListInvoices({.limit = ledger::kWholePage})).invoices;
  ASSERT_EQ(listed.size(), plain.invoices.size());
  Names names;
  for (const auto& [customer, unused] : plain.customers) names.merge(NamesOf(real, customer));
  for (size_t i = 0; i < ids.size(); ++i) {
    const ledger::ReadInvoice& view = listed[ids.size() - 1 - i];
    EXPECT_EQ(view.record.id(), ids[i]);
    ExpectSameInvoice(view, plain.invoices[i], names);
  }
}

void ExpectLaws(TestLedger& real, const std::string& customer) {
  const Names names = NamesOf(real, customer);
  std::map<PlainCounterId, int64_t> charged;
  const ledger::UsageAnswer usage = Must(real.Usage(customer));
  for (const ledger::StatementRow& row : usage.statement.rows) {
    charged[IdOf(*row.counter, row.context)] += row.adds.amount;
  }
  for (const ledger::ReadInvoice& view :
       Must(real.ListInvoices({.customer = customer, .limit = ledger::kWholePage})).invoices) {
    if (view.record.status() == storage::INVOICE_STATUS_RECORD_VOID) continue;
    for (const auto& [id, line] : LinesOf(view.record, names)) charged[id] += line.amount;
  }
  std::map<PlainPeriod, rating::Decimal> free;
  std::map<PlainPeriod, rating::Decimal> largest;
  const ledger::UsagePage history = real.History(customer);
  for (const UsageRow& row : history.rows) {
    const PlainCounterId id = IdOf(row.counter, row.rated.context);
    EXPECT_EQ(charged[id], row.rated.cost) << ::testing::PrintToString(id);
    if (!row.rated.allowance.has_value()) continue;
    free[id.period] += row.rated.free;
    const rating::Decimal included = row.rated.context.terms->included.value_or(rating::Decimal());
    largest[id.period] = std::max(largest[id.period], included);
  }
  for (const auto& [period, units] : free) EXPECT_LE(units, largest[period]) << period.feature;
}

}  // namespace owo::model
