#include "service/rpc/customers_service.h"

#include <utility>

#include "owo/billing/v1/customers.pb.h"

namespace owo::rpc {
namespace {

absl::StatusOr<CustomersPage> PageOf(ledger::Customers& customers, const storage::ReadOptions& read,
                                     const CustomersQuery& query) {
  // One more than the page has tells whether there is a next one.
  auto found = customers.List(read, kTenant, query.after, query.most + 1);
  if (!found.ok()) return found.status();
  return CustomersPage{*std::move(found), query.most};
}

absl::StatusOr<SubscriptionsPage> PageOf(ledger::Customers& customers,
                                         const storage::ReadOptions& read,
                                         const SubscriptionsQuery& query) {
  auto found = customers.Subscriptions(read, kTenant, query.customer);
  if (!found.ok()) return found.status();
  return SubscriptionsPage{*std::move(found), query};
}

}  // namespace

CustomersService::CustomersService(ledger::Context& context, Calls& calls, CallsInFlight& in_flight)
    : GrpcService(in_flight), customers_(context) {
  Serve("owo.billing.v1.Customers",
        {
            calls.Write<pb::CreateCustomerRequest, pb::CreateCustomerResponse>(
                "CreateCustomer",
                [this](CustomerOrder&& order, auto done) {
                  customers_.Create(kTenant, std::move(order.fields), std::move(order.request),
                                    std::move(done));
                }),
            calls.Read<pb::GetCustomerRequest, pb::GetCustomerResponse>(
                "GetCustomer",
                [this](const storage::ReadOptions& read, const std::string& customer) {
                  return customers_.Get(read, kTenant, customer);
                }),
            calls.Write<pb::UpdateCustomerRequest, pb::UpdateCustomerResponse>(
                "UpdateCustomer",
                [this](CustomerOrder&& order, auto done) {
                  customers_.Update(kTenant, std::move(order.customer), std::move(order.fields),
                                    std::move(order.request), std::move(done));
                }),
            calls.List<pb::ListCustomersRequest, pb::ListCustomersResponse>(
                "ListCustomers",
                [this](const storage::ReadOptions& read, const CustomersQuery& query) {
                  return PageOf(customers_, read, query);
                }),
            calls.Write<pb::SubscribeRequest, pb::SubscribeResponse>(
                "Subscribe",
                [this](ledger::SubscribeOrder&& order, auto done) {
                  customers_.Subscribe(kTenant, std::move(order), std::move(done));
                }),
            calls.Write<pb::CancelSubscriptionRequest, pb::CancelSubscriptionResponse>(
                "CancelSubscription",
                [this](ledger::CancelOrder&& order, auto done) {
                  customers_.Cancel(kTenant, std::move(order), std::move(done));
                }),
            calls.Write<pb::ResumeSubscriptionRequest, pb::ResumeSubscriptionResponse>(
                "ResumeSubscription",
                [this](ledger::ResumeParams&& params, auto done) {
                  customers_.Resume(kTenant, std::move(params), std::move(done));
                }),
            calls.List<pb::ListSubscriptionsRequest, pb::ListSubscriptionsResponse>(
                "ListSubscriptions",
                [this](const storage::ReadOptions& read, const SubscriptionsQuery& query) {
                  return PageOf(customers_, read, query);
                }),
        });
}

}  // namespace owo::rpc
