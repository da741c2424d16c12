// A customer whose usage is billed: "acme", on a plan that charges 3 cents for each of its "calls".
//
//   ASSERT_NO_FATAL_FAILURE(AddMeteredCustomer(owo));
//   owo.track_now(Call("event-1"));     // 3 cents

#ifndef OWO_TESTS_END_TO_END_METERED_CUSTOMER_H_
#define OWO_TESTS_END_TO_END_METERED_CUSTOMER_H_

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "client/cpp/owostack.h"

namespace owo {

inline constexpr char kCustomer[] = "acme";
inline constexpr int64_t kCallPrice = 3;

inline void AddMeteredCustomer(const Owostack& owo) {
  const auto synced =
      owo.catalog.sync({.features = {{.slug = "calls", .name = "Calls"}},
                        .plans = {{.slug = "pro",
                                   .name = "Pro",
                                   .currency = "USD",
                                   .features = {{.feature_slug = "calls",
                                                 .usage_model = UsageModel::kUsageBased,
                                                 .unit_price = std::to_string(kCallPrice)}}}}});
  ASSERT_TRUE(synced.ok()) << synced.status();
  ASSERT_TRUE(owo.customers.create({.id = kCustomer}).ok());
  ASSERT_TRUE(owo.customers.subscribe({.customer = kCustomer, .plan = "pro"}).ok());
}

inline TrackParams Call(const std::string& event_id) {
  return {.customer = kCustomer, .feature = "calls", .quantity = "1", .event_id = event_id};
}

inline TrackBatchParams Calls(const std::vector<std::string>& ids) {
  TrackBatchParams batch;
  for (const std::string& id : ids) batch.events.push_back(Call(id));
  return batch;
}

}  // namespace owo

#endif  // OWO_TESTS_END_TO_END_METERED_CUSTOMER_H_
