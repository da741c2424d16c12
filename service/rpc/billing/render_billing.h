// Renders values of the ledger as answers of the Billing service. Fails only if stored data does
// not parse.

#ifndef OWO_SERVICE_RPC_BILLING_RENDER_BILLING_H_
#define OWO_SERVICE_RPC_BILLING_RENDER_BILLING_H_

#include "absl/status/status.h"
#include "owo/billing/v1/billing.pb.h"
#include "service/ledger/billing.h"
#include "service/rpc/page_token.h"

namespace owo::rpc {

namespace pb = ::owo::billing::v1;

absl::Status RenderUsageResponse(const ledger::UsageAnswer& usage, pb::UsageResponse& to);
// The functions below store invoices in serialized form: the response can be serialized, but its
// accessors do not show the invoices.
absl::Status RenderInvoiceResponse(const ledger::Answered<ledger::InvoiceView>& invoice,
                                   pb::InvoiceResponse& to);
absl::Status RenderGetInvoiceResponse(const ledger::InvoiceView& invoice,
                                      pb::GetInvoiceResponse& to);
absl::Status RenderFinalizeInvoiceResponse(const ledger::Answered<ledger::InvoiceView>& invoice,
                                           pb::FinalizeInvoiceResponse& to);
absl::Status RenderPayInvoiceResponse(const ledger::Answered<ledger::InvoiceView>& invoice,
                                      pb::PayInvoiceResponse& to);
absl::Status RenderVoidInvoiceResponse(const ledger::Answered<ledger::InvoiceView>& invoice,
                                       pb::VoidInvoiceResponse& to);
absl::Status RenderListInvoicesResponse(const ledger::InvoicePage& page, const PageTokens& tokens,
                                        pb::ListInvoicesResponse& to);

}  // namespace owo::rpc

#endif  // OWO_SERVICE_RPC_BILLING_RENDER_BILLING_H_
