// From requests to the ledger's values: what comes out is valid by construction. A malformed
// request is refused with every field that is wrong, its value and its bound.
//
//   absl::StatusOr<ledger::InvoiceOrder> order = Parse(request);

#ifndef OWO_SERVICE_RPC_PARSE_H_
#define OWO_SERVICE_RPC_PARSE_H_

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "owo/billing/v1/billing.pb.h"
#include "owo/billing/v1/catalog.pb.h"
#include "owo/billing/v1/customers.pb.h"
#include "owo/billing/v1/metering.pb.h"
#include "service/ledger/billing.h"
#include "service/ledger/catalog.h"
#include "service/ledger/customers.h"
#include "service/ledger/metering.h"

namespace owo::rpc {

namespace pb = ::owo::billing::v1;

// ---- Billing.

struct InvoiceRef {
  std::string id;  // 16 bytes
  ledger::RequestRef request;
};

struct VoidOrder {
  std::string invoice;  // 16 bytes
  std::string reason;
  ledger::RequestRef request;
};

absl::StatusOr<std::string> Parse(const pb::UsageRequest& request);  // the customer
absl::StatusOr<ledger::InvoiceOrder> Parse(const pb::InvoiceRequest& request);
absl::StatusOr<ledger::InvoiceQuery> Parse(const pb::ListInvoicesRequest& request);
absl::StatusOr<std::string> Parse(const pb::GetInvoiceRequest& request);  // 16 bytes
absl::StatusOr<InvoiceRef> Parse(const pb::FinalizeInvoiceRequest& request);
// A payment is refused when its time is after `now`.
absl::StatusOr<ledger::PaymentOrder> Parse(const pb::PayInvoiceRequest& request,
                                           storage::Micros now);
absl::StatusOr<VoidOrder> Parse(const pb::VoidInvoiceRequest& request);
absl::StatusOr<ledger::InvoiceEventsQuery> Parse(const pb::ListInvoiceEventsRequest& request);

// ---- Metering.

// A batch, of which each event is right or wrong by itself.
struct EventBatch {
  size_t size = 0;                                         // events in the request
  std::vector<ledger::UsageEvent> events;                  // the right ones, in order
  std::vector<std::pair<size_t, absl::Status>> malformed;  // the others, in order
};

struct CheckOrder {
  ledger::UsageEvent event;
  bool track = false;
};

absl::StatusOr<ledger::UsageEvent> Parse(const pb::TrackRequest& request);
// A TrackBatchRequest, as bytes.
absl::StatusOr<EventBatch> ParseBatch(std::string_view request);
absl::StatusOr<CheckOrder> Parse(const pb::CheckRequest& request);
absl::StatusOr<ledger::UsageQuery> Parse(const pb::ListUsageRequest& request);
absl::StatusOr<ledger::EventsQuery> Parse(const pb::ListEventsRequest& request);

// ---- Customers.

struct CustomerOrder {
  std::string customer;  // id or email; empty for one that is to be created
  ledger::CustomerFields fields;
  ledger::RequestRef request;
};

struct CustomersQuery {
  std::string after;  // an id; "": from the first
  size_t most = 0;
};

struct SubscriptionsQuery {
  std::string customer;
  std::string after;  // a subscription's id; "": from the newest
  size_t most = 0;
};

absl::StatusOr<CustomerOrder> Parse(const pb::CreateCustomerRequest& request);
absl::StatusOr<std::string> Parse(const pb::GetCustomerRequest& request);  // the customer
absl::StatusOr<CustomerOrder> Parse(const pb::UpdateCustomerRequest& request);
absl::StatusOr<CustomersQuery> Parse(const pb::ListCustomersRequest& request);
absl::StatusOr<ledger::SubscribeOrder> Parse(const pb::SubscribeRequest& request);
absl::StatusOr<ledger::CancelOrder> Parse(const pb::CancelSubscriptionRequest& request);
absl::StatusOr<ledger::ResumeParams> Parse(const pb::ResumeSubscriptionRequest& request);
absl::StatusOr<SubscriptionsQuery> Parse(const pb::ListSubscriptionsRequest& request);

// ---- Catalog.

using ledger::SlugsQuery;

struct PlanQuery {
  std::string plan;
  std::optional<uint32_t> version;  // absent: the newest
};

absl::StatusOr<ledger::CatalogSpec> Parse(const pb::SyncCatalogRequest& request);
absl::StatusOr<SlugsQuery> Parse(const pb::ListFeaturesRequest& request);
absl::StatusOr<SlugsQuery> Parse(const pb::ListPlansRequest& request);
absl::StatusOr<PlanQuery> Parse(const pb::GetPlanRequest& request);

}  // namespace owo::rpc

#endif  // OWO_SERVICE_RPC_PARSE_H_
