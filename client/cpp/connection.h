// Connection: the interface between the public API of the client and its transport. It has one
// function for each operation of the service.
//
//   std::shared_ptr<owo::Connection> connection =
//       owo::MakeConnection({.endpoint = "billing:50051"});
//   owo::Owostack owo(connection);
//
// Tests replace it with owo::MockConnection. Implementations are thread-safe, retry where a retry
// is safe and useful, and return complete lists. They send event and request ids as given: Owostack
// creates the ids.

#ifndef OWO_CLIENT_CPP_CONNECTION_H_
#define OWO_CLIENT_CPP_CONNECTION_H_

#include <functional>
#include <memory>
#include <vector>

#include "absl/status/statusor.h"
#include "client/cpp/billing.h"
#include "client/cpp/catalog.h"
#include "client/cpp/customers.h"
#include "client/cpp/events.h"
#include "client/cpp/metering.h"
#include "client/cpp/options.h"

namespace owo {

class Connection {
 public:
  virtual ~Connection() = default;

  virtual absl::StatusOr<BillingUsageResult> Usage(const UsageParams& params) = 0;
  virtual absl::StatusOr<InvoiceResult> CreateInvoice(const InvoiceParams& params) = 0;
  virtual absl::StatusOr<InvoicesResult> ListInvoices(const InvoicesParams& params) = 0;
  virtual absl::StatusOr<Invoice> GetInvoice(const GetInvoiceParams& params) = 0;
  virtual absl::StatusOr<Invoice> FinalizeInvoice(const FinalizeInvoiceParams& params) = 0;
  virtual absl::StatusOr<Invoice> PayInvoice(const PayInvoiceParams& params) = 0;
  virtual absl::StatusOr<Invoice> VoidInvoice(const VoidInvoiceParams& params) = 0;
  virtual absl::StatusOr<std::vector<RecordedEvent>> ListInvoiceEvents(
      const InvoiceEventsParams& params) = 0;

  virtual absl::StatusOr<TrackResult> Track(const TrackParams& params) = 0;
  virtual absl::StatusOr<TrackBatchResult> TrackBatch(const TrackBatchParams& params) = 0;

  // Starts one attempt and calls `done` exactly once, on any thread, possibly before this function
  // returns. Unlike all other functions it does not retry: track() does, because it must also
  // schedule other batches.
  virtual void StartTrackBatch(const TrackBatchParams& params,
                               std::function<void(absl::StatusOr<TrackBatchResult>)> done) = 0;

  virtual absl::StatusOr<CheckResult> Check(const CheckParams& params) = 0;
  virtual absl::StatusOr<std::vector<UsagePeriod>> ListUsage(const UsageHistoryParams& params) = 0;
  virtual absl::StatusOr<std::vector<RecordedEvent>> ListEvents(const EventsParams& params) = 0;

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

  virtual absl::StatusOr<CatalogSyncResult> SyncCatalog(const CatalogSyncParams& params) = 0;
  virtual absl::StatusOr<std::vector<Feature>> ListFeatures(const FeaturesParams& params) = 0;
  virtual absl::StatusOr<std::vector<Plan>> ListPlans(const PlansParams& params) = 0;
  virtual absl::StatusOr<Plan> GetPlan(const PlanParams& params) = 0;
};

// Returns a connection over gRPC. It connects on first use, and reconnects automatically.
std::shared_ptr<Connection> MakeConnection(const OwostackOptions& options);

}  // namespace owo

#endif  // OWO_CLIENT_CPP_CONNECTION_H_
