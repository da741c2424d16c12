// Customers and their subscriptions.
//
//   customers.Create(context, {.id = "user_123"}, request,
//                    [](absl::StatusOr<Answered<storage::Customer>> customer) { … });
//   customers.Subscribe(context, {.customer = "user_123", .plan = "pro"}, …);
//   customers.Cancel(context, {.customer = "user_123", .at_period_end = true}, …);
//   customers.Resume(context, {.customer = "user_123"}, …);   // removes that end again
//
// A change of a subscription, a time zone or a spend cap takes effect after all usage that was
// counted (docs/decisions/0002-…). A change that would take effect earlier is refused with
// USAGE_AFTER_CHANGE, because it would change what counted usage costs. If the caller gives no
// time, a change takes effect as soon as it can, and is tried again if usage overtakes it. All
// times are in microseconds since 1970. Bounds of texts are those of the API (customers.proto),
// which the adapter checks.

#ifndef OWO_SERVICE_LEDGER_CUSTOMERS_H_
#define OWO_SERVICE_LEDGER_CUSTOMERS_H_

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "service/ledger/commit.h"
#include "service/ledger/ledger_parts.h"

namespace owo::ledger {

// Metadata of a customer or a subscription: kept, not interpreted. At most 50 entries.
using Labels = std::map<std::string, std::string>;

// The fields of a customer to set. Absent fields keep their values.
struct CustomerFields {
  std::optional<std::string> id;
  std::optional<std::string> email;
  std::optional<std::string> name;
  // Replaces all entries.
  std::optional<Labels> metadata;
  // An IANA name, such as "Africa/Lagos". Periods that have begun keep their end.
  std::optional<std::string> time_zone;
  // The most that usage may cost in a billing period, in minor units. Inner nullopt: remove the
  // cap.
  std::optional<std::optional<storage::MinorUnits>> spend_cap;
  // Where the request has these fields, for field violations: "customer".
  std::string path;
};

// Parameters of Customers::Subscribe().
struct SubscribeParams {
  std::string customer;                  // id or email
  std::string plan;                      // slug
  std::optional<storage::Micros> start;  // absent: now, or just after later counted usage
  Labels metadata;
  RequestRef request;
};

// Parameters of Customers::Cancel(). `end` and `at_period_end` exclude each other.
struct CancelParams {
  // Id or email.
  std::string customer;
  // Absent: now, or just after later counted usage.
  std::optional<storage::Micros> end;
  // At the end of the billing period instead.
  bool at_period_end = false;
  RequestRef request;
};

// Parameters of Customers::Resume().
struct ResumeParams {
  std::string customer;  // id or email
  RequestRef request;
};

// By the tenant's clock at the time of the answer.
enum class SubscriptionStatus {
  // Starts later.
  kScheduled,
  // In force. It may have an end in the future.
  kActive,
  // Was in force, and ended.
  kEnded,
  // Never was in force: its end is not after its start.
  kCanceled
};

// A subscription, for display.
struct SubscriptionView {
  std::string id;  // "sub_7_2" (ids.h)
  std::string customer_id;
  std::string plan;  // slug
  // The version in force; the last one that was if the subscription ended, the first one if it is
  // scheduled or canceled.
  uint32_t plan_version = 0;
  // As of the answer.
  SubscriptionStatus status = SubscriptionStatus::kActive;
  // As it is stored: start, end and metadata among others.
  storage::SubscriptionRecord record;
};

// A subscription after a change, and what else the change did.
struct ChangedSubscription : SubscriptionView {
  // Its end was removed: the customer was on the plan already, or the call was Resume().
  bool resumed = false;
  // The scheduled subscriptions that will not start.
  // By start. From the first one on whose metadata does not fit kCanceledBytesMax, without
  // metadata.
  std::vector<SubscriptionView> canceled;
};

// Parameters of Customers::Subscriptions().
struct SubscriptionsQuery {
  std::string customer;  // id or email
  std::string after;     // a subscription id; "": from the latest start
  size_t limit = 0;
};

// A page of a customer's subscriptions, the latest start first.
struct SubscriptionsPage {
  std::vector<SubscriptionView> subscriptions;
  std::string next;  // `after` of the next page; "": no more
};

// The most bytes of a page of customers, as they are stored, and of the metadata in a page of
// subscriptions.
inline constexpr size_t kCustomersPageBytesMax = 2 << 20;
inline constexpr size_t kSubscriptionsPageBytesMax = 2 << 20;
// The most bytes of metadata of the canceled subscriptions in an answer.
inline constexpr size_t kCanceledBytesMax = 1 << 20;

// The most subscriptions of one customer, and the most time zones, the first one included. Bounded
// because finding a period scans all of them.
inline constexpr int kSubscriptionsMax = 500;
inline constexpr int kZonesMax = 100;

// Thread-safe. Methods that return a StatusOr block on reads. The others answer through `done`. A
// `customer` parameter is an id or an email: CUSTOMER_NOT_FOUND and CUSTOMER_AMBIGUOUS are errors
// of every method that has one. REQUEST_ID_REUSED and CONTENTION (commit.h) are errors of every
// method that has `done`.
class Customers {
 public:
  explicit Customers(LedgerParts& parts) : parts_(parts) {}

