#include "service/rpc/customers/customers_service.h"

#include <utility>

#include "owo/billing/v1/customers.pb.h"
#include "service/rpc/customers/parse_customers.h"
#include "service/rpc/customers/render_customers.h"

namespace owo::rpc {

CustomersService::CustomersService(ledger::Context& context, Calls& calls, CallsInFlight& in_flight)
    : GrpcService(in_flight), customers_(context) {
  Serve("owo.billing.v1.Customers",
        {
            calls.Write<pb::CreateCustomerRequest, pb::CreateCustomerResponse>(
                "CreateCustomer", ParseCreateCustomerRequest,
                [this](CustomerParams&& params, auto done) {
                  customers_.Create(kTenant, std::move(params.fields), std::move(params.request),
                                    std::move(done));
                },
                RenderCreateCustomerResponse),
            calls.Read<pb::GetCustomerRequest, pb::GetCustomerResponse>(
                "GetCustomer", ParseGetCustomerRequest,
                [this](const storage::ReadOptions& read, const std::string& customer) {
                  return customers_.Get(read, kTenant, customer);
                },
                RenderGetCustomerResponse),
            calls.Write<pb::UpdateCustomerRequest, pb::UpdateCustomerResponse>(
                "UpdateCustomer", ParseUpdateCustomerRequest,
                [this](CustomerParams&& params, auto done) {
                  customers_.Update(kTenant, std::move(params.customer), std::move(params.fields),
                                    std::move(params.request), std::move(done));
                },
                RenderUpdateCustomerResponse),
            calls.List<pb::ListCustomersRequest, pb::ListCustomersResponse>(
                "ListCustomers", ParseListCustomersRequest,
                [this](const storage::ReadOptions& read, const CustomersQuery& query) {
                  return customers_.List(read, kTenant, query.after, query.limit);
                },
                RenderListCustomersResponse),
            calls.Write<pb::SubscribeRequest, pb::SubscribeResponse>(
                "Subscribe", ParseSubscribeRequest,
                [this](ledger::SubscribeParams&& params, auto done) {
                  customers_.Subscribe(kTenant, std::move(params), std::move(done));
                },
                RenderSubscribeResponse),
            calls.Write<pb::CancelSubscriptionRequest, pb::CancelSubscriptionResponse>(
                "CancelSubscription", ParseCancelSubscriptionRequest,
                [this](ledger::CancelParams&& params, auto done) {
                  customers_.Cancel(kTenant, std::move(params), std::move(done));
                },
                RenderCancelSubscriptionResponse),
            calls.Write<pb::ResumeSubscriptionRequest, pb::ResumeSubscriptionResponse>(
                "ResumeSubscription", ParseResumeSubscriptionRequest,
                [this](ledger::ResumeParams&& params, auto done) {
                  customers_.Resume(kTenant, std::move(params), std::move(done));
                },
                RenderResumeSubscriptionResponse),
            calls.List<pb::ListSubscriptionsRequest, pb::ListSubscriptionsResponse>(
                "ListSubscriptions", ParseListSubscriptionsRequest,
                [this](const storage::ReadOptions& read, const ledger::SubscriptionsQuery& query) {
                  return customers_.Subscriptions(read, kTenant, query);
                },
                RenderListSubscriptionsResponse),
        });
}

}  // namespace owo::rpc
