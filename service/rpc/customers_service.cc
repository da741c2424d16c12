#include "service/rpc/customers_service.h"

#include <utility>

namespace owo::rpc {

grpc::ServerUnaryReactor* CustomersService::CreateCustomer(grpc::CallbackServerContext* context,
                                                           const pb::CreateCustomerRequest* request,
                                                           pb::CreateCustomerResponse* response) {
  return calls_.Write(context, Parse(*request), response, [this](CustomerOrder&& order, auto done) {
    customers_.Create(kTenant, std::move(order.fields), std::move(order.request), std::move(done));
  });
}

grpc::ServerUnaryReactor* CustomersService::GetCustomer(grpc::CallbackServerContext* context,
                                                        const pb::GetCustomerRequest* request,
                                                        pb::GetCustomerResponse* response) {
  return calls_.Read(context, Parse(*request), response,
                     [this](const storage::ReadOptions& read, const std::string& customer) {
                       return customers_.Get(read, kTenant, customer);
                     });
}

grpc::ServerUnaryReactor* CustomersService::UpdateCustomer(grpc::CallbackServerContext* context,
                                                           const pb::UpdateCustomerRequest* request,
                                                           pb::UpdateCustomerResponse* response) {
  return calls_.Write(context, Parse(*request), response, [this](CustomerOrder&& order, auto done) {
    customers_.Update(kTenant, std::move(order.customer), std::move(order.fields),
                      std::move(order.request), std::move(done));
  });
}

grpc::ServerUnaryReactor* CustomersService::ListCustomers(grpc::CallbackServerContext* context,
                                                          const pb::ListCustomersRequest* request,
                                                          pb::ListCustomersResponse* response) {
  return calls_.List(context, request, response,
                     [this](const storage::ReadOptions& read,
                            const CustomersQuery& query) -> absl::StatusOr<CustomersPage> {
                       // One more than the page has tells whether there is a next one.
                       auto customers = customers_.List(read, kTenant, query.after, query.most + 1);
                       if (!customers.ok()) return customers.status();
                       return CustomersPage{*std::move(customers), query.most};
                     });
}

grpc::ServerUnaryReactor* CustomersService::Subscribe(grpc::CallbackServerContext* context,
                                                      const pb::SubscribeRequest* request,
                                                      pb::SubscribeResponse* response) {
  return calls_.Write(context, Parse(*request), response,
                      [this](ledger::SubscribeOrder&& order, auto done) {
                        customers_.Subscribe(kTenant, std::move(order), std::move(done));
                      });
}

grpc::ServerUnaryReactor* CustomersService::CancelSubscription(
    grpc::CallbackServerContext* context, const pb::CancelSubscriptionRequest* request,
    pb::CancelSubscriptionResponse* response) {
  return calls_.Write(context, Parse(*request), response,
                      [this](ledger::CancelOrder&& order, auto done) {
                        customers_.Cancel(kTenant, std::move(order), std::move(done));
                      });
}

grpc::ServerUnaryReactor* CustomersService::ResumeSubscription(
    grpc::CallbackServerContext* context, const pb::ResumeSubscriptionRequest* request,
    pb::ResumeSubscriptionResponse* response) {
  return calls_.Write(context, Parse(*request), response,
                      [this](ledger::ResumeParams&& params, auto done) {
                        customers_.Resume(kTenant, std::move(params), std::move(done));
                      });
}

grpc::ServerUnaryReactor* CustomersService::ListSubscriptions(
    grpc::CallbackServerContext* context, const pb::ListSubscriptionsRequest* request,
    pb::ListSubscriptionsResponse* response) {
  return calls_.List(context, request, response,
                     [this](const storage::ReadOptions& read,
                            const SubscriptionsQuery& query) -> absl::StatusOr<SubscriptionsPage> {
                       auto subscriptions = customers_.Subscriptions(read, kTenant, query.customer);
                       if (!subscriptions.ok()) return subscriptions.status();
                       return SubscriptionsPage{*std::move(subscriptions), query};
                     });
}

}  // namespace owo::rpc
