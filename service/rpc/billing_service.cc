#include "service/rpc/billing_service.h"

#include <utility>

namespace owo::rpc {

grpc::ServerUnaryReactor* BillingService::Usage(grpc::CallbackServerContext* context,
                                                const pb::UsageRequest* request,
                                                pb::UsageResponse* response) {
  return calls_.Read(context, Parse(*request), response,
                     [this](const storage::ReadOptions& read, const std::string& customer) {
                       return billing_.Usage(read, kTenant, customer);
                     });
}

grpc::ServerUnaryReactor* BillingService::Invoice(grpc::CallbackServerContext* context,
                                                  const pb::InvoiceRequest* request,
                                                  pb::InvoiceResponse* response) {
  return calls_.Decide(
      context, Parse(*request), response,
      [this](const storage::ReadOptions& read, ledger::InvoiceOrder&& order, auto done) {
        billing_.Invoice(read, kTenant, std::move(order), std::move(done));
      });
}

grpc::ServerUnaryReactor* BillingService::ListInvoices(grpc::CallbackServerContext* context,
                                                       const pb::ListInvoicesRequest* request,
                                                       pb::ListInvoicesResponse* response) {
  return calls_.List(context, request, response,
                     [this](const storage::ReadOptions& read, const ledger::InvoiceQuery& query) {
                       return billing_.List(read, kTenant, query);
                     });
}

grpc::ServerUnaryReactor* BillingService::GetInvoice(grpc::CallbackServerContext* context,
                                                     const pb::GetInvoiceRequest* request,
                                                     pb::GetInvoiceResponse* response) {
  return calls_.Read(context, Parse(*request), response,
                     [this](const storage::ReadOptions& read, const std::string& id) {
                       return billing_.Get(read, kTenant, id);
                     });
}

grpc::ServerUnaryReactor* BillingService::FinalizeInvoice(grpc::CallbackServerContext* context,
                                                          const pb::FinalizeInvoiceRequest* request,
                                                          pb::FinalizeInvoiceResponse* response) {
  return calls_.Decide(context, Parse(*request), response,
                       [this](const storage::ReadOptions& read, InvoiceRef&& order, auto done) {
                         billing_.Finalize(read, kTenant, order.id, std::move(order.request),
                                           std::move(done));
                       });
}

grpc::ServerUnaryReactor* BillingService::PayInvoice(grpc::CallbackServerContext* context,
                                                     const pb::PayInvoiceRequest* request,
                                                     pb::PayInvoiceResponse* response) {
  return calls_.Decide(context, Parse(*request, clock_()), response,
                       [this](const storage::ReadOptions& read, ledger::PaymentOrder&& order,
                              auto done) { billing_.Pay(read, kTenant, order, std::move(done)); });
}

grpc::ServerUnaryReactor* BillingService::VoidInvoice(grpc::CallbackServerContext* context,
                                                      const pb::VoidInvoiceRequest* request,
                                                      pb::VoidInvoiceResponse* response) {
  return calls_.Decide(context, Parse(*request), response,
                       [this](const storage::ReadOptions& read, VoidOrder&& order, auto done) {
                         billing_.Void(read, kTenant, order.invoice, std::move(order.reason),
                                       std::move(order.request), std::move(done));
                       });
}

grpc::ServerUnaryReactor* BillingService::ListInvoiceEvents(
    grpc::CallbackServerContext* context, const pb::ListInvoiceEventsRequest* request,
    pb::ListInvoiceEventsResponse* response) {
  return calls_.List(
      context, request, response,
      [this](const storage::ReadOptions& read, const ledger::InvoiceEventsQuery& query) {
        return billing_.ListEvents(read, kTenant, query);
      });
}

}  // namespace owo::rpc
