#include "service/rpc/billing_service.h"

#include <utility>

namespace owo::rpc {

grpc::ServerUnaryReactor* BillingService::Usage(grpc::CallbackServerContext* context,
                                                const pb::UsageRequest* request,
                                                pb::UsageResponse* response) {
  return calls_.Read(context, Parse(*request), response, [this](const std::string& customer) {
    return billing_.Usage(kTenant, customer);
  });
}

grpc::ServerUnaryReactor* BillingService::Invoice(grpc::CallbackServerContext* context,
                                                  const pb::InvoiceRequest* request,
                                                  pb::InvoiceResponse* response) {
  return calls_.Decide(context, Parse(*request), response,
                       [this](ledger::InvoiceOrder&& order, auto done) {
                         billing_.Invoice(kTenant, std::move(order), std::move(done));
                       });
}

grpc::ServerUnaryReactor* BillingService::ListInvoices(grpc::CallbackServerContext* context,
                                                       const pb::ListInvoicesRequest* request,
                                                       pb::ListInvoicesResponse* response) {
  return calls_.List(context, request, response, [this](const ledger::InvoiceQuery& query) {
    return billing_.List(kTenant, query);
  });
}

grpc::ServerUnaryReactor* BillingService::GetInvoice(grpc::CallbackServerContext* context,
                                                     const pb::GetInvoiceRequest* request,
                                                     pb::GetInvoiceResponse* response) {
  return calls_.Read(context, Parse(*request), response,
                     [this](const std::string& id) { return billing_.Get(kTenant, id); });
}

grpc::ServerUnaryReactor* BillingService::FinalizeInvoice(grpc::CallbackServerContext* context,
                                                          const pb::FinalizeInvoiceRequest* request,
                                                          pb::FinalizeInvoiceResponse* response) {
  return calls_.Decide(context, Parse(*request), response, [this](InvoiceRef&& order, auto done) {
    billing_.Finalize(kTenant, order.id, std::move(order.request), std::move(done));
  });
}

grpc::ServerUnaryReactor* BillingService::PayInvoice(grpc::CallbackServerContext* context,
                                                     const pb::PayInvoiceRequest* request,
                                                     pb::PayInvoiceResponse* response) {
  return calls_.Decide(context, Parse(*request, clock_()), response,
                       [this](ledger::PaymentOrder&& order, auto done) {
                         billing_.Pay(kTenant, order, std::move(done));
                       });
}

grpc::ServerUnaryReactor* BillingService::VoidInvoice(grpc::CallbackServerContext* context,
                                                      const pb::VoidInvoiceRequest* request,
                                                      pb::VoidInvoiceResponse* response) {
  return calls_.Decide(context, Parse(*request), response, [this](VoidOrder&& order, auto done) {
    billing_.Void(kTenant, order.invoice, std::move(order.reason), std::move(order.request),
                  std::move(done));
  });
}

grpc::ServerUnaryReactor* BillingService::ListInvoiceEvents(
    grpc::CallbackServerContext* context, const pb::ListInvoiceEventsRequest* request,
    pb::ListInvoiceEventsResponse* response) {
  return calls_.List(context, request, response, [this](const ledger::InvoiceEventsQuery& query) {
    return billing_.ListEvents(kTenant, query);
  });
}

}  // namespace owo::rpc
