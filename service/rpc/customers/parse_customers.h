// Converts requests of the Customers service to values that are valid by construction. The error of
// a malformed request lists every wrong field, its value and its bound.
//
//   absl::StatusOr<CustomerParams> parsed = ParseCreateCustomerRequest(request);

#ifndef OWO_SERVICE_RPC_CUSTOMERS_PARSE_CUSTOMERS_H_
#define OWO_SERVICE_RPC_CUSTOMERS_PARSE_CUSTOMERS_H_

#include <cstddef>
#include <string>

#include "absl/status/statusor.h"
#include "owo/billing/v1/customers.pb.h"
#include "service/ledger/customers.h"

namespace owo::rpc {

namespace pb = ::owo::billing::v1;

struct CustomerParams {
  std::string customer;  // id or email; empty when creating
  ledger::CustomerFields fields;
  ledger::RequestRef request;
};

struct CustomersQuery {
  std::string after;  // an id; "": from the first customer
  size_t limit = 0;
};

absl::StatusOr<CustomerParams> ParseCreateCustomerRequest(const pb::CreateCustomerRequest& request);
absl::StatusOr<std::string> ParseGetCustomerRequest(
    const pb::GetCustomerRequest& request);  // the customer
absl::StatusOr<CustomerParams> ParseUpdateCustomerRequest(const pb::UpdateCustomerRequest& request);
absl::StatusOr<CustomersQuery> ParseListCustomersRequest(const ledger::CallContext& context,
                                                         const pb::ListCustomersRequest& request);
absl::StatusOr<ledger::SubscribeParams> ParseSubscribeRequest(const pb::SubscribeRequest& request);
absl::StatusOr<ledger::CancelParams> ParseCancelSubscriptionRequest(
    const pb::CancelSubscriptionRequest& request);
absl::StatusOr<ledger::ResumeParams> ParseResumeSubscriptionRequest(
    const pb::ResumeSubscriptionRequest& request);
absl::StatusOr<ledger::SubscriptionsQuery> ParseListSubscriptionsRequest(
    const ledger::CallContext& context, const pb::ListSubscriptionsRequest& request);

}  // namespace owo::rpc

#endif  // OWO_SERVICE_RPC_CUSTOMERS_PARSE_CUSTOMERS_H_