  // CUSTOMER_EXISTS if another customer has the id, or has it as email, or has the email as id; an
  // email may be that of several customers. REQUIRES: fields.id is set.
  void Create(const CallContext& context, CustomerFields fields, RequestRef request,
              Done<Answered<storage::Customer>> done);
  // Changes the fields that are set. A new time zone holds from the next period on.
  // CUSTOMER_EXISTS as for Create(), of the new id and email.
  void Update(const CallContext& context, std::string customer, CustomerFields fields,
              RequestRef request, Done<Answered<storage::Customer>> done);
  // A customer with its metadata, without its subscriptions.
  absl::StatusOr<storage::Customer> Get(const CallContext& context,
                                        const storage::ReadOptions& read,
                                        const std::string& customer);
  // Customers whose ids are greater than `after`, by id: at most `limit`, and at most as many as
  // fit kCustomersPageBytesMax.
  absl::StatusOr<storage::CustomerList> List(const CallContext& context,
                                             const storage::ReadOptions& read,
                                             const std::string& after, size_t limit) const;

  // Subscribes a customer to a plan. A subscription to another plan that is in force then ends
  // there. If the customer is on the plan already, removes that subscription's end, if it has one.
  // Errors: SUBSCRIPTION_CONFLICT, USAGE_AFTER_CHANGE, PLAN_NOT_FOUND, CURRENCY_MISMATCH.
  void Subscribe(const CallContext& context, SubscribeParams params,
                 Done<Answered<ChangedSubscription>> done);
  // Ends or cancels subscriptions so that none is in force from the end on (EndAt() in
  // subscription_list.h). Errors: SUBSCRIPTION_NOT_FOUND; USAGE_AFTER_CHANGE; INVALID_REQUEST if
  // `end` is before the start of the subscription in force.
  void Cancel(const CallContext& context, CancelParams params,
              Done<Answered<ChangedSubscription>> done);
  // Removes the end of the subscription in force. Errors: SUBSCRIPTION_NOT_FOUND,
  // SUBSCRIPTION_CONFLICT if another one is scheduled, USAGE_AFTER_CHANGE.
  void Resume(const CallContext& context, ResumeParams params,
              Done<Answered<ChangedSubscription>> done);
  // Subscriptions of a customer, latest start first. A page may have fewer than `limit`, because it
  // is also bounded in bytes. It has at least one subscription if any is left. INVALID_REQUEST if
  // the customer does not have the subscription `after`.
  absl::StatusOr<SubscriptionsPage> Subscriptions(const CallContext& context,
                                                  const storage::ReadOptions& read,
                                                  const SubscriptionsQuery& query);

