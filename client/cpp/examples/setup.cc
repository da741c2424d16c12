#include "client/cpp/examples/setup.h"

#include <algorithm>
#include <vector>

#include "absl/time/civil_time.h"
#include "absl/time/clock.h"

namespace owo::examples {
namespace {

absl::Time StartOfMonth(absl::Time time) {
  const absl::TimeZone utc = absl::UTCTimeZone();
  return absl::FromCivil(absl::CivilMonth(absl::ToCivilSecond(time, utc)), utc);
}

absl::StatusOr<Subscription> SubscribeOnce(const Owostack& owo, const std::string& customer) {
  const absl::StatusOr<std::vector<Subscription>> subscriptions =
      owo.customers.list_subscriptions({.customer = customer});
  if (!subscriptions.ok()) return subscriptions.status();
  for (const Subscription& subscription : *subscriptions) {
    if (subscription.plan == kPlan && subscription.status == SubscriptionStatus::kActive) {
      return subscription;
    }
  }
  absl::StatusOr<Subscription> subscribed = owo.customers.subscribe(
      {.customer = customer, .plan = kPlan, .start = StartOfMonth(absl::Now())});
  if (ErrorReason(subscribed.status()) != "USAGE_AFTER_CHANGE") return subscribed;
  return owo.customers.subscribe({.customer = customer, .plan = kPlan});
}

}  // namespace

CatalogSyncParams ExampleCatalog() {
  const PlanFeature input = {
      .feature_slug = kInputTokens,
      .usage_model = UsageModel::kIncluded,
      .included = "1000000",
      .unit_price = "0.00025",
      .overage = OveragePolicy::kCharge,
  };
  const PlanFeature output = {
      .feature_slug = kOutputTokens,
      .usage_model = UsageModel::kIncluded,
      .included = "100000",
      .rating_model = RatingModel::kGraduated,
      .tiers = {{.up_to = "1000000", .unit_price = "0.001"}, {.unit_price = "0.0008"}},
      .overage = OveragePolicy::kCharge,
  };
  return {
      .features = {{.slug = kInputTokens, .name = "Input tokens", .unit = "token"},
                   {.slug = kOutputTokens, .name = "Output tokens", .unit = "token"}},
      .plans = {{.slug = kPlan,
                 .name = "AI",
                 .currency = "USD",
                 .interval = Interval::kMonth,
                 .features = {input, output}}},
  };
}

absl::StatusOr<Subscription> SetUpCustomer(const Owostack& owo,
                                           const CreateCustomerParams& customer) {
  const absl::StatusOr<CatalogSyncResult> synced = owo.catalog.sync(ExampleCatalog());
  if (!synced.ok()) return synced.status();
  const absl::StatusOr<Customer> created = owo.customers.create(customer);
  if (!created.ok() && ErrorReason(created.status()) != "CUSTOMER_EXISTS") return created.status();
  return SubscribeOnce(owo, customer.id);
}

TimeRange RecentHour(const Subscription& subscription, absl::Time now) {
  const absl::Time start = std::max({now - absl::Hours(1), StartOfMonth(now), subscription.start});
  return {.start = start, .end = std::max(start, now)};
}

}  // namespace owo::examples
