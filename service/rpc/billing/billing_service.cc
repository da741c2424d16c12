#include "service/rpc/billing/billing_service.h"

#include <utility>

#include "owo/billing/v1/billing.pb.h"
#include "service/rpc/billing/parse_billing.h"
#include "service/rpc/billing/render_billing.h"
#include "service/rpc/render_events.h"

namespace owo::rpc {

BillingService::BillingService(ledger::LedgerParts& ledger, Calls& calls, const CallParts& parts)
    : GrpcService(parts), billing_(ledger) {
  Serve("owo.billing.v1.Billing",
        {
            calls.Read<pb::UsageRequest, pb::UsageResponse>(
                "Usage", ParseUsageRequest,
                [this](const CallContext& context, const storage::ReadOptions& read,
                       const std::string& customer) {
                  return billing_.Usage(context, read, customer);
                },
                RenderUsageResponse),
            calls.Decide<pb::InvoiceRequest, pb::InvoiceResponse>(
                "Invoice", ParseInvoiceRequest,
                [this](const CallContext& context, const storage::ReadOptions& read,
                       ledger::InvoiceParams&& params, auto done) {
                  billing_.Invoice(context, read, std::move(params), std::move(done));
                },
                RenderInvoiceResponse),
            calls.List<pb::ListInvoicesRequest, pb::ListInvoicesResponse>(
                "ListInvoices", ParseListInvoicesRequest,
                [this](const CallContext& context, const storage::ReadOptions& read,
                       const ledger::InvoiceQuery& query) {
                  return billing_.List(context, read, query);
                },
                RenderListInvoicesResponse),
            calls.Read<pb::GetInvoiceRequest, pb::GetInvoiceResponse>(
                "GetInvoice", ParseGetInvoiceRequest,
                [this](const CallContext& context, const storage::ReadOptions& read,
                       const std::string& id) { return billing_.Get(context, read, id); },
                RenderGetInvoiceResponse),
            calls.Decide<pb::FinalizeInvoiceRequest, pb::FinalizeInvoiceResponse>(
                "FinalizeInvoice", ParseFinalizeInvoiceRequest,
                [this](const CallContext& context, const storage::ReadOptions& read,
                       InvoiceRef&& params, auto done) {
                  billing_.Finalize(context, read, params.id, std::move(params.request),
                                    std::move(done));
                },
                RenderFinalizeInvoiceResponse),
            calls.Decide<pb::PayInvoiceRequest, pb::PayInvoiceResponse>(
                "PayInvoice",
                [](const CallContext& context, const pb::PayInvoiceRequest& request) {
                  return ParsePayInvoiceRequest(request, context.now());
                },
                [this](const CallContext& context, const storage::ReadOptions& read,
                       ledger::PaymentParams&& params,
                       auto done) { billing_.Pay(context, read, params, std::move(done)); },
                RenderPayInvoiceResponse),
            calls.Decide<pb::VoidInvoiceRequest, pb::VoidInvoiceResponse>(
                "VoidInvoice", ParseVoidInvoiceRequest,
                [this](const CallContext& context, const storage::ReadOptions& read,
                       VoidParams&& params, auto done) {
                  billing_.Void(context, read, params.invoice, std::move(params.reason),
                                std::move(params.request), std::move(done));
                },
                RenderVoidInvoiceResponse),
            calls.List<pb::ListInvoiceEventsRequest, pb::ListInvoiceEventsResponse>(
                "ListInvoiceEvents", ParseListInvoiceEventsRequest,
                [this](const CallContext& context, const storage::ReadOptions& read,
                       const ledger::InvoiceEventsQuery& query) {
                  return billing_.ListEvents(context, read, query);
                },
                RenderListInvoiceEventsResponse),
        });
}

}  // namespace owo::rpc
