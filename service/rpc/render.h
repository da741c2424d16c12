// From the ledger's values to answers. Fails only where what is stored does not parse.
//
//   absl::Status status = Render(*invoice, response);

#ifndef OWO_SERVICE_RPC_RENDER_H_
#define OWO_SERVICE_RPC_RENDER_H_

#include <google/protobuf/timestamp.pb.h>

#include <memory>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "owo/billing/v1/billing.pb.h"
#include "owo/billing/v1/catalog.pb.h"
#include "owo/billing/v1/customers.pb.h"
#include "owo/billing/v1/metering.pb.h"
#include "service/ledger/billing.h"
#include "service/ledger/catalog.h"
#include "service/ledger/customers.h"
#include "service/ledger/metering.h"
#include "service/rpc/page_token.h"
#include "service/rpc/parse.h"

namespace owo::rpc {

// ---- Values that several answers have.

// What a Timestamp is made of.
struct SecondsAndNanos {
  int64_t seconds = 0;
  int32_t nanos = 0;
};
SecondsAndNanos ToSeconds(storage::Micros time);
google::protobuf::Timestamp ToTimestamp(storage::Micros time);
pb::Interval ToProto(rating::Interval interval);
pb::RatingModel ToProto(rating::RatingModel model);
pb::UsageModel ToProto(ledger::UsageModel model);
pb::Period ToProto(const ledger::PeriodView& period);
void Render(const storage::Customer& customer, pb::Customer& to);
void Render(const ledger::SubscriptionView& view, pb::Subscription& to);
void Render(const ledger::PlanView& plan, pb::Plan& to);

// ---- Billing.

absl::Status Render(const ledger::UsageAnswer& usage, pb::UsageResponse& to);
// What has invoices can then be serialized, but does not show them otherwise.
absl::Status Render(const ledger::Answered<ledger::InvoiceView>& invoice, pb::InvoiceResponse& to);
absl::Status Render(const ledger::InvoiceView& invoice, pb::GetInvoiceResponse& to);
absl::Status Render(const ledger::Answered<ledger::InvoiceView>& invoice,
                    pb::FinalizeInvoiceResponse& to);
absl::Status Render(const ledger::Answered<ledger::InvoiceView>& invoice,
                    pb::PayInvoiceResponse& to);
absl::Status Render(const ledger::Answered<ledger::InvoiceView>& invoice,
                    pb::VoidInvoiceResponse& to);
absl::Status Render(const ledger::InvoicePage& page, const PageTokens& tokens,
                    pb::ListInvoicesResponse& to);
absl::Status Render(const ledger::InvoiceEventPage& page, const PageTokens& tokens,
                    pb::ListInvoiceEventsResponse& to);

// ---- Metering.

// A rejected event is the call's error.
absl::Status Render(const ledger::TrackResult& result, pb::TrackResponse& to);
absl::Status Render(const ledger::TrackResult& result, pb::CheckResponse& to);
// `results`: of batch.events.
void Render(const EventBatch& batch, const std::vector<ledger::TrackResult>& results,
            pb::TrackBatchResponse& to);
absl::Status Render(const ledger::UsagePage& page, const PageTokens& tokens,
                    pb::ListUsageResponse& to);
absl::Status Render(const ledger::CustomerEventPage& page, const PageTokens& tokens,
                    pb::ListEventsResponse& to);

// ---- Customers.

absl::Status Render(const ledger::Answered<storage::Customer>& customer,
                    pb::CreateCustomerResponse& to);
absl::Status Render(const storage::Customer& customer, pb::GetCustomerResponse& to);
absl::Status Render(const ledger::Answered<storage::Customer>& customer,
                    pb::UpdateCustomerResponse& to);
absl::Status Render(const ledger::Answered<ledger::ChangedSubscription>& changed,
                    pb::SubscribeResponse& to);
absl::Status Render(const ledger::Answered<ledger::ChangedSubscription>& changed,
                    pb::CancelSubscriptionResponse& to);
absl::Status Render(const ledger::Answered<ledger::ChangedSubscription>& changed,
                    pb::ResumeSubscriptionResponse& to);

// A list that was read in one piece, or with one item more than the page has.
struct CustomersPage {
  std::vector<storage::Customer> customers;
  size_t most = 0;
};
struct SubscriptionsPage {
  std::vector<ledger::SubscriptionView> subscriptions;
  SubscriptionsQuery query;
};
absl::Status Render(const CustomersPage& page, const PageTokens& tokens,
                    pb::ListCustomersResponse& to);
absl::Status Render(const SubscriptionsPage& page, const PageTokens& tokens,
                    pb::ListSubscriptionsResponse& to);

// ---- Catalog.

absl::Status Render(const ledger::Answered<std::vector<ledger::CatalogChange>>& changes,
                    pb::SyncCatalogResponse& to);

struct FeaturesPage {
  ledger::Catalog::Ptr catalog;
  SlugsQuery query;
};
absl::Status Render(const FeaturesPage& page, const PageTokens& tokens,
                    pb::ListFeaturesResponse& to);
absl::Status Render(const ledger::PlansPage& page, const PageTokens& tokens,
                    pb::ListPlansResponse& to);
absl::Status Render(const ledger::PlanView& plan, pb::GetPlanResponse& to);

}  // namespace owo::rpc

#endif  // OWO_SERVICE_RPC_RENDER_H_
