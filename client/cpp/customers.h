// Customers, and the plans that they are subscribed to.
//
//   owo.customers.create({.id = "user_123", .email = "user@example.com"});
//   owo.customers.subscribe({.customer = "user_123", .plan = "pro"});
//   owo.customers.update({.customer = "user_123", .name = "Ada Lovelace"});
//
// Where a parameter is "id or email", it has 1–254 bytes. An exact id is looked up first, then an
// email, ignoring ASCII case. Emails need not be unique: one that several customers have is
// CUSTOMER_AMBIGUOUS, so prefer ids.
//
// Texts are UTF-8. `metadata` is stored and not interpreted: at most 50 entries, with keys of 1–64
// bytes and values of at most 512 bytes. Values outside the bounds stated here are INVALID_REQUEST.
// Times are instants; the server cuts them off to whole microseconds. A `request_id` has 1–64
// characters, and the client makes one when it is empty.
// proto/owo/billing/v1/customers.proto documents every field in detail.

#ifndef OWO_CLIENT_CPP_CUSTOMERS_H_
#define OWO_CLIENT_CPP_CUSTOMERS_H_

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/time/time.h"

namespace owo {

// Who is billed.
struct Customer {
  std::string id;     // chosen by the caller, unique
  std::string email;  // as it was written; may be empty
  std::string name;   // for display; may be empty
  std::map<std::string, std::string> metadata;

  // IANA name, "UTC" by default. After a change it is the new zone, although periods that began
  // before the change keep the old one (Period::time_zone).
  std::string time_zone;

  // See CreateCustomerParams::spend_cap.
  std::optional<int64_t> spend_cap;

  // ISO 4217 code, fixed by the first subscription. Empty before that.
  std::string currency;

  absl::Time created_at;
  absl::Time updated_at;  // last change by update(), or created_at

  bool operator==(const Customer&) const = default;
};

// The customer to create. Only `id` is required.
struct CreateCustomerParams {
  // 1–128 bytes, for example your own key of the customer. No control, format, private-use or
  // separator characters, except spaces between others. Must not be the email of another customer.
  std::string id;

  // At most 254 bytes, with one "@" inside, of the same characters as an id. Must not be the id of
  // another customer.
  std::string email;

  // At most 256 bytes.
  std::string name;

  std::map<std::string, std::string> metadata;

  // IANA name, for example "Africa/Lagos": periods follow its calendar. Empty: UTC.
  std::string time_zone;

  // Most that the usage of one billing period may cost: 0 to 10^17 minor units of the customer's
  // currency. Usage that would cost more is kLimitExceeded, unless it is tracked with
  // Enforcement::kRecordAlways. Absent: no cap.
  std::optional<int64_t> spend_cap;

  std::string request_id;

  bool operator==(const CreateCustomerParams&) const = default;
};

struct GetCustomerParams {
  std::string customer;  // id or email

  bool operator==(const GetCustomerParams&) const = default;
};

// Changes the fields that are present and leaves all others unchanged; at least one must be. Bounds
// are those of CreateCustomerParams. An empty email or name clears the field, and an empty time
// zone is UTC:
//
//   owo.customers.update({.customer = "user_123", .email = ""});
struct UpdateCustomerParams {
  std::string customer;  // id or email

  // The new id. Events, subscriptions and invoices stay with the customer.
  std::optional<std::string> id;

  std::optional<std::string> email;
  std::optional<std::string> name;

  // Replaces all metadata: to change one entry, read the customer first.
  std::optional<std::map<std::string, std::string>> metadata;

  // IANA name. Applies from the next period on. At most 99 changes per customer.
  std::optional<std::string> time_zone;

  // The new cap. To remove it, leave it absent and set `remove_spend_cap`, which is ignored if
  // `spend_cap` is present.
  std::optional<int64_t> spend_cap;
  bool remove_spend_cap = false;

  std::string request_id;

