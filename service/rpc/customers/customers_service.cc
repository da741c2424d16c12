#include "service/rpc/customers/customers_service.h"

#include <utility>

#include "owo/billing/v1/customers.pb.h"
#include "service/rpc/customers/parse_customers.h"
#include "service/rpc/customers/render_customers.h"

namespace owo::rpc {

CustomersService::CustomersService(ledger::LedgerParts& ledger, Calls& calls,
                                   const CallParts& parts)
    : GrpcService(parts), customers_(ledger) {
  Serve("owo.billing.v1.Customers",
        {
            calls.Write<pb::CreateCustomerRequest, pb::CreateCustomerResponse>(
                "CreateCustomer", ParseCreateCustomerRequest,
                [this](const CallContext& context, CustomerParams&& params, auto done) {
                  customers_.Create(context, std::move(params.fields), std::move(params.request),
                                    std::move(done));
                },
                RenderCreateCustomerResponse),
            calls.Read<pb::GetCustomerRequest, pb::GetCustomerResponse>(
                "GetCustomer", ParseGetCustomerRequest,
                [this](const CallContext& context, const storage::ReadOptions& read,
                       const std::string& customer) {
                  return customers_.Get(context, read, customer);
                },
                RenderGetCustomerResponse),
            calls.Write<pb::UpdateCustomerRequest, pb::UpdateCustomerResponse>(
                "UpdateCustomer", ParseUpdateCustomerRequest,
                [this](const CallContext& context, CustomerParams&& params, auto done) {
                  customers_.Update(context, std::move(params.customer), std::move(params.fields),
                                    std::move(params.request), std::move(done));
                },
                RenderUpdateCustomerResponse),
            calls.List<pb::ListCustomersRequest, pb::ListCustomersResponse>(
                "ListCustomers", ParseListCustomersRequest,
                [this](const CallContext& context, const storage::ReadOptions& read,
                       const CustomersQuery& query) {
                  return customers_.List(context, read, query.after, query.limit);
                },
                RenderListCustomersResponse),
            calls.Write<pb::SubscribeRequest, pb::SubscribeResponse>(
                "Subscribe", ParseSubscribeRequest,
                [this](const CallContext& context, ledger::SubscribeParams&& params, auto done) {
                  customers_.Subscribe(context, std::move(params), std::move(done));
                },
                RenderSubscribeResponse),
            calls.Write<pb::CancelSubscriptionRequest, pb::CancelSubscriptionResponse>(
                "CancelSubscription", ParseCancelSubscriptionRequest,
                [this](const CallContext& context, ledger::CancelParams&& params, auto done) {
                  customers_.Cancel(context, std::move(params), std::move(done));
                },
                RenderCancelSubscriptionResponse),
            calls.Write<pb::ResumeSubscriptionRequest, pb::ResumeSubscriptionResponse>(
                "ResumeSubscription", ParseResumeSubscriptionRequest,
                [this](const CallContext& context, ledger::ResumeParams&& params, auto done) {
                  customers_.Resume(context, std::move(params), std::move(done));
                },
                RenderResumeSubscriptionResponse),
            calls.List<pb::ListSubscriptionsRequest, pb::ListSubscriptionsResponse>(
                "ListSubscriptions", ParseListSubscriptionsRequest,
                [this](const CallContext& context, const storage::ReadOptions& read,
                       const ledger::SubscriptionsQuery& query) {
                  return customers_.Subscriptions(context, read, query);
                },
                RenderListSubscriptionsResponse),
        });
}

}  // namespace owo::rpc
