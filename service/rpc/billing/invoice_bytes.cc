#include "service/rpc/billing/invoice_bytes.h"

#include "owo/billing/v1/invoice.pb.h"
#include "service/ledger/ids.h"
#include "service/ledger/invoice_lines.h"
#include "service/ledger/plan.h"
#include "service/rating/currency.h"
#include "service/rpc/render_values.h"
#include "storage/util/wire_writer.h"

namespace owo::rpc {
namespace {

using storage::InvoiceRow;
using storage::LineRow;
using storage::Micros;
using storage::WireWriter;

// Tiers and metadata entries are copied as bytes: their field numbers are the same in storage and
// in the API.
using StoredTier = storage::LineTierRecord;
using ShownTier = pb::TierUsage;
static_assert(int{StoredTier::kUpToFieldNumber} == int{ShownTier::kUpToFieldNumber});
static_assert(int{StoredTier::kUnitPriceFieldNumber} == int{ShownTier::kUnitPriceFieldNumber});
static_assert(int{StoredTier::kFlatFeeFieldNumber} == int{ShownTier::kFlatFeeFieldNumber});
static_assert(int{StoredTier::kQuantityFieldNumber} == int{ShownTier::kQuantityFieldNumber});
static_assert(int{StoredTier::kAmountFieldNumber} == int{ShownTier::kAmountFieldNumber});

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

void PutPeriod(WireWriter& to, int field, const LineRow& line) {
  using pb::Period;
  to.Message(field, [&] {
    const auto code = static_cast<storage::IntervalCode>(line.interval);
    to.Number(Period::kIntervalFieldNumber, rpc::ToProto(ledger::IntervalOf(code)));
    to.Text(Period::kLabelFieldNumber, line.period_label);
    PutTime(to, Period::kStartFieldNumber, line.period_start);
    if (line.period_end != storage::kForever) PutTime(to, Period::kEndFieldNumber, line.period_end);
    to.Text(Period::kTimeZoneFieldNumber, line.time_zone);
  });
}

absl::Status PutLine(WireWriter& to, const LineRow& line) {
  using pb::LineItem;
  const absl::StatusOr<ledger::LineUnits> units = ledger::UnitsOf(line);
  if (!units.ok()) return units.status();
  to.Text(LineItem::kFeatureSlugFieldNumber, line.feature_slug);
  to.Text(LineItem::kFeatureNameFieldNumber, line.feature_name);
  to.Text(LineItem::kQuantityFieldNumber, units->billable.ToString());
  to.Text(LineItem::kUnitPriceFieldNumber, line.unit_price);
  to.Number(LineItem::kAmountFieldNumber, line.amount);
  to.Text(LineItem::kUsageFieldNumber, units->usage.ToString());
  to.Text(LineItem::kIncludedFieldNumber, units->free.ToString());
  for (const std::string_view tier : line.tiers) to.Bytes(LineItem::kTiersFieldNumber, tier);
  PutPeriod(to, LineItem::kPeriodFieldNumber, line);
  to.Text(LineItem::kPlanFieldNumber, line.plan);
  to.Number(LineItem::kPlanVersionFieldNumber, line.plan_version);
  to.Number(LineItem::kKindFieldNumber, pb::LINE_KIND_USAGE);
  return absl::OkStatus();
}

// Writes a payment, and adds its amount to `paid`.
absl::Status PutPayment(WireWriter& to, std::string_view bytes, int64_t& paid) {
  storage::PaymentRecord payment;
  if (!payment.ParseFromArray(bytes.data(), static_cast<int>(bytes.size()))) {
    return absl::DataLossError("a payment does not parse");
  }
  paid += payment.amount();
  to.Message(pb::Invoice::kPaymentsFieldNumber, [&] {
    to.Number(pb::Payment::kAmountFieldNumber, payment.amount());
    PutTime(to, pb::Payment::kPaidAtFieldNumber, payment.paid_us());
    to.Text(pb::Payment::kReferenceFieldNumber, payment.reference());
  });
  return absl::OkStatus();
}

// Writes payments, amounts paid and due, the timestamps of the status changes, and the void reason.
absl::Status AppendLifecycle(WireWriter& to, const InvoiceRow& invoice) {
  using pb::Invoice;
  int64_t paid = 0;
  for (const std::string_view payment : invoice.payments) {
    absl::Status status = PutPayment(to, payment, paid);
    if (!status.ok()) return status;
  }
  to.Number(Invoice::kAmountPaidFieldNumber, paid);
  const bool due = invoice.status == storage::INVOICE_STATUS_RECORD_DRAFT ||
                   invoice.status == storage::INVOICE_STATUS_RECORD_OPEN;
  to.Number(Invoice::kAmountDueFieldNumber, due ? invoice.total - paid : 0);
  PutTime(to, Invoice::kCreatedAtFieldNumber, invoice.created);
  if (invoice.finalized != 0) PutTime(to, Invoice::kFinalizedAtFieldNumber, invoice.finalized);
  if (invoice.paid != 0) PutTime(to, Invoice::kPaidAtFieldNumber, invoice.paid);
  if (invoice.voided != 0) PutTime(to, Invoice::kVoidedAtFieldNumber, invoice.voided);
  to.Text(Invoice::kVoidReasonFieldNumber, invoice.void_reason);
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<std::string> InvoiceBytes(const ledger::ListedInvoice& listed) {
  using pb::Invoice;
  const InvoiceRow& invoice = listed.record;
  const absl::StatusOr<rating::Currency> currency = rating::Currency::Parse(invoice.currency);
  if (!currency.ok()) return absl::DataLossError("the currency of an invoice");
  std::string bytes;
  bytes.reserve(256 + 192 * invoice.lines.size());  // enough for most invoices
  WireWriter to(bytes);
  to.Text(Invoice::kIdFieldNumber, ledger::InvoiceIdText(invoice.id));
  to.Text(Invoice::kNumberFieldNumber, ledger::InvoiceNumber(invoice.series, invoice.sequence));
  to.Text(Invoice::kCustomerIdFieldNumber, listed.customer_id);
  to.Number(Invoice::kStatusFieldNumber, ToProto(invoice.status));
  to.Text(Invoice::kCurrencyFieldNumber, invoice.currency);
  to.Number(Invoice::kCurrencyExponentFieldNumber, currency->exponent());
  to.Number(Invoice::kKindFieldNumber, pb::INVOICE_KIND_INVOICE);
  to.Number(Invoice::kSubtotalFieldNumber, invoice.subtotal);
  to.Number(Invoice::kTaxFieldNumber, invoice.total - invoice.subtotal);
  to.Number(Invoice::kTotalFieldNumber, invoice.total);
  absl::Status status = AppendLifecycle(to, invoice);
  if (!status.ok()) return status;
  for (const LineRow& line : invoice.lines) {
    to.Message(Invoice::kLineItemsFieldNumber, [&] { status = PutLine(to, line); });
    if (!status.ok()) return status;
  }
  for (const std::string_view entry : invoice.metadata) {
    to.Bytes(Invoice::kMetadataFieldNumber, entry);
  }
  return bytes;
}

}  // namespace owo::rpc
