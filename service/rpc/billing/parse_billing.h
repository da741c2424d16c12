// Converts requests of the Billing service to values that are valid by construction. The error of a
// malformed request lists every wrong field, its value and its bound.
//
//   absl::StatusOr<std::string> parsed = ParseUsageRequest(request);

#ifndef OWO_SERVICE_RPC_BILLING_PARSE_BILLING_H_
#define OWO_SERVICE_RPC_BILLING_PARSE_BILLING_H_

#include <string>

#include "absl/status/statusor.h"
#include "owo/billing/v1/billing.pb.h"
#include "service/ledger/billing.h"

namespace owo::rpc {

namespace pb = ::owo::billing::v1;

struct InvoiceRef {
  std::string id;  // 16 bytes
  ledger::RequestRef request;
};

struct VoidParams {
  std::string invoice;  // 16 bytes
  std::string reason;
  ledger::RequestRef request;
};

absl::StatusOr<std::string> ParseUsageRequest(const pb::UsageRequest& request);  // the customer
absl::StatusOr<ledger::InvoiceParams> ParseInvoiceRequest(const pb::InvoiceRequest& request);
absl::StatusOr<ledger::InvoiceQuery> ParseListInvoicesRequest(
    const ledger::CallContext& context, const pb::ListInvoicesRequest& request);
absl::StatusOr<std::string> ParseGetInvoiceRequest(
    const pb::GetInvoiceRequest& request);  // 16 bytes
absl::StatusOr<InvoiceRef> ParseFinalizeInvoiceRequest(const pb::FinalizeInvoiceRequest& request);
// Refuses a payment whose time is after `now`.
absl::StatusOr<ledger::PaymentParams> ParsePayInvoiceRequest(const pb::PayInvoiceRequest& request,
                                                             storage::Micros now);
absl::StatusOr<VoidParams> ParseVoidInvoiceRequest(const pb::VoidInvoiceRequest& request);
absl::StatusOr<ledger::InvoiceEventsQuery> ParseListInvoiceEventsRequest(
    const ledger::CallContext& context, const pb::ListInvoiceEventsRequest& request);

}  // namespace owo::rpc

#endif  // OWO_SERVICE_RPC_BILLING_PARSE_BILLING_H_
