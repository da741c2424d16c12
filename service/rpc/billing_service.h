// The Billing service of the API, over the ledger's Billing.

#ifndef OWO_SERVICE_RPC_BILLING_SERVICE_H_
#define OWO_SERVICE_RPC_BILLING_SERVICE_H_

#include "owo/billing/v1/billing.grpc.pb.h"
#include "service/ledger/billing.h"
#include "service/rpc/arena_messages.h"
#include "service/rpc/calls.h"

namespace owo::rpc {

// Thread-safe.
class BillingService final : public pb::Billing::CallbackService {
 public:
  // Both outlive the service.
  BillingService(ledger::Context& context, Calls& calls)
      : clock_(context.clock), billing_(context), calls_(calls) {
    SetMessageAllocatorFor_ListInvoices(&pages_);
  }

  grpc::ServerUnaryReactor* Usage(grpc::CallbackServerContext* context,
                                  const pb::UsageRequest* request,
                                  pb::UsageResponse* response) override;
  grpc::ServerUnaryReactor* Invoice(grpc::CallbackServerContext* context,
                                    const pb::InvoiceRequest* request,
                                    pb::InvoiceResponse* response) override;
  grpc::ServerUnaryReactor* ListInvoices(grpc::CallbackServerContext* context,
                                         const pb::ListInvoicesRequest* request,
                                         pb::ListInvoicesResponse* response) override;
  grpc::ServerUnaryReactor* GetInvoice(grpc::CallbackServerContext* context,
                                       const pb::GetInvoiceRequest* request,
                                       pb::GetInvoiceResponse* response) override;
  grpc::ServerUnaryReactor* FinalizeInvoice(grpc::CallbackServerContext* context,
                                            const pb::FinalizeInvoiceRequest* request,
                                            pb::FinalizeInvoiceResponse* response) override;
  grpc::ServerUnaryReactor* PayInvoice(grpc::CallbackServerContext* context,
                                       const pb::PayInvoiceRequest* request,
                                       pb::PayInvoiceResponse* response) override;
  grpc::ServerUnaryReactor* VoidInvoice(grpc::CallbackServerContext* context,
                                        const pb::VoidInvoiceRequest* request,
                                        pb::VoidInvoiceResponse* response) override;
  grpc::ServerUnaryReactor* ListInvoiceEvents(grpc::CallbackServerContext* context,
                                              const pb::ListInvoiceEventsRequest* request,
                                              pb::ListInvoiceEventsResponse* response) override;

 private:
  const ledger::Clock clock_;
  ledger::Billing billing_;
  Calls& calls_;
  ArenaMessages<pb::ListInvoicesRequest, pb::ListInvoicesResponse> pages_;
};

}  // namespace owo::rpc

#endif  // OWO_SERVICE_RPC_BILLING_SERVICE_H_