  bool operator==(const UpdateCustomerParams&) const = default;
};

// The state of a subscription at the time of the answer. A scheduled one becomes active, and an
// active one ends, by the server's clock alone.
enum class SubscriptionStatus : int {
  kUnspecified = 0,
  kScheduled = 1,  // before its start
  kActive = 2,     // in force
  kEnded = 3,      // its end has passed
  kCanceled = 4,   // canceled or replaced before its start: it never takes effect
};
std::string ToString(SubscriptionStatus status);

// A customer on a plan during [start, end).
struct Subscription {
  std::string id;  // made by the server: "sub_…", at most 64 bytes
  std::string customer_id;
  std::string plan;  // slug

  // The version in force now. Before the start, or if it is canceled, the first one; after the end,
  // the last one.
  uint32_t plan_version = 0;

  // Inclusive.
  absl::Time start;

  // Exclusive. Absent: no end is set. Equal to `start` if the subscription is canceled.
  std::optional<absl::Time> end;

  SubscriptionStatus status = SubscriptionStatus::kUnspecified;
  std::map<std::string, std::string> metadata;  // as given to subscribe()
  absl::Time created_at;                        // when subscribe() was called

  bool operator==(const Subscription&) const = default;
};

struct SubscribeParams {
  std::string customer;  // id or email; at most 500 subscriptions per customer, ended ones included
  std::string plan;      // slug; the newest version applies

  // Absent: when the server receives the call. May be in the future, and in the past if no usage
  // was counted since (USAGE_AFTER_CHANGE).
  std::optional<absl::Time> start;

  std::map<std::string, std::string> metadata;
  std::string request_id;

  bool operator==(const SubscribeParams&) const = default;
};

// The subscription in force from the requested start. It is a Subscription, so that callers who do
// not need `resumed` can assign it to one.
struct SubscribeResult : Subscription {
  SubscribeResult() = default;
  SubscribeResult(Subscription subscription, bool resumed = false)  // NOLINT: it is one
      : Subscription(std::move(subscription)), resumed(resumed) {}

  // The customer was on the plan already, with an end, which this call removed.
  bool resumed = false;

  bool operator==(const SubscribeResult&) const = default;
};

struct CancelSubscriptionParams {
  std::string customer;  // id or email

  // Absent: when the server receives the call. Not before the start of the subscription in force.
  // May be in the past if no usage was counted since (USAGE_AFTER_CHANGE).
  std::optional<absl::Time> end;

  // End with the current billing period of the subscription in force, or if none is in force, with
  // the first billing period of the one that starts first. Not together with `end`.
  bool at_period_end = false;

  std::string request_id;

  bool operator==(const CancelSubscriptionParams&) const = default;
};

// The subscription that ends: the one in force at `end`, or the first of `canceled` if none is in
// force then.
struct CancelSubscriptionResult : Subscription {
  CancelSubscriptionResult() = default;
  CancelSubscriptionResult(Subscription subscription,  // NOLINT: it is one
                           std::vector<Subscription> canceled = {})
      : Subscription(std::move(subscription)), canceled(std::move(canceled)) {}

  // Subscriptions that this call canceled: they were scheduled to start at the end or later. In
  // order of start. If nothing was left to change, all canceled ones that were to start then or
  // later. Once their metadata together exceeds 1 MiB, the rest come without it;
  // list_subscriptions() returns it.
  std::vector<Subscription> canceled;

  bool operator==(const CancelSubscriptionResult&) const = default;
};

struct ResumeSubscriptionParams {
  std::string customer;  // id or email
  std::string request_id;

  bool operator==(const ResumeSubscriptionParams&) const = default;
};

struct ListSubscriptionsParams {
  std::string customer;  // id or email

  bool operator==(const ListSubscriptionsParams&) const = default;
};

}  // namespace owo

#endif  // OWO_CLIENT_CPP_CUSTOMERS_H_
