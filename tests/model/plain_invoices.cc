// The part of PlainLedger that concerns invoices.

#include <set>
#include <utility>

#include "tests/model/plain_ledger.h"

namespace owo::model {

PlainLines PlainLedger::CoveredOf(const std::string& customer) const {
  PlainLines covered;
  for (const PlainInvoice& invoice : invoices) {
    if (invoice.customer != customer) continue;
    if (invoice.status == storage::INVOICE_STATUS_RECORD_VOID) continue;
    for (const auto& [id, line] : invoice.lines) {
      PlainCovered& sum = covered[id];
      sum.usage += line.usage;
      sum.free += line.free;
      sum.billable += line.billable;
      sum.amount += line.amount;
      sum.events.insert(sum.events.end(), line.events.begin(), line.events.end());
      sum.units.Add(line.units);
      sum.tiers = TiersOf(sum.units);
    }
  }
  return covered;
}

PlainLines PlainLedger::NextLines(const std::string& customer) const {
  PlainLines covered = CoveredOf(customer);
  PlainLines lines;
  for (const auto& [id, counter] : CountersOf(customer)) {
    const PlainCovered& before = covered[id];
    if (counter.billable == before.billable && counter.cost == before.amount) continue;
    PlainCovered& line = lines[id];
    line.usage = counter.total - before.usage;
    line.free = counter.free - before.free;
    line.billable = counter.billable - before.billable;
    line.amount = counter.cost - before.amount;
    const std::set<uint64_t> seen(before.events.begin(), before.events.end());
    for (uint64_t event = 0; event < counter.events; ++event) {
      if (!seen.contains(event)) line.events.push_back(event);
    }
    line.units = UnitsOf(counter.terms.price, counter.billable);
    line.units.Add(before.units, -1);
    line.tiers = TiersOf(line.units);
    line.unit_price = UnitPriceOf(counter.terms.price, line.billable, line.units);
  }
  return lines;
}

std::optional<Reason> PlainLedger::Invoice(const std::string& customer, bool draft) {
  PlainLines lines = NextLines(customer);
  const int64_t total = TotalOf(lines);
  if (lines.empty()) return Reason::kNoUnbilledUsage;
  if (total <= 0) return Reason::kCreditBalance;
  PlainInvoice& invoice = invoices.emplace_back();
  invoice.customer = customer;
  invoice.status = storage::INVOICE_STATUS_RECORD_DRAFT;
  invoice.total = total;
  invoice.lines = std::move(lines);
  return draft ? std::nullopt : Finalize(invoice);
}

std::optional<Reason> PlainLedger::Finalize(PlainInvoice& invoice) {
  if (invoice.status == storage::INVOICE_STATUS_RECORD_VOID) return Reason::kInvoiceStatusConflict;
  if (invoice.status != storage::INVOICE_STATUS_RECORD_DRAFT) return std::nullopt;
  invoice.status = storage::INVOICE_STATUS_RECORD_OPEN;
  invoice.number = ++last_number_;
  return std::nullopt;
}

std::optional<Reason> PlainLedger::Pay(PlainInvoice& invoice, const std::string& reference) {
  if (invoice.status == storage::INVOICE_STATUS_RECORD_PAID && invoice.reference == reference) {
    return std::nullopt;
  }
  if (invoice.status != storage::INVOICE_STATUS_RECORD_OPEN) return Reason::kInvoiceStatusConflict;
  invoice.status = storage::INVOICE_STATUS_RECORD_PAID;
  invoice.reference = reference;
  return std::nullopt;
}

std::optional<Reason> PlainLedger::Void(PlainInvoice& invoice, const std::string& reason) {
  if (invoice.status == storage::INVOICE_STATUS_RECORD_VOID && invoice.reason == reason) {
    return std::nullopt;
  }
  if (invoice.status != storage::INVOICE_STATUS_RECORD_DRAFT &&
      invoice.status != storage::INVOICE_STATUS_RECORD_OPEN) {
    return Reason::kInvoiceStatusConflict;
  }
  invoice.status = storage::INVOICE_STATUS_RECORD_VOID;
  invoice.reason = reason;
  return std::nullopt;
}

}  // namespace owo::model
