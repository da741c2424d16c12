// The client of the billing service: the calls of the Owostack SDK, in C++.
//
//   owo::Owostack owo({.endpoint = "localhost:50051"});
//   absl::StatusOr<owo::BillingUsageResult> usage = owo.billing.usage({.customer = "user_123"});
//   if (!usage.ok()) return usage.status();
//   std::cout << usage->currency << " " << usage->total_estimated << "\n";
//
// Owostack is a value type: copies are cheap, and share one connection and the buffer of track().
// All functions are thread-safe. Do not use the client in a child process after fork().
//
// Every call except track() and flush() blocks until it is answered or
// OwostackOptions::call_timeout expires, and retries transient failures (RetryOptions). A function
// that returns a list reads all pages of it, each with its own timeout; if one page fails, the
// function fails. Calls of several threads overlap on one connection.
//
// Failures are absl::Status. The words in capitals below are reasons, which ErrorReason() in
// errors.h returns. Every call may fail with the following, in addition to those named at the
// function:
//   KEY_MISSING, KEY_MALFORMED, KEY_UNKNOWN, KEY_REVOKED, KEY_EXPIRED
//                      the server requires a key, and OwostackOptions::secret_key is not a valid
//                      one
//   SCOPE_MISSING      the key may not do this
//   INVALID_REQUEST    a parameter is outside its bounds
//   OVERLOADED         too many calls wait in the server, even after retries
//   STORE_UNAVAILABLE  the server could not confirm the call, even after retries
//   INTERNAL           the server is defective
// and every call that changes something also with
//   TENANT_SUSPENDED   the tenant can only read
//   REQUEST_ID_REUSED  its `request_id` was used for another request
//   CONTENTION         others kept changing the same customer, even after retries
//   DISK_FULL          the server accepts no writes, even after retries
// Failures to reach the server have no reason: UNAVAILABLE and DEADLINE_EXCEEDED. After these two,
// STORE_UNAVAILABLE and INTERNAL, a change may or may not have taken effect.
//
// Calls that change something carry an id by which the server recognizes a repetition. The client
// makes the id unless the parameters contain one. Set your own id to be able to repeat a call after
// a restart of your process. The server remembers event ids forever, and request ids for 30 days.
// It remembers only requests that succeeded, so a call that failed may be repeated with its id:
//
//   owo::InvoiceParams params = {.customer = "user_123", .request_id = "2026-11/user_123"};
//   absl::StatusOr<owo::InvoiceResult> result = owo.billing.invoice(params);
//   if (absl::IsUnavailable(result.status())) result = owo.billing.invoice(params);
//   // one invoice, even if both calls reached the server; then result->replayed is true

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

// What customers owe. Amounts of money are in minor units of the customer's currency (cents, kobo;
// whole yen). Thread-safe; copies share the connection.
class BillingApi {
 public:
  // REQUIRES: `connection` is not null.
  explicit BillingApi(std::shared_ptr<Connection> connection)
      : connection_(std::move(connection)) {}

  // Returns all billable usage that no invoice covers yet, and what it costs before tax. It
  // includes every event whose recording was confirmed before this call; events that track() still
  // buffers are missing, so call flush() first. Shows at most what one invoice can have: 1,000
  // rows. CUSTOMER_NOT_FOUND, CUSTOMER_AMBIGUOUS.
  absl::StatusOr<BillingUsageResult> usage(const UsageParams& params) const;

  // Creates an invoice for all unbilled usage, in one atomic step: open and numbered, or a draft.
  // No usage is on two invoices, unless one of them is void. An invoice has at most 1,000 lines;
  // usage that does not fit stays unbilled, and the next call invoices it. Repeated with the same
  // request_id, it returns the first invoice as it is now. CUSTOMER_NOT_FOUND, CUSTOMER_AMBIGUOUS,
  // NO_UNBILLED_USAGE if there is none, CREDIT_BALANCE if it comes to 0 or less: it stays unbilled,
  // and is netted with usage that is recorded later.
  absl::StatusOr<InvoiceResult> invoice(InvoiceParams params) const;

  // Returns all matching invoices, newest first, with their lines. The whole list is held in
  // memory. CUSTOMER_NOT_FOUND, CUSTOMER_AMBIGUOUS.
  absl::StatusOr<InvoicesResult> invoices(const InvoicesParams& params) const;

  // Returns one invoice. INVOICE_NOT_FOUND if no invoice has the id.
  absl::StatusOr<Invoice> get_invoice(const GetInvoiceParams& params) const;

