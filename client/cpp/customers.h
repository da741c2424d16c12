// Customers, and the plans that they are subscribed to.
//
//   owo.customers.create({.id = "user_123", .email = "user@example.com"});
//   owo.customers.subscribe({.customer = "user_123", .plan = "pro"});
//   owo.customers.update({.customer = "user_123", .name = "Ada Lovelace"});
//
// Where a parameter is "id or email", an exact id is looked up first, then an email, ignoring ASCII
// case. proto/owo/billing/v1/customers.proto documents every field in detail.

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
  std::string id;                               // chosen by the caller, unique
  std::string email;                            // as it was written; need not be unique
  std::string name;                             // for display
  std::map<std::string, std::string> metadata;  // stored, not interpreted
  std::string time_zone;                        // IANA name
  std::optional<int64_t> spend_cap;  // per billing period, in minor units; absent: no cap
  std::string currency;              // fixed by the first subscription, empty before
  absl::Time created_at;
  absl::Time updated_at;  // last change by update(), or created_at

  bool operator==(const Customer&) const = default;
};

// The customer to create. Only `id` is required.
struct CreateCustomerParams {
  std::string id;  // chosen by the caller: 1–128 bytes, no control characters
  std::string email;
  std::string name;
  std::map<std::string, std::string> metadata;  // at most 50 entries
  std::string time_zone;                        // IANA name; empty: UTC
  std::optional<int64_t> spend_cap;  // per billing period, in minor units; absent: no cap
  std::string request_id;            // made by the client when empty

  bool operator==(const CreateCustomerParams&) const = default;
};

struct GetCustomerParams {
  std::string customer;  // id or email

  bool operator==(const GetCustomerParams&) const = default;
};

// Changes the fields that are present and leaves all others unchanged. An empty email, name or time
// zone clears the field.
struct UpdateCustomerParams {
  std::string customer;           // id or email
  std::optional<std::string> id;  // the new id; events and invoices stay the customer's
  std::optional<std::string> email;
  std::optional<std::string> name;
  std::optional<std::map<std::string, std::string>> metadata;  // replaces all metadata
  std::optional<std::string> time_zone;  // IANA name; applies from the next period on
  std::optional<int64_t> spend_cap;      // per billing period, in minor units
  bool remove_spend_cap = false;         // ignored if `spend_cap` is present
  std::string request_id;                // made by the client when empty

  bool operator==(const UpdateCustomerParams&) const = default;
};

enum class SubscriptionStatus : int {
  kUnspecified = 0,
  kScheduled = 1,  // before its start
  kActive = 2,     // in force
  kEnded = 3,      // its end has passed
  kCanceled = 4,   // canceled before its start: it never takes effect
};
std::string ToString(SubscriptionStatus status);

// A customer on a plan during [start, end).
struct Subscription {
  std::string id;  // "sub_…"
  std::string customer_id;
  std::string plan;           // slug
  uint32_t plan_version = 0;  // in force now; before the start the first, after the end the last
  absl::Time start;           // inclusive
  std::optional<absl::Time> end;  // exclusive; absent: no end is set
  SubscriptionStatus status = SubscriptionStatus::kUnspecified;
  std::map<std::string, std::string> metadata;  // as given to subscribe()
  absl::Time created_at;                        // when subscribe() was called

  bool operator==(const Subscription&) const = default;
};

struct SubscribeParams {
  std::string customer;             // id or email
  std::string plan;                 // slug; the newest version applies
  std::optional<absl::Time> start;  // absent: now; in the past only if no usage was counted since
  std::map<std::string, std::string> metadata;
  std::string request_id;  // made by the client when empty

  bool operator==(const SubscribeParams&) const = default;
};

// The subscription in force from the requested start.
struct SubscribeResult : Subscription {
  SubscribeResult() = default;
  SubscribeResult(Subscription subscription, bool resumed = false)  // NOLINT: it is one
      : Subscription(std::move(subscription)), resumed(resumed) {}

  bool resumed = false;  // the customer was on the plan already, with an end, which was removed

  bool operator==(const SubscribeResult&) const = default;
};

struct CancelSubscriptionParams {
  std::string customer;           // id or email
  std::optional<absl::Time> end;  // absent: now; in the past only if no usage was counted since
  bool at_period_end = false;     // at the end of the billing period; not together with `end`
  std::string request_id;         // made by the client when empty

  bool operator==(const CancelSubscriptionParams&) const = default;
};

// The subscription that ends: the one in force at `end`, or the first of `canceled` if none is in
// force then.
struct CancelSubscriptionResult : Subscription {
  CancelSubscriptionResult() = default;
  CancelSubscriptionResult(Subscription subscription,  // NOLINT: it is one
                           std::vector<Subscription> canceled = {})
      : Subscription(std::move(subscription)), canceled(std::move(canceled)) {}

  std::vector<Subscription> canceled;  // scheduled ones that will not start, by start

  bool operator==(const CancelSubscriptionResult&) const = default;
};

struct ResumeSubscriptionParams {
  std::string customer;    // id or email
  std::string request_id;  // made by the client when empty

  bool operator==(const ResumeSubscriptionParams&) const = default;
};

struct ListSubscriptionsParams {
  std::string customer;  // id or email

  bool operator==(const ListSubscriptionsParams&) const = default;
};

}  // namespace owo

#endif  // OWO_CLIENT_CPP_CUSTOMERS_H_
