// Prepares what billing requires: a catalog, a customer and a subscription.
//
//   absl::StatusOr<owo::Subscription> subscription =
//       owo::examples::SetUpCustomer(owo, {.id = "user_123", .email = "user@example.com"});
//
// All functions may be repeated: what already exists stays unchanged.

#ifndef OWO_CLIENT_CPP_EXAMPLES_SETUP_H_
#define OWO_CLIENT_CPP_EXAMPLES_SETUP_H_

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "client/cpp/owostack.h"

namespace owo::examples {

inline constexpr char kInputTokens[] = "input-tokens";
inline constexpr char kOutputTokens[] = "output-tokens";
inline constexpr char kPlan[] = "ai";

// Two features and a monthly plan in USD. Input tokens: 1,000,000 are included, then each costs
// 0.00025 cents. Output tokens: 100,000 are included, then each of the next 1,000,000 costs 0.001
// cents, and each beyond them 0.0008.
CatalogSyncParams ExampleCatalog();

// Syncs the catalog, creates the customer and subscribes it to the plan. The subscription starts at
// the beginning of this month (UTC), or now if usage was counted since then.
absl::StatusOr<Subscription> SetUpCustomer(const Owostack& owo,
                                           const CreateCustomerParams& customer);

// Half-open interval [start, end).
struct TimeRange {
  absl::Time start;
  absl::Time end;
};

// Returns the hour before `now`, without the part before the start of the month (UTC) or of the
// subscription, so that all usage in it is in one billing period. Empty, but never reversed, if
// nothing remains.
TimeRange RecentHour(const Subscription& subscription, absl::Time now);

}  // namespace owo::examples

#endif  // OWO_CLIENT_CPP_EXAMPLES_SETUP_H_
