#include "service/rpc/billing/billing_service.h"

#include <utility>

#include "owo/billing/v1/billing.pb.h"
#include "service/rpc/billing/parse_billing.h"
#include "service/rpc/billing/render_billing.h"
#include "service/rpc/render_events.h"

namespace owo::rpc {

BillingService::BillingService(ledger::Context& context, Calls& calls, CallsInFlight& in_flight)
    : GrpcService(in_flight), billing_(context) {
  Serve(
      "owo.billing.v1.Billing",
      {
          calls.Read<pb::UsageRequest, pb::UsageResponse>(
              "Usage", ParseUsageRequest,
              [this](const storage::ReadOptions& read, const std::string& customer) {
                return billing_.Usage(read, kTenant, customer);
              },
              RenderUsageResponse),
          calls.Decide<pb::InvoiceRequest, pb::InvoiceResponse>(
              "Invoice", ParseInvoiceRequest,
              [this](const storage::ReadOptions& read, ledger::InvoiceParams&& params, auto done) {
                billing_.Invoice(read, kTenant, std::move(params), std::move(done));
              },
              RenderInvoiceResponse),
          calls.List<pb::ListInvoicesRequest, pb::ListInvoicesResponse>(
              "ListInvoices", ParseListInvoicesRequest,
              [this](const storage::ReadOptions& read, const ledger::InvoiceQuery& query) {
                return billing_.List(read, kTenant, query);
              },
              RenderListInvoicesResponse),
          calls.Read<pb::GetInvoiceRequest, pb::GetInvoiceResponse>(
              "GetInvoice", ParseGetInvoiceRequest,
              [this](const storage::ReadOptions& read, const std::string& id) {
                return billing_.Get(read, kTenant, id);
              },
              RenderGetInvoiceResponse),
          calls.Decide<pb::FinalizeInvoiceRequest, pb::FinalizeInvoiceResponse>(
              "FinalizeInvoice", ParseFinalizeInvoiceRequest,
              [this](const storage::ReadOptions& read, InvoiceRef&& params, auto done) {
                billing_.Finalize(read, kTenant, params.id, std::move(params.request),
                                  std::move(done));
              },
              RenderFinalizeInvoiceResponse),
          calls.Decide<pb::PayInvoiceRequest, pb::PayInvoiceResponse>(
              "PayInvoice",
              [clock = context.clock](const pb::PayInvoiceRequest& request) {
                return ParsePayInvoiceRequest(request, clock());
              },
              [this](const storage::ReadOptions& read, ledger::PaymentParams&& params, auto done) {
                billing_.Pay(read, kTenant, params, std::move(done));
              },
              RenderPayInvoiceResponse),
          calls.Decide<pb::VoidInvoiceRequest, pb::VoidInvoiceResponse>(
              "VoidInvoice", ParseVoidInvoiceRequest,
              [this](const storage::ReadOptions& read, VoidParams&& params, auto done) {
                billing_.Void(read, kTenant, params.invoice, std::move(params.reason),
                              std::move(params.request), std::move(done));
              },
              RenderVoidInvoiceResponse),
          calls.List<pb::ListInvoiceEventsRequest, pb::ListInvoiceEventsResponse>(
              "ListInvoiceEvents", ParseListInvoiceEventsRequest,
              [this](const storage::ReadOptions& read, const ledger::InvoiceEventsQuery& query) {
                return billing_.ListEvents(read, kTenant, query);
              },
              RenderListInvoiceEventsResponse),
      });
}

}  // namespace owo::rpc
