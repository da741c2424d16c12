// The client of the billing service: the calls of the Owostack SDK, in C++.
//
//   owo::Owostack owo({.endpoint = "localhost:50051"});
//   absl::StatusOr<owo::BillingUsageResult> usage = owo.billing.usage({.customer = "user_123"});
//   if (!usage.ok()) return usage.status();
//   std::cout << usage->currency << " " << usage->total_estimated << "\n";
//
// Owostack is a value type: copies are cheap, and share one connection and the buffer of track().
// Thread-safe. Every call except track() blocks until it is answered or its timeout expires, and
// retries transient failures (RetryOptions). Failures are absl::Status; ErrorReason() in errors.h
// returns the reason.
//
// Calls that change something carry an id by which the server recognizes a repetition. The client
// makes the id unless the parameters contain one. Set your own id to be able to repeat a call after
// a restart of your process.

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

  // Returns all billable usage that no invoice covers yet, and what it costs.
  absl::StatusOr<BillingUsageResult> usage(const UsageParams& params) const;

  // Creates an invoice for all unbilled usage. NO_UNBILLED_USAGE if there is none, CREDIT_BALANCE
  // if it comes to 0 or less.
  absl::StatusOr<InvoiceResult> invoice(InvoiceParams params) const;

  // Returns all matching invoices, newest first.
  absl::StatusOr<InvoicesResult> invoices(const InvoicesParams& params) const;

  // Returns one invoice. INVOICE_NOT_FOUND if no invoice has the id.
  absl::StatusOr<Invoice> get_invoice(const GetInvoiceParams& params) const;

  // Finalizes a draft: opens it and assigns its number. INVOICE_NOT_FOUND, INVOICE_STATUS_CONFLICT.
  absl::StatusOr<Invoice> finalize_invoice(FinalizeInvoiceParams params) const;

  // Records that an open invoice was paid in full. INVOICE_NOT_FOUND, INVOICE_STATUS_CONFLICT.
  absl::StatusOr<Invoice> pay_invoice(PayInvoiceParams params) const;

  // Voids a draft or open invoice; its usage is unbilled again. INVOICE_NOT_FOUND,
  // INVOICE_STATUS_CONFLICT.
  absl::StatusOr<Invoice> void_invoice(VoidInvoiceParams params) const;

  // Returns all events that an invoice, or one of its lines, bills: line by line, those of a line
  // in the order in which they were recorded. The quantities of a line's events add up to its
  // `usage`. INVOICE_NOT_FOUND, LINE_NOT_FOUND, EVENTS_EXPIRED.
  absl::StatusOr<std::vector<RecordedEvent>> invoice_events(
      const InvoiceEventsParams& params) const;

 private:
  std::shared_ptr<Connection> connection_;
};

class CustomersApi {
 public:
  explicit CustomersApi(std::shared_ptr<Connection> connection)
      : connection_(std::move(connection)) {}

  // Creates a customer. CUSTOMER_EXISTS if the id is taken or is another customer's email, or if
  // the email is another customer's id.
  absl::StatusOr<Customer> create(CreateCustomerParams params) const;
  // Returns a customer by id or email. CUSTOMER_NOT_FOUND, CUSTOMER_AMBIGUOUS.
  absl::StatusOr<Customer> get(const GetCustomerParams& params) const;
  // Changes only the fields that are set. CUSTOMER_NOT_FOUND, CUSTOMER_AMBIGUOUS, CUSTOMER_EXISTS.
  absl::StatusOr<Customer> update(UpdateCustomerParams params) const;

  // Returns all customers, in order of id.
  absl::StatusOr<std::vector<Customer>> list() const;

