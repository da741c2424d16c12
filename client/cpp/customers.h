// Customers, and the plans that they are subscribed to.
//
//   owo.customers.create({.id = "user_123", .email = "user@example.com"});
//   owo.customers.subscribe({.customer = "user_123", .plan = "pro"});
//   owo.customers.update({.customer = "user_123", .name = "Ada Lovelace"});
//
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

struct Customer {
  std::string id;
  std::string email;
  std::string name;
  std::map<std::string, std::string> metadata;
  std::string time_zone;             // IANA name
  std::optional<int64_t> spend_cap;  // per billing period, in minor units; absent: no cap
  std::string currency;              // fixed by the first subscription, empty before
  absl::Time created_at;
  absl::Time updated_at;

  bool operator==(const Customer&) const = default;
};

struct CreateCustomerParams {
  std::string id;  // chosen by the caller
  std::string email;
  std::string name;
  std::map<std::string, std::string> metadata;
  std::string time_zone;  // IANA name; empty: UTC
  std::optional<int64_t> spend_cap;
  std::string request_id;  // made by the client when empty

  bool operator==(const CreateCustomerParams&) const = default;
};

struct GetCustomerParams {
  std::string customer;  // id or email

  bool operator==(const GetCustomerParams&) const = default;
};

// Changes the fields that are present and leaves all others unchanged. An empty email, name or time
// zone clears the field.
struct UpdateCustomerParams {
  std::string customer;  // id or email
  std::optional<std::string> id;
  std::optional<std::string> email;
  std::optional<std::string> name;
  std::optional<std::map<std::string, std::string>> metadata;  // replaces all metadata
  std::optional<std::string> time_zone;
  std::optional<int64_t> spend_cap;
  bool remove_spend_cap = false;  // ignored if `spend_cap` is present
  std::string request_id;         // made by the client when empty

  bool operator==(const UpdateCustomerParams&) const = default;
};

enum class SubscriptionStatus : int {
  kUnspecified = 0,
  kScheduled = 1,
  kActive = 2,
  kEnded = 3,
  kCanceled = 4,  // canceled before its start: it never takes effect
};
std::string ToString(SubscriptionStatus status);

// A customer on a plan during [start, end).
struct Subscription {
  std::string id;  // "sub_…"
  std::string customer_id;
  std::string plan;
  uint32_t plan_version = 0;
  absl::Time start;
  std::optional<absl::Time> end;  // absent: no end is set
  SubscriptionStatus status = SubscriptionStatus::kUnspecified;
  std::map<std::string, std::string> metadata;
  absl::Time created_at;

  bool operator==(const Subscription&) const = default;
};

struct SubscribeParams {
  std::string customer;             // id or email
  std::string plan;                 // slug; the newest version applies
  std::optional<absl::Time> start;  // absent: now
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
  std::optional<absl::Time> end;  // absent: now
  bool at_period_end = false;     // instead of `end`
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