  // Finalizes a draft: opens it and assigns its number. Returns an open or paid invoice unchanged.
  // INVOICE_NOT_FOUND, INVOICE_STATUS_CONFLICT if the invoice is void.
  absl::StatusOr<Invoice> finalize_invoice(FinalizeInvoiceParams params) const;

  // Records that an open invoice was paid in full. It moves no money. Returns an invoice that was
  // paid with the same parameters unchanged. INVOICE_NOT_FOUND, INVOICE_STATUS_CONFLICT if the
  // invoice is a draft, void, or paid with other parameters.
  absl::StatusOr<Invoice> pay_invoice(PayInvoiceParams params) const;

  // Voids a draft or open invoice; its usage is unbilled again, and its number is not reused.
  // Returns an invoice that was voided for the same reason unchanged. INVOICE_NOT_FOUND,
  // INVOICE_STATUS_CONFLICT if the invoice is paid, or void for another reason.
  absl::StatusOr<Invoice> void_invoice(VoidInvoiceParams params) const;

  // Returns all events that an invoice, or one of its lines, bills: line by line, those of a line
  // in the order in which they were recorded. The quantities of a line's events add up to its
  // `usage`. The whole list is held in memory. INVOICE_NOT_FOUND, LINE_NOT_FOUND, EVENTS_EXPIRED if
  // the server no longer keeps the events of that period, DISK_FULL while the newest events cannot
  // be read.
  absl::StatusOr<std::vector<RecordedEvent>> invoice_events(
      const InvoiceEventsParams& params) const;

 private:
  std::shared_ptr<Connection> connection_;
};

// Customers and their subscriptions. A `customer` parameter is an id or an email; an email that
// several customers have is CUSTOMER_AMBIGUOUS. Thread-safe; copies share the connection.
class CustomersApi {
 public:
  // REQUIRES: `connection` is not null.
  explicit CustomersApi(std::shared_ptr<Connection> connection)
      : connection_(std::move(connection)) {}

  // Creates a customer, not yet on any plan: until subscribe(), usage of the customer is
  // kNoActiveSubscription. CUSTOMER_EXISTS if the id is taken or is another customer's email, or if
  // the email is another customer's id.
  absl::StatusOr<Customer> create(CreateCustomerParams params) const;

  // Returns a customer by id or email. CUSTOMER_NOT_FOUND, CUSTOMER_AMBIGUOUS.
  absl::StatusOr<Customer> get(const GetCustomerParams& params) const;

  // Changes only the fields that are set, and returns the customer after the change.
  // CUSTOMER_NOT_FOUND, CUSTOMER_AMBIGUOUS, CUSTOMER_EXISTS if another customer has the new id, or
  // has it as email, or has the new email as id.
  absl::StatusOr<Customer> update(UpdateCustomerParams params) const;

  // Returns all customers, in byte order of their ids. The whole list is held in memory.
  absl::StatusOr<std::vector<Customer>> list() const;

  // Subscribes a customer to a plan. A subscription to another plan ends at the same moment. If the
  // customer is already on the plan, the subscription continues, and an end that was set is
  // removed. CUSTOMER_NOT_FOUND, CUSTOMER_AMBIGUOUS, SUBSCRIPTION_CONFLICT if another subscription
  // is scheduled, USAGE_AFTER_CHANGE if usage was counted at or after the time of the change,
  // PLAN_NOT_FOUND also if the plan is archived, CURRENCY_MISMATCH if the customer is billed in
  // another currency than the plan's.
  absl::StatusOr<SubscribeResult> subscribe(SubscribeParams params) const;

  // Ends the subscription that is in force at the requested end, and cancels subscriptions that are
  // scheduled to start then or later. Usage counted before the end remains billable.
  // CUSTOMER_NOT_FOUND, CUSTOMER_AMBIGUOUS, SUBSCRIPTION_NOT_FOUND if none is in force or
  // scheduled, USAGE_AFTER_CHANGE if usage was counted at or after the time of the change.
  absl::StatusOr<CancelSubscriptionResult> cancel_subscription(
      CancelSubscriptionParams params) const;

  // Removes the end of the subscription in force; returns a subscription without an end unchanged.
  // CUSTOMER_NOT_FOUND, CUSTOMER_AMBIGUOUS, SUBSCRIPTION_NOT_FOUND if none is in force,
  // SUBSCRIPTION_CONFLICT if another subscription is scheduled, USAGE_AFTER_CHANGE if usage was
  // counted at or after the end that is to be removed.
  absl::StatusOr<Subscription> resume_subscription(ResumeSubscriptionParams params) const;

