#include "absl/strings/str_cat.h"
#include "service/ledger/ids.h"
#include "service/ledger/lines.h"
#include "service/rating/currency.h"
#include "service/rpc/page_room.h"
#include "service/rpc/render.h"

namespace owo::rpc {
namespace {

using ledger::InvoiceView;
using ledger::ToDecimal;

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

void Render(const storage::LineTierRecord& tier, pb::TierUsage& to) {
  if (tier.has_up_to()) to.set_up_to(tier.up_to());
  to.set_unit_price(tier.unit_price());
  to.set_flat_fee(tier.flat_fee());
  to.set_quantity(tier.quantity());
  to.set_amount(tier.amount());
}

void Render(const ledger::StatementRow& row, const rating::Zones& zones, pb::FeatureUsage& to) {
  const ledger::Terms& terms = *row.context.terms;
  to.set_feature_slug(row.context.feature->slug);
  to.set_feature_name(row.context.feature->name);
  to.set_overage_units(ToDecimal(row.adds.billable).ToString());
  if (row.unit_price.has_value()) to.set_overage_price(row.unit_price->ToString());
  to.set_estimated_cost(row.adds.amount);
  to.set_usage(ToDecimal(row.adds.usage).ToString());
  to.set_included(ToDecimal(row.adds.free).ToString());
  to.set_usage_model(rpc::ToProto(terms.usage_model));
  to.set_rating_model(rpc::ToProto(terms.price.model));
  if (terms.price.model == rating::RatingModel::kPackage) {
    to.set_billing_units(terms.price.billing_units.ToString());
  }
  for (const storage::LineTierRecord& tier : ledger::TiersOf(row)) Render(tier, *to.add_tiers());
  *to.mutable_period() = rpc::ToProto(ledger::PeriodOf(*row.counter, zones));
  to.set_plan(row.context.plan->slug);
  to.set_plan_version(row.context.version->version);
}

absl::Status Render(const storage::LineRecord& line, pb::LineItem& to) {
  const absl::StatusOr<ledger::LineUnits> units = ledger::UnitsOf(line);
  if (!units.ok()) return units.status();
  to.set_feature_slug(line.feature_slug());
  to.set_feature_name(line.feature_name());
  to.set_quantity(units->billable.ToString());
  if (!line.unit_price().empty()) to.set_unit_price(line.unit_price());
  to.set_amount(line.covers().amount());
  to.set_usage(units->usage.ToString());
  to.set_included(units->free.ToString());
  for (const storage::LineTierRecord& tier : line.tiers()) Render(tier, *to.add_tiers());
  *to.mutable_period() = rpc::ToProto(ledger::PeriodOf(line));
  to.set_plan(line.plan());
  to.set_plan_version(line.plan_version());
  to.set_kind(pb::LINE_KIND_USAGE);
  return absl::OkStatus();
}

// What was paid, and the times of the invoice's life.
void RenderLife(const storage::InvoiceRecord& record, pb::Invoice& to) {
  int64_t paid = 0;
  for (const storage::PaymentRecord& payment : record.payments()) {
    paid += payment.amount();
    pb::Payment& shown = *to.add_payments();
    shown.set_amount(payment.amount());
    *shown.mutable_paid_at() = ToTimestamp(payment.paid_us());
    shown.set_reference(payment.reference());
  }
  to.set_amount_paid(paid);
  const bool due = record.status() == storage::INVOICE_STATUS_RECORD_DRAFT ||
                   record.status() == storage::INVOICE_STATUS_RECORD_OPEN;
  to.set_amount_due(due ? record.total() - paid : 0);
  *to.mutable_created_at() = ToTimestamp(record.created_us());
  if (record.finalized_us() != 0) *to.mutable_finalized_at() = ToTimestamp(record.finalized_us());
  if (record.paid_us() != 0) *to.mutable_paid_at() = ToTimestamp(record.paid_us());
  if (record.voided_us() != 0) *to.mutable_voided_at() = ToTimestamp(record.voided_us());
  to.set_void_reason(record.void_reason());
}

template <typename Response>
absl::Status RenderAnswered(const ledger::Answered<InvoiceView>& answer, Response& to) {
  to.set_replayed(answer.replayed);
  return rpc::Render(answer.value, *to.mutable_invoice());
}

}  // namespace

absl::Status Render(const InvoiceView& view, pb::Invoice& to) {
  const storage::InvoiceRecord& record = view.record;
  const absl::StatusOr<rating::Currency> currency = rating::Currency::Parse(record.currency());
  if (!currency.ok()) return absl::DataLossError("the currency of an invoice");
  to.set_id(ledger::InvoiceIdText(record.id()));
  to.set_number(ledger::InvoiceNumber(record.series(), record.sequence()));
  to.set_customer_id(view.customer_id);
  to.set_status(ToProto(record.status()));
  to.set_currency(record.currency());
  to.set_currency_exponent(currency->exponent());
  to.set_kind(pb::INVOICE_KIND_INVOICE);
  to.set_subtotal(record.subtotal());
  to.set_tax(record.total() - record.subtotal());
  to.set_total(record.total());
  RenderLife(record, to);
  for (const storage::LineRecord& line : record.lines()) {
    absl::Status status = Render(line, *to.add_line_items());
    if (!status.ok()) return status;
  }
  *to.mutable_metadata() = record.metadata();
  return absl::OkStatus();
}

absl::Status Render(const ledger::UsageAnswer& usage, pb::UsageResponse& to) {
  to.set_customer(usage.customer->id());
  to.set_currency(std::string(usage.currency.code()));
  to.set_currency_exponent(usage.currency.exponent());
  to.set_total_estimated(usage.statement.total);
  for (const ledger::StatementRow& row : usage.statement.rows) {
    Render(row, usage.customer->timeline.zones(), *to.add_features());
  }
  return absl::OkStatus();
}

absl::Status Render(const ledger::Answered<InvoiceView>& invoice, pb::InvoiceResponse& to) {
  to.set_success(true);
  return RenderAnswered(invoice, to);
}
absl::Status Render(const InvoiceView& invoice, pb::GetInvoiceResponse& to) {
  return Render(invoice, *to.mutable_invoice());
}
absl::Status Render(const ledger::Answered<InvoiceView>& invoice, pb::FinalizeInvoiceResponse& to) {
  return RenderAnswered(invoice, to);
}
absl::Status Render(const ledger::Answered<InvoiceView>& invoice, pb::PayInvoiceResponse& to) {
  return RenderAnswered(invoice, to);
}
absl::Status Render(const ledger::Answered<InvoiceView>& invoice, pb::VoidInvoiceResponse& to) {
  return RenderAnswered(invoice, to);
}

absl::Status Render(const ledger::InvoicePage& page, const PageTokens& tokens,
                    pb::ListInvoicesResponse& to) {
  PageRoom room;
  std::string last;
  for (const InvoiceView& invoice : page.invoices) {
    pb::Invoice& shown = *to.add_invoices();
    absl::Status status = Render(invoice, shown);
    if (!status.ok()) return status;
    if (!room.Takes(shown.ByteSizeLong())) {
      to.mutable_invoices()->RemoveLast();
      to.set_next_page_token(tokens.Make(last));
      return absl::OkStatus();
    }
    last = invoice.record.id();
  }
  to.set_next_page_token(tokens.Make(page.next));
  return absl::OkStatus();
}

}  // namespace owo::rpc
