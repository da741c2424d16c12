#include "tests/support/invoices.h"

#include <gtest/gtest.h>

#include "storage/convert.h"
#include "storage/coverage.h"

namespace owo::storage {

std::string InvoiceId(uint64_t number) {
  std::string id(16, '\0');
  for (size_t i = 16; i > 8; number >>= 8) id[--i] = static_cast<char>(number);
  return id;
}

LineRecord LineOver(const Counter& counter) {
  const Quantity usage = counter.total - counter.covered.usage;
  const auto whole = static_cast<int64_t>(usage.units / Units(1).units);
  Coverage covers{.usage = usage,
                  .billable = usage,
                  .amount = whole,
                  .ranges = Uncovered(counter.covered.ranges, counter.events)};
  if (usage != Quantity{}) covers.tiers = {{.tier = 0, .quantity = usage, .flat_fees = 0}};
  LineRecord line;
  *line.mutable_counter() = ToRecord(counter.key);
  *line.mutable_covers() = ToRecord(covers);
  return line;
}

CreateInvoice InvoiceAll(const Subject& subject, const Account& account, std::string_view id) {
  CreateInvoice create{.invoice_version = account.invoice_version,
                       .usage_version = account.usage_version};
  create.invoice.set_id(std::string(id));
  create.invoice.set_customer(static_cast<uint64_t>(subject.customer));
  create.invoice.set_status(INVOICE_STATUS_RECORD_OPEN);
  create.invoice.set_series("INV");
  create.invoice.set_currency("USD");
  create.invoice.set_created_us(kNow);
  int64_t subtotal = 0;
  for (const Counter& counter : account.open) {
    ClosedCounterRecord& closed = create.closed_counters.emplace_back();
    *closed.mutable_counter() = ToRecord(counter.key);
    closed.set_total(PackQuantity(counter.total));
    if (Uncovered(counter.covered.ranges, counter.events).empty()) continue;
    const LineRecord& line = *create.invoice.add_lines() = LineOver(counter);
    subtotal += line.covers().amount();
  }
  create.invoice.set_subtotal(subtotal);
  create.invoice.set_total(subtotal);
  return create;
}

InvoiceRecord InRow(std::string_view row) {
  const auto invoice = ParseRow<InvoiceRecord>(row);
  EXPECT_TRUE(invoice.ok()) << invoice.status();
  return invoice.value_or(InvoiceRecord());
}

UpdateInvoice Become(const InvoiceRecord& invoice, InvoiceStatusRecord status) {
  UpdateInvoice change{.invoice = invoice};
  change.invoice.set_status(status);
  if (status == INVOICE_STATUS_RECORD_OPEN) change.invoice.set_finalized_us(kNow);
  if (status == INVOICE_STATUS_RECORD_PAID) change.invoice.set_paid_us(kNow);
  if (status == INVOICE_STATUS_RECORD_VOID) change.invoice.set_voided_us(kNow);
  return change;
}

InvoiceRecord MustCreateInvoice(Store& store, const Subject& subject, std::string_view id) {
  const auto made =
      Commit(store, Change(subject, InvoiceAll(subject, ReadAccount(store, subject), id)));
  EXPECT_TRUE(made.ok() && made->code == MutationCode::kCommitted) << made.status();
  return made.ok() ? InRow(made->invoice) : InvoiceRecord();
}

InvoiceRecord MustChange(Store& store, const Subject& subject, const UpdateInvoice& change) {
  const auto made = Commit(store, Change(subject, change));
  EXPECT_TRUE(made.ok() && made->code == MutationCode::kCommitted) << made.status();
  return made.ok() ? InRow(made->invoice) : InvoiceRecord();
}

std::vector<InvoiceRecord> MustList(const Store& store, const Subject& subject) {
  const auto list = store.ListInvoices(kReadAll, subject.tenant, {.customer = subject.customer});
  EXPECT_TRUE(list.ok()) << list.status();
  std::vector<InvoiceRecord> invoices;
  if (!list.ok()) return invoices;
  for (const std::string& row : list->rows) invoices.push_back(InRow(row));
  return invoices;
}

}  // namespace owo::storage
