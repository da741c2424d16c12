// The client of the billing service: the calls of the Owostack SDK, in C++.
//
//   owo::Owostack owo({.endpoint = "localhost:50051"});
//   absl::StatusOr<owo::BillingUsageResult> usage = owo.billing.usage({.customer = "user_123"});
//   if (!usage.ok()) return usage.status();
//   std::cout << usage->currency << " " << usage->total_estimated << "\n";
//
// A value: copies are cheap and share one connection and what track() has gathered. Safe to use
// from any number of threads. Every call but track() blocks until it is answered or its time is
// over, and is repeated by itself where that can help (RetryOptions). Failures are absl::Status;
// ErrorReason() in errors.h says why.
//
// Calls that change something carry an id by which the server knows a repetition. It is made here
// unless the parameters have one; give your own to repeat a call after a restart of your process.

#ifndef OWO_CLIENT_CPP_OWOSTACK_H_
#define OWO_CLIENT_CPP_OWOSTACK_H_

#include <memory>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "client/cpp/connection.h"
#include "client/cpp/errors.h"

namespace owo {

class TrackSender;

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

  // One invoice, by its id. INVOICE_NOT_FOUND.
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

  // CUSTOMER_EXISTS if the id is taken.
  absl::StatusOr<Customer> create(CreateCustomerParams params) const;
  // By id or email. CUSTOMER_NOT_FOUND, CUSTOMER_AMBIGUOUS.
  absl::StatusOr<Customer> get(const GetCustomerParams& params) const;
  // Changes the fields that are set, and no others. CUSTOMER_NOT_FOUND, CUSTOMER_EXISTS.
  absl::StatusOr<Customer> update(UpdateCustomerParams params) const;

  // All customers, by id.
  absl::StatusOr<std::vector<Customer>> list() const;

  // Puts a customer on a plan. A customer who is on it already stays on it; an end that was set is
  // taken back. SUBSCRIPTION_CONFLICT if another subscription is scheduled.
  absl::StatusOr<SubscribeResult> subscribe(SubscribeParams params) const;
  // Ends the subscription that is in force at the end, and cancels what is scheduled from then on.
  // SUBSCRIPTION_NOT_FOUND.
  absl::StatusOr<CancelSubscriptionResult> cancel_subscription(
      CancelSubscriptionParams params) const;
  // Takes back the end of the subscription in force. SUBSCRIPTION_NOT_FOUND if none is;
  // SUBSCRIPTION_CONFLICT if another one is scheduled.
  absl::StatusOr<Subscription> resume_subscription(ResumeSubscriptionParams params) const;

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

  // One plan, in its newest version or the one asked for. PLAN_NOT_FOUND.
  absl::StatusOr<Plan> plan(const PlanParams& params) const;

 private:
  std::shared_ptr<Connection> connection_;
};

class Owostack {
 public:
  explicit Owostack(const OwostackOptions& options);

  // Over a connection of your own: a mock, in tests.
  // Of the options those for track() count, the others are the connection's.
  // REQUIRES: `connection` is not null.
  explicit Owostack(std::shared_ptr<Connection> connection, const OwostackOptions& options = {});

  // Records a usage event soon, unless a limit forbids it. OK: the event is in the buffer, with an
  // id, its time, and a place in one of the next batches. It is sent until the server has counted
  // it, or options.track.on_failure learns why not. RESOURCE_EXHAUSTED: the buffer is full.
  absl::Status track(TrackParams event) const;

  // Sends at once what was tracked before, and waits until all of it was counted or reported.
  // DEADLINE_EXCEEDED: some of it is not yet; it goes on being sent.
  absl::Status flush(absl::Time deadline) const;

  // Records a usage event, unless a limit forbids it, and waits: the answer's `code` says what
  // became of it. For those who need to know; track() is for those who need to go on.
  absl::StatusOr<TrackResult> track_now(TrackParams event) const;

  // Records up to 1,000 events, each checked by itself. A failure of the call leaves open whether
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
  std::shared_ptr<TrackSender> sender_;  // with the last copy it goes, once all is settled
};

}  // namespace owo

#endif  // OWO_CLIENT_CPP_OWOSTACK_H_