  // Subscribes a customer to a plan. If the customer is already on the plan, the subscription
  // continues, and an end that was set is removed. SUBSCRIPTION_CONFLICT if another subscription is
  // scheduled.
  absl::StatusOr<SubscribeResult> subscribe(SubscribeParams params) const;
  // Ends the subscription that is in force at the requested end, and cancels subscriptions that are
  // scheduled to start then or later. SUBSCRIPTION_NOT_FOUND.
  absl::StatusOr<CancelSubscriptionResult> cancel_subscription(
      CancelSubscriptionParams params) const;
  // Removes the end of the subscription in force. SUBSCRIPTION_NOT_FOUND if none is in force;
  // SUBSCRIPTION_CONFLICT if another subscription is scheduled.
  absl::StatusOr<Subscription> resume_subscription(ResumeSubscriptionParams params) const;

  // Returns all subscriptions of a customer, newest start first.
  absl::StatusOr<std::vector<Subscription>> list_subscriptions(
      const ListSubscriptionsParams& params) const;

 private:
  std::shared_ptr<Connection> connection_;
};

class CatalogApi {
 public:
  explicit CatalogApi(std::shared_ptr<Connection> connection)
      : connection_(std::move(connection)) {}

  // Creates or updates the given features and plans, all or nothing.
  absl::StatusOr<CatalogSyncResult> sync(CatalogSyncParams params) const;

  // Return all features, and the newest version of every plan, in order of slug.
  absl::StatusOr<std::vector<Feature>> features(const FeaturesParams& params = {}) const;
  absl::StatusOr<std::vector<Plan>> plans(const PlansParams& params = {}) const;

  // Returns one plan, in the requested version or its newest one. PLAN_NOT_FOUND.
  absl::StatusOr<Plan> plan(const PlanParams& params) const;

 private:
  std::shared_ptr<Connection> connection_;
};

class Owostack {
 public:
  explicit Owostack(const OwostackOptions& options);

  // Uses a given connection, for example a mock in tests. Of `options` only `track`, and the pauses
  // of `retry`, apply; the connection has its own options.
  // REQUIRES: `connection` is not null.
  explicit Owostack(std::shared_ptr<Connection> connection, const OwostackOptions& options = {});

  // Buffers a usage event to be recorded soon, unless a limit forbids it. OK: the event is in the
  // buffer with an id and a time, and will be sent with one of the next batches. It is retried
  // until the server has counted it, or options.track.on_failure is called with the reason why not.
  // RESOURCE_EXHAUSTED: the buffer is full. INVALID_ARGUMENT: a text is not UTF-8.
  absl::Status track(TrackParams event) const;

  // Sends all events that were tracked before this call immediately, and waits until each was
  // counted or reported. DEADLINE_EXCEEDED: some are not settled yet; they continue to be sent.
  absl::Status flush(absl::Time deadline) const;

  // Records a usage event, unless a limit forbids it, and waits for the answer; its `code` is the
  // outcome. Use it when the outcome matters immediately, and track() when it does not.
  absl::StatusOr<TrackResult> track_now(TrackParams event) const;

  // Records up to 1,000 events, each checked separately. If the call fails, the events may or may
  // not be recorded; to repeat the call safely, set your own event ids.
  absl::StatusOr<TrackBatchResult> track_batch(TrackBatchParams params) const;

  // Checks whether a quantity is allowed. With `track` it also records the quantity, in the same
  // atomic step.
  absl::StatusOr<CheckResult> check(CheckParams params) const;

  // Returns a customer's usage in every period: used, included, invoiced and unbilled.
  absl::StatusOr<std::vector<UsagePeriod>> usage_history(const UsageHistoryParams& params) const;

  // Returns all of a customer's events in an interval, each with the invoice that covers it. The
  // whole list is held in memory: request a shorter interval if there are many events.
  absl::StatusOr<std::vector<RecordedEvent>> events(const EventsParams& params) const;

  BillingApi billing;
  CustomersApi customers;
  CatalogApi catalog;

 private:
  std::shared_ptr<Connection> connection_;
  // Shared by all copies. The last copy destroys it, which waits up to track.close_timeout until
  // all events are settled.
  std::shared_ptr<TrackSender> sender_;
};

}  // namespace owo

#endif  // OWO_CLIENT_CPP_OWOSTACK_H_