  // Returns all subscriptions of a customer, ended and canceled ones included, newest start first.
  // CUSTOMER_NOT_FOUND, CUSTOMER_AMBIGUOUS.
  absl::StatusOr<std::vector<Subscription>> list_subscriptions(
      const ListSubscriptionsParams& params) const;

 private:
  std::shared_ptr<Connection> connection_;
};

// Features and plans. Thread-safe; copies share the connection.
class CatalogApi {
 public:
  // REQUIRES: `connection` is not null.
  explicit CatalogApi(std::shared_ptr<Connection> connection)
      : connection_(std::move(connection)) {}

  // Creates or updates the given features and plans, all or nothing. A plan whose terms changed
  // gets a new version, which existing subscriptions take at their next billing period, or as
  // CatalogSyncParams::apply_at_once says; what was counted under earlier versions stays unchanged.
  // FEATURE_NOT_FOUND if a plan names an unknown feature, PLAN_IMMUTABLE if it changes a plan's
  // currency or interval, FEATURE_IN_USE if it removes a feature from a plan with subscriptions
  // (CatalogSyncParams::allow_feature_removal), CATALOG_TOO_LARGE.
  absl::StatusOr<CatalogSyncResult> sync(CatalogSyncParams params) const;

  // Return all features, and the newest version of every plan, in order of slug. Archived ones only
  // on request.
  absl::StatusOr<std::vector<Feature>> features(const FeaturesParams& params = {}) const;
  absl::StatusOr<std::vector<Plan>> plans(const PlansParams& params = {}) const;

  // Returns one plan, archived or not, in the requested version or its newest one. PLAN_NOT_FOUND
  // if the plan or that version does not exist.
  absl::StatusOr<Plan> plan(const PlanParams& params) const;

 private:
  std::shared_ptr<Connection> connection_;
};

// Who may call: tenants and API keys. Thread-safe; copies share the connection.
//
// A call with the key of another tenant, or of none, has TENANT_NOT_FOUND for a tenant that is not
// its own, as if there were none.
class AdminApi {
 public:
  // REQUIRES: `connection` is not null.
  explicit AdminApi(std::shared_ptr<Connection> connection) : connection_(std::move(connection)) {}

  // Creates a tenant. TENANT_EXISTS, TOO_MANY_TENANTS.
  absl::StatusOr<Tenant> create_tenant(CreateTenantParams params) const;

  // Returns one tenant. TENANT_NOT_FOUND.
  absl::StatusOr<Tenant> tenant(const GetTenantParams& params = {}) const;

  // Changes the name of a tenant. TENANT_NOT_FOUND.
  absl::StatusOr<Tenant> update_tenant(UpdateTenantParams params) const;

  // Returns all tenants, in order of slug.
  absl::StatusOr<std::vector<Tenant>> tenants() const;

  // Suspends a tenant: from its next call on it can read, and nothing else. Resumes it.
  // TENANT_NOT_FOUND.
  absl::StatusOr<Tenant> suspend_tenant(SuspendTenantParams params) const;
  absl::StatusOr<Tenant> resume_tenant(ResumeTenantParams params) const;

  // Makes an API key, and returns its text, for once. TENANT_NOT_FOUND, TOO_MANY_API_KEYS.
  absl::StatusOr<NewApiKey> create_api_key(CreateApiKeyParams params) const;

  // Returns all API keys of a tenant, the oldest first. TENANT_NOT_FOUND.
  absl::StatusOr<std::vector<ApiKey>> api_keys(const ListApiKeysParams& params = {}) const;

  // Revokes an API key, for good. TENANT_NOT_FOUND, API_KEY_NOT_FOUND.
  absl::StatusOr<ApiKey> revoke_api_key(RevokeApiKeyParams params) const;

  // Makes a key with the label, scopes and expiry of another one, which stays valid for
  // RotateApiKeyParams::overlap. TENANT_NOT_FOUND, API_KEY_NOT_FOUND, API_KEY_ENDED,
  // TOO_MANY_API_KEYS.
  absl::StatusOr<NewApiKey> rotate_api_key(RotateApiKeyParams params) const;

 private:
  std::shared_ptr<Connection> connection_;
};

// The client: the calls for usage, and the members `billing`, `customers`, `catalog` and `admin`
// with all other calls. Thread-safe. A moved-from client may only be assigned to or destroyed.
// Destroying the last copy waits up to options.track.close_timeout for the events of track(); it
// must not be destroyed in on_failure.
class Owostack {
 public:
  // Connects on the first call, so it does not block or fail if the server is not running. The
  // thread that sends the events of track() starts with the first event.
  explicit Owostack(const OwostackOptions& options);

