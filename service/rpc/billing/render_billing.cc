#include "service/rpc/billing/render_billing.h"

#include <google/protobuf/unknown_field_set.h>

#include <utility>

#include "service/ledger/invoice_lines.h"
#include "service/rpc/billing/invoice_bytes.h"
#include "service/rpc/page_budget.h"
#include "service/rpc/render_values.h"

namespace owo::rpc {
namespace {

using ledger::InvoiceView;
using ledger::ToDecimal;

void RenderTierUsage(const ledger::LineTier& tier, pb::TierUsage& to) {
  if (tier.up_to.has_value()) to.set_up_to(*tier.up_to);
  to.set_unit_price(tier.unit_price);
  to.set_flat_fee(tier.flat_fee);
  to.set_quantity(tier.quantity);
  to.set_amount(tier.amount);
}

void RenderFeatureUsage(const ledger::StatementRow& row, const rating::Zones& zones,
                        pb::FeatureUsage& to) {
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
  for (const ledger::LineTier& tier : ledger::TiersOf(row)) {
    RenderTierUsage(tier, *to.add_tiers());
  }
  *to.mutable_period() = rpc::ToProto(ledger::PeriodOf(*row.counter, zones));
  to.set_plan(row.context.plan->slug);
  to.set_plan_version(row.context.version->version);
}

// Adds serialized bytes as an unknown field, which has the same encoding as the known one.
template <typename Response>
std::string& AddSerialized(int field, Response& to) {
  return *Response::GetReflection()->MutableUnknownFields(&to)->AddLengthDelimited(field);
}

template <typename Response>
absl::Status RenderInvoice(const InvoiceView& view, Response& to) {
  absl::StatusOr<std::string> bytes = InvoiceBytes(view);
  if (!bytes.ok()) return bytes.status();
  AddSerialized(Response::kInvoiceFieldNumber, to) = *std::move(bytes);
  return absl::OkStatus();
}

template <typename Response>
absl::Status RenderAnswered(const ledger::Answered<InvoiceView>& answer, Response& to) {
  to.set_replayed(answer.replayed);
  return RenderInvoice(answer.value, to);
}

}  // namespace

absl::Status RenderUsageResponse(const ledger::UsageAnswer& usage, pb::UsageResponse& to) {
  to.set_customer(usage.customer->id());
  to.set_currency(std::string(usage.currency.code()));
  to.set_currency_exponent(usage.currency.exponent());
  to.set_total_estimated(usage.statement.total);
  for (const ledger::StatementRow& row : usage.statement.rows) {
    RenderFeatureUsage(row, usage.customer->timeline.zones(), *to.add_features());
  }
  return absl::OkStatus();
}

absl::Status RenderInvoiceResponse(const ledger::Answered<InvoiceView>& invoice,
                                   pb::InvoiceResponse& to) {
  to.set_success(true);
  return RenderAnswered(invoice, to);
}
absl::Status RenderGetInvoiceResponse(const InvoiceView& invoice, pb::GetInvoiceResponse& to) {
  return RenderInvoice(invoice, to);
}
absl::Status RenderFinalizeInvoiceResponse(const ledger::Answered<InvoiceView>& invoice,
                                           pb::FinalizeInvoiceResponse& to) {
  return RenderAnswered(invoice, to);
}
absl::Status RenderPayInvoiceResponse(const ledger::Answered<InvoiceView>& invoice,
                                      pb::PayInvoiceResponse& to) {
  return RenderAnswered(invoice, to);
}
absl::Status RenderVoidInvoiceResponse(const ledger::Answered<InvoiceView>& invoice,
                                       pb::VoidInvoiceResponse& to) {
  return RenderAnswered(invoice, to);
}

absl::Status RenderListInvoicesResponse(const ledger::InvoicePage& page, const PageTokens& tokens,
                                        pb::ListInvoicesResponse& to) {
  PageBudget budget;
  std::string last;
  for (const ledger::ListedInvoice& listed : page.invoices) {
    absl::StatusOr<InvoiceView> view = ledger::ReadListed(listed);
    if (!view.ok()) return view.status();
    absl::StatusOr<std::string> bytes = InvoiceBytes(*view);
    if (!bytes.ok()) return bytes.status();
    if (!budget.Spend(bytes->size())) {
      to.set_next_page_token(tokens.Make(last));
      return absl::OkStatus();
    }
    AddSerialized(pb::ListInvoicesResponse::kInvoicesFieldNumber, to) = *std::move(bytes);
    last = std::move(view->invoice.id);
  }
  to.set_next_page_token(tokens.Make(page.next));
  return absl::OkStatus();
}

}  // namespace owo::rpc
