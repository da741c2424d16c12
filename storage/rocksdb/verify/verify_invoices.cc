#include "storage/rocksdb/verify/verify_invoices.h"

#include <google/protobuf/util/message_differencer.h>

#include <algorithm>
#include <array>

#include "absl/strings/str_cat.h"
#include "storage/convert.h"
#include "storage/coverage.h"
#include "storage/rocksdb/verify/verify_text.h"
#include "storage/util/try.h"

namespace owo::storage {
namespace {

constexpr std::array<std::pair<InvoiceStatusRecord, InvoiceStatusRecord>, 4> kTransitions = {{
    {INVOICE_STATUS_RECORD_DRAFT, INVOICE_STATUS_RECORD_OPEN},
    {INVOICE_STATUS_RECORD_DRAFT, INVOICE_STATUS_RECORD_VOID},
    {INVOICE_STATUS_RECORD_OPEN, INVOICE_STATUS_RECORD_PAID},
    {INVOICE_STATUS_RECORD_OPEN, INVOICE_STATUS_RECORD_VOID},
}};

// The fields of an invoice that never change. `draft`: whether it was a draft before the change.
InvoiceRecord Frozen(InvoiceRecord invoice, bool draft) {
  invoice.clear_status();
  invoice.clear_revision();
  invoice.clear_payments();
  invoice.clear_paid_us();
  invoice.clear_voided_us();
  invoice.clear_void_reason();
  if (draft) {
    invoice.clear_sequence();
    invoice.clear_finalized_us();
  }
  return invoice;
}

bool HasNumber(InvoiceStatusRecord status) {
  return status == INVOICE_STATUS_RECORD_OPEN || status == INVOICE_STATUS_RECORD_PAID;
}

absl::Status Wrong(const InvoiceRecord& invoice, const std::string& what) {
  return absl::DataLossError(absl::StrCat(InvoiceText(invoice), ": ", what));
}

absl::Status CheckLine(const LineRecord& line, std::span<const Counter> open) {
  const CounterKey key = FromRecord(line.counter());
  const auto counter = std::find_if(open.begin(), open.end(),
                                    [&key](const Counter& other) { return other.key == key; });
  if (counter == open.end()) return absl::DataLossError("its counter held nothing to invoice");
  OWO_TRY(const Coverage covers, FromRecord(line.covers()));
  if (covers.ranges != Uncovered(counter->covered.ranges, counter->events)) {
    return absl::DataLossError("it does not cover just the events that no invoice covered");
  }
  const Quantity usage = counter->total - counter->covered.usage;
  if (covers.usage != usage) {
    return absl::DataLossError(absl::StrCat("its usage is ", QuantityText(covers.usage),
                                            ", its events sum to ", QuantityText(usage)));
  }
  if (covers.billable != covers.usage - covers.free) {
    return absl::DataLossError("its billable quantity is not its usage without free units");
  }
  return absl::OkStatus();
}

}  // namespace

std::string InvoiceText(const InvoiceRecord& invoice) {
  return absl::StrCat("invoice ", HexText(invoice.id()));
}

absl::Status InvoiceHistory::AddNumber(TenantId tenant, const InvoiceRecord& invoice) {
  uint64_t& last = last_[{tenant, invoice.series()}];
  const uint64_t expected = last + 1;
  last = std::max(last, invoice.sequence());
  if (invoice.sequence() == expected) return absl::OkStatus();
  return Wrong(invoice, absl::StrCat("has the number ", invoice.series(), " ", invoice.sequence(),
                                     ", the next was ", expected));
}

absl::Status InvoiceHistory::Jump(TenantId tenant, const std::string& series, uint64_t next) {
  uint64_t& last = last_[{tenant, series}];
  const uint64_t expected = last + 1;
  last = std::max(expected, next) - 1;
  if (next > expected) return absl::OkStatus();
  return absl::DataLossError(
      absl::StrCat(series, " jumps to ", next, ", and the next number was ", expected));
}

absl::Status InvoiceHistory::CheckNew(const InvoiceRecord& invoice) {
  const bool draft = invoice.status() == INVOICE_STATUS_RECORD_DRAFT;
  if (invoice.revision() != 1 || (!draft && invoice.status() != INVOICE_STATUS_RECORD_OPEN) ||
      draft != (invoice.sequence() == 0)) {
    return Wrong(invoice, "is made as no invoice is");
  }
  return absl::OkStatus();
}

absl::Status InvoiceHistory::CheckCovers(const InvoiceRecord& invoice,
                                         std::span<const Counter> open) {
  for (const LineRecord& line : invoice.lines()) {
    const absl::Status status = CheckLine(line, open);
    if (status.ok()) continue;
    const std::string counter = CounterText(TenantId{}, FromRecord(line.counter()));
    // Omit the tenant: the invoice's id identifies it.
    return Wrong(invoice, absl::StrCat("line of ", counter.substr(counter.find("customer")), ": ",
                                       status.message()));
  }
  return absl::OkStatus();
}

absl::Status InvoiceHistory::CheckChange(const InvoiceRecord& before, const InvoiceRecord& after,
                                         bool releases_coverage) {
  const std::pair transition(before.status(), after.status());
  if (std::find(kTransitions.begin(), kTransitions.end(), transition) == kTransitions.end()) {
    return Wrong(after, absl::StrCat("goes from status ", static_cast<int>(before.status()), " to ",
                                     static_cast<int>(after.status())));
  }
  const bool voided = after.status() == INVOICE_STATUS_RECORD_VOID;
  const bool draft = before.status() == INVOICE_STATUS_RECORD_DRAFT;
  const bool numbered = after.sequence() != 0;
  if (after.revision() != before.revision() + 1 || releases_coverage != voided ||
      (HasNumber(after.status()) && !numbered) || (draft && voided && numbered)) {
    return Wrong(after, "changes as no invoice does");
  }
  if (!google::protobuf::util::MessageDifferencer::Equals(Frozen(before, draft),
                                                          Frozen(after, draft))) {
    return Wrong(after, "what is frozen of it changes");
  }
  return absl::OkStatus();
}

}  // namespace owo::storage
