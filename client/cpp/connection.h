// Connection: the interface between the public API of the client and its transport. It has one
// function for each operation of the service.
//
//   std::shared_ptr<owo::Connection> connection =
//       owo::MakeConnection({.endpoint = "billing:50051"});
//   owo::Owostack owo(connection);
//
// Tests replace it with owo::MockConnection. An implementation must
//   - be thread-safe,
//   - block until the call is answered or has failed for good, retries included,
//   - return complete lists, not pages,
//   - send event and request ids as given, on every attempt: Owostack creates the ids,
//   - report failures as MakeError() in errors.h makes them.
// owostack.h states what each function does and its errors, under the SDK's name of the function.

#ifndef OWO_CLIENT_CPP_CONNECTION_H_
#define OWO_CLIENT_CPP_CONNECTION_H_

#include <functional>
#include <memory>
#include <vector>

#include "absl/status/statusor.h"
#include "client/cpp/admin.h"
#include "client/cpp/billing.h"
#include "client/cpp/catalog.h"
#include "client/cpp/customers.h"
#include "client/cpp/events.h"
#include "client/cpp/metering.h"
#include "client/cpp/options.h"

namespace owo {

class Connection {
 public:
  // Called on any thread, when the last Owostack that uses the connection is gone. Only calls of
  // StartTrackBatch() may still be in flight.
  virtual ~Connection() = default;

  // The calls of BillingApi. Amounts of money are in minor units of the customer's currency.
  virtual absl::StatusOr<BillingUsageResult> Usage(const UsageParams& params) = 0;
  virtual absl::StatusOr<InvoiceResult> CreateInvoice(const InvoiceParams& params) = 0;
  virtual absl::StatusOr<InvoicesResult> ListInvoices(const InvoicesParams& params) = 0;
  virtual absl::StatusOr<Invoice> GetInvoice(const GetInvoiceParams& params) = 0;
  virtual absl::StatusOr<Invoice> FinalizeInvoice(const FinalizeInvoiceParams& params) = 0;
  virtual absl::StatusOr<Invoice> PayInvoice(const PayInvoiceParams& params) = 0;
  virtual absl::StatusOr<Invoice> VoidInvoice(const VoidInvoiceParams& params) = 0;
  virtual absl::StatusOr<std::vector<RecordedEvent>> ListInvoiceEvents(
      const InvoiceEventsParams& params) = 0;

  // The calls of Owostack itself. Quantities are decimal strings.
  virtual absl::StatusOr<TrackResult> Track(const TrackParams& params) = 0;
  virtual absl::StatusOr<TrackBatchResult> TrackBatch(const TrackBatchParams& params) = 0;

  // Starts one attempt and calls `done` exactly once, on any thread, possibly before this function
  // returns. Unlike all other functions it neither blocks nor retries: track() retries, because it
  // must also schedule other batches. `params` is valid until the function returns. `done` may be
  // called after the Owostack was destroyed. On success the result has one code for each event, in
  // their order; after UNAVAILABLE, ABORTED, DEADLINE_EXCEEDED, or RESOURCE_EXHAUSTED with a delay,
  // track() sends the events again.
  virtual void StartTrackBatch(const TrackBatchParams& params,
                               std::function<void(absl::StatusOr<TrackBatchResult>)> done) = 0;

  virtual absl::StatusOr<CheckResult> Check(const CheckParams& params) = 0;
  virtual absl::StatusOr<std::vector<UsagePeriod>> ListUsage(const UsageHistoryParams& params) = 0;
  virtual absl::StatusOr<std::vector<RecordedEvent>> ListEvents(const EventsParams& params) = 0;

  // The calls of CustomersApi. They do not return `replayed`: a repetition returns the customer or
  // subscription as it is now.
  virtual absl::StatusOr<Customer> CreateCustomer(const CreateCustomerParams& params) = 0;
  virtual absl::StatusOr<Customer> GetCustomer(const GetCustomerParams& params) = 0;
  virtual absl::StatusOr<Customer> UpdateCustomer(const UpdateCustomerParams& params) = 0;
  virtual absl::StatusOr<std::vector<Customer>> ListCustomers() = 0;
  virtual absl::StatusOr<SubscribeResult> Subscribe(const SubscribeParams& params) = 0;
  virtual absl::StatusOr<CancelSubscriptionResult> CancelSubscription(
      const CancelSubscriptionParams& params) = 0;
  virtual absl::StatusOr<Subscription> ResumeSubscription(
      const ResumeSubscriptionParams& params) = 0;
  virtual absl::StatusOr<std::vector<Subscription>> ListSubscriptions(
      const ListSubscriptionsParams& params) = 0;

  // The calls of CatalogApi.
  virtual absl::StatusOr<CatalogSyncResult> SyncCatalog(const CatalogSyncParams& params) = 0;
  virtual absl::StatusOr<std::vector<Feature>> ListFeatures(const FeaturesParams& params) = 0;
  virtual absl::StatusOr<std::vector<Plan>> ListPlans(const PlansParams& params) = 0;
  virtual absl::StatusOr<Plan> GetPlan(const PlanParams& params) = 0;

  // The calls of AdminApi. Those about tenants do not return `replayed`: a repetition returns the
  // tenant as it is now.
  virtual absl::StatusOr<Tenant> CreateTenant(const CreateTenantParams& params) = 0;
  virtual absl::StatusOr<Tenant> GetTenant(const GetTenantParams& params) = 0;
  virtual absl::StatusOr<Tenant> UpdateTenant(const UpdateTenantParams& params) = 0;
  virtual absl::StatusOr<std::vector<Tenant>> ListTenants() = 0;
  virtual absl::StatusOr<Tenant> SuspendTenant(const SuspendTenantParams& params) = 0;
  virtual absl::StatusOr<Tenant> ResumeTenant(const ResumeTenantParams& params) = 0;
  virtual absl::StatusOr<NewApiKey> CreateApiKey(const CreateApiKeyParams& params) = 0;
  virtual absl::StatusOr<std::vector<ApiKey>> ListApiKeys(const ListApiKeysParams& params) = 0;
  virtual absl::StatusOr<ApiKey> RevokeApiKey(const RevokeApiKeyParams& params) = 0;
  virtual absl::StatusOr<NewApiKey> RotateApiKey(const RotateApiKeyParams& params) = 0;
};

// Returns a connection over gRPC, never null. It connects on first use, and reconnects
// automatically. Of `options` it uses all but `track`. Its destructor cancels the calls of
// StartTrackBatch() that are in flight, and waits until each `done` has returned. Thread-safe.
std::shared_ptr<Connection> MakeConnection(const OwostackOptions& options);

}  // namespace owo

#endif  // OWO_CLIENT_CPP_CONNECTION_H_