 private:
  // The numbers of the subscriptions in an answer. Stored as text (ToText) with the request id, to
  // answer a repeat of the request from.
  struct ChangedNumbers {
    // The one that was made, ended or resumed.
    uint32_t subscription = 0;
    // As ChangedSubscription's.
    bool resumed = false;
    std::vector<uint32_t> canceled;
  };
  // A decided change of a customer's subscriptions.
  struct Subscribing {
    CustomerPtr customer;
    storage::ContractRecord contract;  // with the changed subscriptions
    ChangedNumbers answer;
    // From when on usage is counted differently. Absent: nothing changed.
    std::optional<storage::Micros> changed_from;
    // Set if the change adds a subscription or removes the end of one: the commit fails if the
    // catalog has changed since.
    std::optional<storage::Subscribes> subscribes;
  };
  // Each decides one attempt of the method it is named after.
  absl::StatusOr<Decision<storage::Customer>> DecideCreate(const CallContext& context,
                                                           const CustomerFields& fields,
                                                           const Attempt& attempt);
  absl::StatusOr<Decision<storage::Customer>> DecideUpdate(const CallContext& context,
                                                           const std::string& customer,
                                                           const CustomerFields& fields,
                                                           const Attempt& attempt);
  absl::StatusOr<Subscribing> DecideSubscribe(const CallContext& context,
                                              const SubscribeParams& params,
                                              const Attempt& attempt);
  absl::StatusOr<Subscribing> DecideCancel(const CallContext& context, const CancelParams& params,
                                           const Attempt& attempt);
  absl::StatusOr<Subscribing> DecideResume(const CallContext& context, const ResumeParams& params,
                                           const Attempt& attempt);
  // Reads the customer from the store.
  absl::StatusOr<Subscribing> StartChange(const CallContext& context, const std::string& customer,
                                          const Attempt& attempt);
  // Removes the end of a subscription. SUBSCRIPTION_CONFLICT if another subscription follows it.
  absl::Status TakeEndBack(const CallContext& context, storage::SubscriptionRecord& subscription,
                           Subscribing& to) const;
  // Commits what `decide` changes, and answers the subscription. `method`: as in Operation.
  using Decide = std::function<absl::StatusOr<Subscribing>(const Attempt&)>;
  void ChangeSubscription(const CallContext& context, const std::string& method, RequestRef request,
                          Decide decide, Done<Answered<ChangedSubscription>> done);
  // When a change takes effect: `wanted` if given. Else now or shortly after: later than all
  // counted usage of the customer, and not before a change that is just ahead of the clock.
  absl::StatusOr<storage::Micros> TimeOf(const CallContext& context,
                                         const storage::ReadOptions& read,
                                         const CustomerView& customer,
                                         std::optional<storage::Micros> wanted,
                                         const Attempt& attempt) const;
  // Whether the customer has counted usage at or after `time`.
  absl::StatusOr<bool> HasUsageFrom(const CallContext& context, const storage::ReadOptions& read,
                                    const CustomerView& customer, storage::Micros time) const;
  // The subscription with this number, for display. DATA_LOSS if the customer does not have it.
  absl::StatusOr<SubscriptionView> ViewOf(const CallContext& context,
                                          const storage::ReadOptions& read,
                                          const storage::Customer& customer, uint32_t subscription);
  // The answer to a change of a customer's subscriptions, as they are in `customer`.
  absl::StatusOr<ChangedSubscription> AnswerOf(const CallContext& context,
                                               const storage::ReadOptions& read,
                                               const storage::Customer& customer,
                                               const ChangedNumbers& numbers);
  static std::string ToText(storage::CustomerNo customer, const ChangedNumbers& numbers);
  // Answers a repeat: reads the customer, and makes the answer from what ToText() stored.
  absl::StatusOr<ChangedSubscription> Replay(const CallContext& context,
                                             const storage::ReadOptions& read,
                                             const std::string& text);
  // The customer whose number is in `number`, as text. `parts`: of its rows, those to read.
  absl::StatusOr<storage::Customer> Read(const CallContext& context,
                                         const storage::ReadOptions& read,
                                         const std::string& number,
                                         const storage::CustomerParts& parts) const;
  // The decision to store a new or changed customer. `former_id`: "" if it is new.
  // `effective_from`: as storage::PutCustomer's; absent if no usage depends on the change.
  Decision<storage::Customer> Put(const CallContext& context, const storage::Customer& customer,
                                  const std::string& former_id,
                                  std::optional<storage::Micros> effective_from);

  LedgerParts& parts_;
};

}  // namespace owo::ledger

#endif  // OWO_SERVICE_LEDGER_CUSTOMERS_H_
