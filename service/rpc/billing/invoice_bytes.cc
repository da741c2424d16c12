#include "service/rpc/billing/invoice_bytes.h"

#include "owo/billing/v1/invoice.pb.h"
#include "service/ledger/ids.h"
#include "service/ledger/terms.h"
#include "service/rating/currency.h"
#include "service/rpc/billing/invoice_notes.h"
#include "service/rpc/render_values.h"
#include "storage/util/wire_writer.h"

namespace owo::rpc {
namespace {

using ledger::InvoiceLine;
using storage::Micros;
using storage::WireWriter;

pb::InvoiceStatus ToProto(storage::InvoiceStatusRecord status) {
  switch (status) {
    case storage::INVOICE_STATUS_RECORD_DRAFT:
      return pb::INVOICE_STATUS_DRAFT;
    case storage::INVOICE_STATUS_RECORD_OPEN:
      return pb::INVOICE_STATUS_OPEN;
    case storage::INVOICE_STATUS_RECORD_PAID:
      return pb::INVOICE_STATUS_PAID;
    case storage::INVOICE_STATUS_RECORD_VOID:
      return pb::INVOICE_STATUS_VOID;
    default:
      return pb::INVOICE_STATUS_UNSPECIFIED;
  }
}

void PutTime(WireWriter& to, int field, Micros time) {
  using google::protobuf::Timestamp;
  to.Message(field, [&] {
    const SecondsAndNanos shown = ToSeconds(time);
    to.Number(Timestamp::kSecondsFieldNumber, shown.seconds);
    to.Number(Timestamp::kNanosFieldNumber, shown.nanos);
  });
}

// The time of a change that may not have happened yet.
void PutTimeIfAny(WireWriter& to, int field, Micros time) {
  if (time != 0) PutTime(to, field, time);
}

void PutPeriod(WireWriter& to, int field, const ledger::PeriodView& period) {
  using pb::Period;
  to.Message(field, [&] {
    to.Number(Period::kIntervalFieldNumber, rpc::ToProto(period.interval));
    to.Text(Period::kLabelFieldNumber, period.label);
    PutTime(to, Period::kStartFieldNumber, period.start);
    if (period.end != storage::kForever) PutTime(to, Period::kEndFieldNumber, period.end);
    to.Text(Period::kTimeZoneFieldNumber, period.time_zone);
  });
}

void PutLine(WireWriter& to, const InvoiceLine& line) {
  using pb::LineItem;
  ledger::MapLineFields<LineItem>(to, line);
  to.Text(LineItem::kQuantityFieldNumber, ledger::ToDecimal(line.covers.billable).ToString());
  to.Number(LineItem::kAmountFieldNumber, line.amount());
  to.Text(LineItem::kUsageFieldNumber, ledger::ToDecimal(line.covers.usage).ToString());
  to.Text(LineItem::kIncludedFieldNumber, ledger::ToDecimal(line.covers.free).ToString());
  for (const ledger::LineTier& tier : line.tiers) {
    to.Message(LineItem::kTiersFieldNumber,
               [&] { ledger::MapTierFields<pb::TierUsage>(to, tier); });
  }
  PutPeriod(to, LineItem::kPeriodFieldNumber, line.period);
  to.Number(LineItem::kKindFieldNumber, pb::LINE_KIND_USAGE);
}

void PutPayment(WireWriter& to, const ledger::InvoicePayment& payment) {
  ledger::MapPaymentFields<pb::Payment>(to, payment);
  PutTime(to, pb::Payment::kPaidAtFieldNumber, payment.paid_at);
}

}  // namespace

absl::StatusOr<std::string> InvoiceBytes(const ledger::InvoiceView& view) {
  using pb::Invoice;
  const ledger::Invoice& invoice = view.invoice;
  const absl::StatusOr<rating::Currency> currency = rating::Currency::Parse(invoice.currency);
  if (!currency.ok()) return absl::DataLossError("the currency of an invoice");
  std::string bytes;
  bytes.reserve(256 + 192 * invoice.lines.size());  // enough for most invoices
  WireWriter to(bytes);
  to.Text(Invoice::kIdFieldNumber, ledger::InvoiceIdText(invoice.id));
  to.Text(Invoice::kNumberFieldNumber, ledger::InvoiceNumber(invoice.series, invoice.sequence));
  to.Text(Invoice::kCustomerIdFieldNumber, view.customer_id);
  to.Number(Invoice::kStatusFieldNumber, ToProto(invoice.status));
  to.Number(Invoice::kCurrencyExponentFieldNumber, currency->exponent());
  to.Number(Invoice::kKindFieldNumber, pb::INVOICE_KIND_INVOICE);
  ledger::MapInvoiceFields<Invoice>(to, invoice);
  to.Number(Invoice::kTaxFieldNumber, invoice.tax());
  to.Number(Invoice::kAmountDueFieldNumber, invoice.due());
  to.Number(Invoice::kAmountPaidFieldNumber, invoice.amount_paid());
  for (const ledger::InvoicePayment& payment : invoice.payments) {
    to.Message(Invoice::kPaymentsFieldNumber, [&] { PutPayment(to, payment); });
  }
  for (const InvoiceLine& line : invoice.lines) {
    to.Message(Invoice::kLineItemsFieldNumber, [&] { PutLine(to, line); });
  }
  PutTime(to, Invoice::kCreatedAtFieldNumber, invoice.created_at);
  PutTimeIfAny(to, Invoice::kFinalizedAtFieldNumber, invoice.finalized_at);
  PutTimeIfAny(to, Invoice::kPaidAtFieldNumber, invoice.paid_at);
  PutTimeIfAny(to, Invoice::kVoidedAtFieldNumber, invoice.voided_at);
  PutNotes(invoice.notes, to);
  return bytes;
}

}  // namespace owo::rpc