  // Uses a given connection, for example a mock in tests. Of `options` only `track`, and the pauses
  // of `retry`, apply; the connection has its own options. Several clients may share a connection;
  // each has its own buffer for track().
  // REQUIRES: `connection` is not null.
  explicit Owostack(std::shared_ptr<Connection> connection, const OwostackOptions& options = {});

  // Buffers a usage event to be recorded soon, unless a limit forbids it. OK: the event is in the
  // buffer with an id and a time, and will be sent with one of the next batches. It is retried
  // until the server has counted it, or options.track.on_failure is called with the reason why not.
  // RESOURCE_EXHAUSTED: the buffer is full, or the sending thread cannot be started.
  // INVALID_ARGUMENT: a text is not UTF-8. After an error the event is not in the buffer.
  //
  // Returns without waiting for the server. It waits only if the buffer is full, for at most
  // options.track.wait_for_room. Batches may overtake each other. The buffer is in memory: a
  // process that is killed loses it.
  absl::Status track(TrackParams event) const;

  // Sends all events that were tracked before this call immediately, and waits until each was
  // counted or reported. OK does not mean that all were counted: see options.track.on_failure.
  // DEADLINE_EXCEEDED: some are not settled yet; they continue to be sent. FAILED_PRECONDITION:
  // called from on_failure, on the thread that it would wait for.
  //
  //   absl::Status settled = owo.flush(absl::Now() + absl::Seconds(5));
  absl::Status flush(absl::Time deadline) const;

  // Records a usage event, unless a limit forbids it, and waits for the answer; its `code` is the
  // outcome. Use it when the outcome matters immediately, and track() when it does not. OK does not
  // mean that the event was recorded: a limit that forbids it is an answer, not an error. Once
  // `recorded` is true the event is on the server's disk. CUSTOMER_NOT_FOUND, CUSTOMER_AMBIGUOUS,
  // EVENT_ID_REUSED, EVENT_IN_FUTURE, EVENT_TOO_OLD, FEATURE_NOT_FOUND, QUANTITY_OUT_OF_RANGE.
  //
  //   absl::StatusOr<owo::TrackResult> result = owo.track_now(
  //       {.customer = "user_123", .feature = "api-calls", .quantity = "1"});
  //   if (!result.ok()) return result.status();
  //   if (!result->allowed) return RefuseRequest(ToString(result->code));
  absl::StatusOr<TrackResult> track_now(TrackParams event) const;

  // Records up to 1,000 events, in their order, each checked separately: an event that is wrong has
  // the code kRejected and its own error, and does not affect the others. If the call fails, the
  // events may or may not be recorded; to repeat the call safely, set your own event ids. A request
  // may have at most 4 MiB.
  absl::StatusOr<TrackBatchResult> track_batch(TrackBatchParams params) const;

  // Checks whether a quantity is allowed. With `track` it also records the quantity, in the same
  // atomic step; without, it changes nothing, and other calls may use up the remaining units before
  // yours. Events that track() still buffers are not counted yet. Fails as track_now() does; with
  // EVENT_ID_REUSED only if `track` is set.
  absl::StatusOr<CheckResult> check(CheckParams params) const;

  // Returns a customer's usage in every period: used, included, invoiced and unbilled. Grouped by
  // feature and reset interval, newest period and segment first. The whole list is held in memory.
  // CUSTOMER_NOT_FOUND, CUSTOMER_AMBIGUOUS, FEATURE_NOT_FOUND.
  absl::StatusOr<std::vector<UsagePeriod>> usage_history(const UsageHistoryParams& params) const;

  // Returns all of a customer's events in an interval, each with the invoice that covers it. The
  // whole list is held in memory: request a shorter interval if there are many events. Grouped by
  // feature and reset interval, newest period and segment first; within a segment in the order in
  // which they were recorded. CUSTOMER_NOT_FOUND, CUSTOMER_AMBIGUOUS, FEATURE_NOT_FOUND,
  // EVENTS_EXPIRED if the interval contains events that the server no longer keeps, DISK_FULL while
  // the newest cannot be read.
  absl::StatusOr<std::vector<RecordedEvent>> events(const EventsParams& params) const;

  // May be copied out of the client, and used after it: each keeps the connection alive, but not
  // the buffer of track().
  BillingApi billing;
  CustomersApi customers;
  CatalogApi catalog;
  AdminApi admin;

 private:
  std::shared_ptr<Connection> connection_;
  // Shared by all copies. The last copy destroys it, which waits up to track.close_timeout until
  // all events are settled.
  std::shared_ptr<TrackSender> sender_;
};

}  // namespace owo

#endif  // OWO_CLIENT_CPP_OWOSTACK_H_
