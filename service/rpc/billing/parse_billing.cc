#include "service/rpc/billing/parse_billing.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "service/ledger/ids.h"
#include "service/rpc/billing/invoice_notes.h"
#include "service/rpc/cursor_text.h"
#include "service/rpc/fields.h"
#include "service/rpc/fingerprint.h"
#include "service/rpc/page_token.h"

namespace owo::rpc {
namespace {

constexpr Length kInvoiceId = {1, 64};
constexpr Length kReference = {0, 128};
constexpr Length kVoidReason = {0, 512};
constexpr size_t kInvoiceIdBytes = 16;

// Returns the 16 bytes that the text of an invoice id encodes; INVOICE_NOT_FOUND for any other
// text. Called once all fields are valid.
absl::StatusOr<std::string> InvoiceId(const std::string& text) {
  std::optional<std::string> id = ledger::ParseInvoiceId(text);
  if (id.has_value()) return *std::move(id);
  return ledger::Refuse(ledger::Reason::kInvoiceNotFound,
                        absl::StrCat("no invoice has the id ", Quoted(text)),
                        {{"invoice_id", text}});
}

std::optional<storage::InvoiceStatusRecord> StatusFilter(Fields& fields, pb::InvoiceStatus status) {
  switch (status) {
    case pb::INVOICE_STATUS_UNSPECIFIED:
      return std::nullopt;
    case pb::INVOICE_STATUS_DRAFT:
      return storage::INVOICE_STATUS_RECORD_DRAFT;
    case pb::INVOICE_STATUS_OPEN:
      return storage::INVOICE_STATUS_RECORD_OPEN;
    case pb::INVOICE_STATUS_PAID:
      return storage::INVOICE_STATUS_RECORD_PAID;
    case pb::INVOICE_STATUS_VOID:
      return storage::INVOICE_STATUS_RECORD_VOID;
    default:
      fields.Wrong("status", absl::StrCat("got ", static_cast<int>(status),
                                          ", want a value of InvoiceStatus"));
      return std::nullopt;
  }
}

}  // namespace

absl::StatusOr<std::string> ParseUsageRequest(const pb::UsageRequest& request) {
  Violations violations;
  Fields fields(violations);
  std::string customer = fields.Customer("customer", request.customer());
  if (!violations.empty()) return violations.ToStatus();
  return customer;
}

absl::StatusOr<ledger::InvoiceParams> ParseInvoiceRequest(const pb::InvoiceRequest& request) {
  Violations violations;
  Fields fields(violations);
  ledger::InvoiceParams params{.customer = fields.Customer("customer", request.customer()),
                               .draft = request.draft(),
                               .notes = ParseNotes(fields, request)};
  fields.RequestId(request.request_id());
  if (!violations.empty()) return violations.ToStatus();
  params.request = RequestRefOf(request);
  return params;
}

absl::StatusOr<ledger::InvoiceQuery> ParseListInvoicesRequest(
    const ledger::CallContext& context, const pb::ListInvoicesRequest& request) {
  Violations violations;
  Fields fields(violations);
  ledger::InvoiceQuery query{.customer = fields.Customer("customer", request.customer(), false),
                             .status = StatusFilter(fields, request.status()),
                             .limit = fields.PageSize(request.page_size())};
  query.before = fields.PageToken(PageTokens(request, context.tenant), request.page_token(),
                                  [](const std::string& p) { return p.size() == kInvoiceIdBytes; });
  if (!violations.empty()) return violations.ToStatus();
  return query;
}

absl::StatusOr<std::string> ParseGetInvoiceRequest(const pb::GetInvoiceRequest& request) {
  Violations violations;
  Fields(violations).Text("invoice_id", request.invoice_id(), kInvoiceId);
  if (!violations.empty()) return violations.ToStatus();
  return InvoiceId(request.invoice_id());
}

absl::StatusOr<InvoiceRef> ParseFinalizeInvoiceRequest(const pb::FinalizeInvoiceRequest& request) {
  Violations violations;
  Fields fields(violations);
  fields.Text("invoice_id", request.invoice_id(), kInvoiceId);
  fields.RequestId(request.request_id());
  if (!violations.empty()) return violations.ToStatus();
  absl::StatusOr<std::string> id = InvoiceId(request.invoice_id());
  if (!id.ok()) return id.status();
  return InvoiceRef{.id = *std::move(id), .request = RequestRefOf(request)};
}

absl::StatusOr<ledger::PaymentParams> ParsePayInvoiceRequest(const pb::PayInvoiceRequest& request,
                                                             storage::Micros now) {
  Violations violations;
  Fields fields(violations);
  fields.Text("invoice_id", request.invoice_id(), kInvoiceId);
  ledger::PaymentParams params{.reference =
                                   fields.Text("reference", request.reference(), kReference)};
  if (request.has_paid_at()) {
    params.paid_at = fields.Time("paid_at", request.paid_at());
    if (*params.paid_at > now) fields.Wrong("paid_at", "is in the future");
  }
  fields.RequestId(request.request_id());
  if (!violations.empty()) return violations.ToStatus();
  absl::StatusOr<std::string> id = InvoiceId(request.invoice_id());
  if (!id.ok()) return id.status();
  params.invoice = *std::move(id);
  params.request = RequestRefOf(request);
  return params;
}

absl::StatusOr<VoidParams> ParseVoidInvoiceRequest(const pb::VoidInvoiceRequest& request) {
  Violations violations;
  Fields fields(violations);
  fields.Text("invoice_id", request.invoice_id(), kInvoiceId);
  VoidParams params{.reason = fields.Text("reason", request.reason(), kVoidReason)};
  fields.RequestId(request.request_id());
  if (!violations.empty()) return violations.ToStatus();
  absl::StatusOr<std::string> id = InvoiceId(request.invoice_id());
  if (!id.ok()) return id.status();
  params.invoice = *std::move(id);
  params.request = RequestRefOf(request);
  return params;
}

absl::StatusOr<ledger::InvoiceEventsQuery> ParseListInvoiceEventsRequest(
    const ledger::CallContext& context, const pb::ListInvoiceEventsRequest& request) {
  Violations violations;
  Fields fields(violations);
  fields.Text("invoice_id", request.invoice_id(), kInvoiceId);
  ledger::InvoiceEventsQuery query{
      .limit = fields.PageSize(request.page_size(), Fields::kEventPageSizeMax)};
  if (request.has_line()) query.line = request.line();
  if (query.line == 0U) fields.Wrong("line", "got 0, want ≥ 1");
  query.from = ParseLineCursor(
      fields.PageToken(PageTokens(request, context.tenant), request.page_token(),
                       [](const std::string& p) { return ParseLineCursor(p).has_value(); }));
  if (!violations.empty()) return violations.ToStatus();
  absl::StatusOr<std::string> id = InvoiceId(request.invoice_id());
  if (!id.ok()) return id.status();
  query.invoice = *std::move(id);
  return query;
}

}  // namespace owo::rpc
