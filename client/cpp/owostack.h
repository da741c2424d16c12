// The client of the billing service: the calls of the Owostack SDK, in C++.
//
//   owo::Owostack owo({.endpoint = "localhost:50051"});
//   absl::StatusOr<owo::BillingUsageResult> usage = owo.billing.usage({.customer = "user_123"});
//   if (!usage.ok()) return usage.status();
//   std::cout << usage->currency << " " << usage->total_estimated << "\n";
//
// A value: copies are cheap and share one connection. Safe to use from any number of threads. Every
// call blocks until it is answered or its time is over, and is repeated by itself where that can
// help (RetryOptions). Failures are absl::Status; ErrorReason() in errors.h says why.
//
// Calls that change something carry an id by which the server knows a repetition. It is made here
// unless the parameters have one; give your own to repeat a call after a restart of your process.

#ifndef OWO_CLIENT_CPP_OWOSTACK_H_
#define OWO_CLIENT_CPP_OWOSTACK_H_

#include <memory>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "client/cpp/connection.h"
#include "client/cpp/errors.h"

namespace owo {

class BillingApi {
 public:
  explicit BillingApi(std::shared_ptr<Connection> connection)
      : connection_(std::move(connection)) {}

  // All billable usage that no invoice covers yet, and what it costs.
  absl::StatusOr<BillingUsageResult> usage(const UsageParams& params) const;

  // Makes an invoice of all unbilled usage. NO_UNBILLED_USAGE if there is none.
  absl::StatusOr<InvoiceResult> invoice(InvoiceParams params) const;

  // All invoices, newest first.
  absl::StatusOr<InvoicesResult> invoices(const InvoicesParams& params) const;

  absl::StatusOr<Invoice> get_invoice(const GetInvoiceParams& params) const;

  // Opens a draft and gives it its number.
  absl::StatusOr<Invoice> finalize_invoice(FinalizeInvoiceParams params) const;

  // Records that an open invoice was paid in full.
  absl::StatusOr<Invoice> pay_invoice(PayInvoiceParams params) const;

  // Cancels a draft or open invoice; its usage is unbilled again.
  absl::StatusOr<Invoice> void_invoice(VoidInvoiceParams params) const;

  // All events behind an invoice or one of its lines, in the order in which they were recorded:
  // their quantities add up to the line's `usage`.
  absl::StatusOr<std::vector<RecordedEvent>> invoice_events(
      const InvoiceEventsParams& params) const;

 private:
  std::shared_ptr<Connection> connection_;
};

class CustomersApi {
 public:
  explicit CustomersApi(std::shared_ptr<Connection> connection)
      : connection_(std::move(connection)) {}

  absl::StatusOr<Customer> create(CreateCustomerParams params) const;
  absl::StatusOr<Customer> get(const GetCustomerParams& params) const;
  absl::StatusOr<Customer> update(UpdateCustomerParams params) const;

  // All customers, by id.
  absl::StatusOr<std::vector<Customer>> list() const;

  // Puts a customer on a plan. One that is on it already stays as it is.
  absl::StatusOr<Subscription> subscribe(SubscribeParams params) const;
  absl::StatusOr<Subscription> cancel_subscription(CancelSubscriptionParams params) const;

  // All subscriptions of a customer, newest start first.
  absl::StatusOr<std::vector<Subscription>> list_subscriptions(
      const ListSubscriptionsParams& params) const;

 private:
  std::shared_ptr<Connection> connection_;
};

class CatalogApi {
 public:
  explicit CatalogApi(std::shared_ptr<Connection> connection)
      : connection_(std::move(connection)) {}

  // Makes the catalog contain the given features and plans, all or nothing.
  absl::StatusOr<CatalogSyncResult> sync(CatalogSyncParams params) const;

  // All features, and the newest version of all plans, by slug.
  absl::StatusOr<std::vector<Feature>> features(const FeaturesParams& params = {}) const;
  absl::StatusOr<std::vector<Plan>> plans(const PlansParams& params = {}) const;

  absl::StatusOr<Plan> plan(const PlanParams& params) const;

 private:
  std::shared_ptr<Connection> connection_;
};

class Owostack {
 public:
  explicit Owostack(const OwostackOptions& options);

  // Over a connection of your own: a mock, in tests.
  // REQUIRES: `connection` is not null.
  explicit Owostack(std::shared_ptr<Connection> connection);

  // Records a usage event, unless a limit forbids it: the answer's `code` says what became of it.
  absl::StatusOr<TrackResult> track(TrackParams params) const;

  // Records up to 1,000 events, each judged by itself. A failure of the call leaves open whether
  // they were recorded; repeated with ids of your own, they are recorded once.
  absl::StatusOr<TrackBatchResult> track_batch(TrackBatchParams params) const;

  // Whether a quantity is allowed; with `track` also records it, in the same atomic step.
  absl::StatusOr<CheckResult> check(CheckParams params) const;

  // A customer's usage in every period: used, included, invoiced, unbilled.
  absl::StatusOr<std::vector<UsagePeriod>> usage_history(const UsageHistoryParams& params) const;

  // All of a customer's events in an interval, each with the invoice that covers it. They are
  // gathered in memory: where there are many, ask for a part of the time.
  absl::StatusOr<std::vector<RecordedEvent>> events(const EventsParams& params) const;

  BillingApi billing;
  CustomersApi customers;
  CatalogApi catalog;

 private:
  std::shared_ptr<Connection> connection_;
};

}  // namespace owo

#endif  // OWO_CLIENT_CPP_OWOSTACK_H_
