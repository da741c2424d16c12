// The Customers service of the API, over the ledger's Customers.

#ifndef OWO_SERVICE_RPC_CUSTOMERS_SERVICE_H_
#define OWO_SERVICE_RPC_CUSTOMERS_SERVICE_H_

#include "owo/billing/v1/customers.grpc.pb.h"
#include "service/ledger/customers.h"
#include "service/rpc/calls.h"

namespace owo::rpc {

// Thread-safe.
class CustomersService final : public pb::Customers::CallbackService {
 public:
  // Both outlive the service.
  CustomersService(ledger::Context& context, Calls& calls) : customers_(context), calls_(calls) {}

  grpc::ServerUnaryReactor* CreateCustomer(grpc::CallbackServerContext* context,
                                           const pb::CreateCustomerRequest* request,
                                           pb::CreateCustomerResponse* response) override;
  grpc::ServerUnaryReactor* GetCustomer(grpc::CallbackServerContext* context,
                                        const pb::GetCustomerRequest* request,
                                        pb::GetCustomerResponse* response) override;
  grpc::ServerUnaryReactor* UpdateCustomer(grpc::CallbackServerContext* context,
                                           const pb::UpdateCustomerRequest* request,
                                           pb::UpdateCustomerResponse* response) override;
  grpc::ServerUnaryReactor* ListCustomers(grpc::CallbackServerContext* context,
                                          const pb::ListCustomersRequest* request,
                                          pb::ListCustomersResponse* response) override;
  grpc::ServerUnaryReactor* Subscribe(grpc::CallbackServerContext* context,
                                      const pb::SubscribeRequest* request,
                                      pb::SubscribeResponse* response) override;
  grpc::ServerUnaryReactor* CancelSubscription(grpc::CallbackServerContext* context,
                                               const pb::CancelSubscriptionRequest* request,
                                               pb::CancelSubscriptionResponse* response) override;
  grpc::ServerUnaryReactor* ResumeSubscription(grpc::CallbackServerContext* context,
                                               const pb::ResumeSubscriptionRequest* request,
                                               pb::ResumeSubscriptionResponse* response) override;
  grpc::ServerUnaryReactor* ListSubscriptions(grpc::CallbackServerContext* context,
                                              const pb::ListSubscriptionsRequest* request,
                                              pb::ListSubscriptionsResponse* response) override;

 private:
  ledger::Customers customers_;
  Calls& calls_;
};

}  // namespace owo::rpc

#endif  // OWO_SERVICE_RPC_CUSTOMERS_SERVICE_H_
