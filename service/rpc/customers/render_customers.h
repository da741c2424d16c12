// Renders values of the ledger as answers of the Customers service. Fails only if stored data does
// not parse.

#ifndef OWO_SERVICE_RPC_CUSTOMERS_RENDER_CUSTOMERS_H_
#define OWO_SERVICE_RPC_CUSTOMERS_RENDER_CUSTOMERS_H_

#include "absl/status/status.h"
#include "owo/billing/v1/customers.pb.h"
#include "service/ledger/customers.h"
#include "service/rpc/page_token.h"

namespace owo::rpc {

namespace pb = ::owo::billing::v1;

void RenderCustomer(const storage::Customer& customer, pb::Customer& to);
void RenderSubscription(const ledger::SubscriptionView& view, pb::Subscription& to);

absl::Status RenderCreateCustomerResponse(const ledger::Answered<storage::Customer>& customer,
                                          pb::CreateCustomerResponse& to);
absl::Status RenderGetCustomerResponse(const storage::Customer& customer,
                                       pb::GetCustomerResponse& to);
absl::Status RenderUpdateCustomerResponse(const ledger::Answered<storage::Customer>& customer,
                                          pb::UpdateCustomerResponse& to);
absl::Status RenderSubscribeResponse(const ledger::Answered<ledger::ChangedSubscription>& changed,
                                     pb::SubscribeResponse& to);
absl::Status RenderCancelSubscriptionResponse(
    const ledger::Answered<ledger::ChangedSubscription>& changed,
    pb::CancelSubscriptionResponse& to);
absl::Status RenderResumeSubscriptionResponse(
    const ledger::Answered<ledger::ChangedSubscription>& changed,
    pb::ResumeSubscriptionResponse& to);

absl::Status RenderListCustomersResponse(const storage::CustomerList& page,
                                         const PageTokens& tokens, pb::ListCustomersResponse& to);
absl::Status RenderListSubscriptionsResponse(const ledger::SubscriptionsPage& page,
                                             const PageTokens& tokens,
                                             pb::ListSubscriptionsResponse& to);

}  // namespace owo::rpc

#endif  // OWO_SERVICE_RPC_CUSTOMERS_RENDER_CUSTOMERS_H_
