#include "tests/end_to_end/flood_bodies.h"

#include <gtest/gtest.h>

#include <utility>

#include "absl/strings/str_cat.h"
#include "owo/billing/v1/billing.pb.h"
#include "owo/billing/v1/catalog.pb.h"
#include "owo/billing/v1/customers.pb.h"
#include "owo/billing/v1/metering.pb.h"
#include "tests/end_to_end/metered_customer.h"

namespace owo {
namespace {

namespace pb = ::owo::billing::v1;

constexpr int kBatch = 1000;
constexpr int kLarge = 150;           // customers
constexpr int kSubscriptions = 60;    // of one of them
constexpr int kCounterFeatures = 20;  // of the customer with many counters
constexpr int kCounterWeeks = 1000;
constexpr char kCounters[] = "counters";

using Labels = std::map<std::string, std::string>;

Labels LargestMetadata() {
  Labels labels;
  for (int i = 0; i < 50; ++i) labels[absl::StrCat("key ", i)] = std::string(512, 'v');
  return labels;
}

std::string LargeId(int i) { return absl::StrCat("large ", i); }

template <typename Map>
void SetLargest(Map& metadata) {
  for (const auto& [key, value] : LargestMetadata()) metadata[key] = value;
}

FloodBody Same(std::string name, std::string path, const google::protobuf::Message& request) {
  return {std::move(name), std::move(path),
          [bytes = request.SerializeAsString()](int) { return bytes; }};
}

pb::UsageEvent Event(const std::string& customer, const std::string& feature) {
  pb::UsageEvent event;
  event.set_customer(customer);
  event.set_feature(feature);
  event.set_quantity("1");
  return event;
}

// One event that counts, so that the batch waits for a commit, and others like `event`.
FloodBody Batch(std::string name, const pb::UsageEvent& event) {
  pb::TrackBatchRequest request;
  *request.add_events() = Event(kCustomer, "calls");
  for (int i = 1; i < kBatch; ++i) *request.add_events() = event;
  return Same(std::move(name), "Metering/TrackBatch", request);
}

void AddSubscriptions(const Owostack& owo) {
  absl::Time start = absl::Now() + absl::Hours(1);
  for (int i = 0; i < kSubscriptions; ++i, start += absl::Hours(1)) {
    const auto subscribed = owo.customers.subscribe({.customer = LargeId(0),
                                                     .plan = i % 2 == 0 ? "pro" : "weekly",
                                                     .start = start,
                                                     .metadata = LargestMetadata()});
    ASSERT_TRUE(subscribed.ok()) << subscribed.status();
  }
}

void AddCounters(const Owostack& owo) {
  const absl::Time first = absl::Now() - absl::Hours(7 * 24 * kCounterWeeks);
  ASSERT_TRUE(owo.customers.create({.id = kCounters}).ok());
  ASSERT_TRUE(
      owo.customers.subscribe({.customer = kCounters, .plan = "weekly", .start = first}).ok());
  for (int feature = 0; feature < kCounterFeatures; ++feature) {
    TrackBatchParams batch;
    for (int week = 0; week < kCounterWeeks; ++week) {
      batch.events.push_back({.customer = kCounters,
                              .feature = absl::StrCat("feature-", feature),
                              .quantity = "1",
                              .event_id = absl::StrCat("counter ", feature, " ", week),
                              .event_time = first + absl::Hours(7 * 24 * week + 1)});
    }
    const auto tracked = owo.track_batch(batch);
    ASSERT_TRUE(tracked.ok()) << tracked.status();
    ASSERT_EQ(tracked->recorded, kCounterWeeks);
  }
}

// A sync of as many tiers as fit a request; as none of them has a price, it is malformed at the
// end.
pb::SyncCatalogRequest ManyTiers(bool valid) {
  pb::SyncCatalogRequest request;
  request.set_validate_only(true);
  for (int p = 0; p < 6; ++p) {
    pb::Plan& plan = *request.add_plans();
    plan.set_slug(absl::StrCat("p", p));
    plan.set_name("Many");
    plan.set_currency("USD");
    plan.set_interval(pb::INTERVAL_WEEK);
    for (int f = 0; f < kCounterFeatures; ++f) {
      pb::PlanFeature& feature = *plan.add_features();
      feature.set_feature_slug(absl::StrCat("feature-", f));
      feature.set_usage_model(pb::USAGE_MODEL_USAGE_BASED);
      feature.set_rating_model(pb::RATING_MODEL_GRADUATED);
      for (int t = 1; t <= 100; ++t) {
        pb::Tier& tier = *feature.add_tiers();
        if (t < 100 && valid) tier.set_up_to(absl::StrCat(t));
      }
    }
  }
  return request;
}

}  // namespace

void AddLargeCustomers(const Owostack& owo) {
  CatalogSyncParams sync;
  Plan weekly{.slug = "weekly", .name = "Weekly", .currency = "USD", .interval = Interval::kWeek};
  for (int i = 0; i < kCounterFeatures; ++i) {
    const std::string slug = absl::StrCat("feature-", i);
    sync.features.push_back({.slug = slug, .name = slug});
    weekly.features.push_back(
        {.feature_slug = slug, .usage_model = UsageModel::kUsageBased, .unit_price = "3"});
  }
  sync.plans.push_back(weekly);
  const auto synced = owo.catalog.sync(sync);
  ASSERT_TRUE(synced.ok()) << synced.status();
  for (int i = 0; i < kLarge; ++i) {
    const auto created = owo.customers.create({.id = LargeId(i), .metadata = LargestMetadata()});
    ASSERT_TRUE(created.ok()) << created.status();
  }
  ASSERT_NO_FATAL_FAILURE(AddSubscriptions(owo));
  ASSERT_NO_FATAL_FAILURE(AddCounters(owo));
}

std::vector<FloodBody> ReadBodies() {
  std::vector<FloodBody> bodies;
  pb::ListEventsRequest events;
  events.set_customer(kCustomer);
  events.set_page_size(500);
  bodies.push_back(Same("events", "Metering/ListEvents", events));
  pb::ListUsageRequest usage;
  usage.set_customer(kCounters);
  usage.set_page_size(500);
  bodies.push_back(Same("counters", "Metering/ListUsage", usage));
  pb::UsageRequest now;
  now.set_customer(kCounters);
  bodies.push_back(Same("open counters", "Billing/Usage", now));
  bodies.back().calls_max = 3;
  pb::ListInvoicesRequest invoices;
  invoices.set_page_size(500);
  bodies.push_back(Same("invoices", "Billing/ListInvoices", invoices));
  pb::GetCustomerRequest get;
  get.set_customer(LargeId(0));
  bodies.push_back(Same("a customer", "Customers/GetCustomer", get));
  pb::ListCustomersRequest customers;
  customers.set_page_size(500);
  bodies.push_back(Same("customers, long pages", "Customers/ListCustomers", customers));
  customers.set_page_size(100);
  bodies.push_back(Same("customers, short pages", "Customers/ListCustomers", customers));
  pb::ListSubscriptionsRequest subscriptions;
  subscriptions.set_customer(LargeId(0));
  bodies.push_back(Same("subscriptions", "Customers/ListSubscriptions", subscriptions));
  pb::ListPlansRequest plans;
  plans.set_page_size(500);
  bodies.push_back(Same("plans", "Catalog/ListPlans", plans));
  // A field that no request has, without bytes.
  bodies.push_back({"unknown fields", "Billing/Usage", [](int) {
                      std::string bytes;
                      for (int i = 0; i < 5000; ++i) bytes += "\x7a" + std::string(1, '\0');
                      return bytes;
                    }});
  return bodies;
}

std::vector<FloodBody> WriteBodies() {
  std::vector<FloodBody> bodies;
  bodies.push_back(Batch("minimal events", Event(kCustomer, "calls")));
  bodies.push_back(Batch("malformed events", pb::UsageEvent()));
  bodies.push_back(Batch("events of no customer", Event("nobody", "calls")));
  bodies.push_back(Batch("events of no feature", Event(kCustomer, "nothing")));
  pb::UsageEvent old = Event(kCounters, "feature-0");
  old.mutable_event_time()->set_seconds(absl::ToUnixSeconds(absl::Now() - absl::Hours(24 * 70)));
  bodies.push_back(Batch("events of a former period", old));
  pb::UsageEvent large = Event(kCustomer, "calls");
  for (int i = 0; i < 10; ++i) {
    (*large.mutable_properties())[absl::StrCat("p", i)] = std::string(200, 'v');
  }
  bodies.push_back(Batch("events with properties", large));
  pb::CheckRequest check;
  check.set_customer(kCustomer);
  check.set_feature("calls");
  bodies.push_back(Same("a check", "Metering/Check", check));
  bodies.push_back({"new customers", "Customers/CreateCustomer", [](int i) {
                      pb::CreateCustomerRequest request;
                      request.mutable_customer()->set_id(absl::StrCat("new ", i));
                      SetLargest(*request.mutable_customer()->mutable_metadata());
                      return request.SerializeAsString();
                    }});
  bodies.push_back({"changed customers", "Customers/UpdateCustomer", [](int i) {
                      pb::UpdateCustomerRequest request;
                      request.set_customer(LargeId(0));
                      SetLargest(*request.mutable_update()->mutable_metadata());
                      (*request.mutable_update()->mutable_metadata())["key 0"] = absl::StrCat(i);
                      request.mutable_update_mask()->add_paths("metadata");
                      return request.SerializeAsString();
                    }});
  bodies.push_back({"subscriptions", "Customers/Subscribe", [](int) {
                      pb::SubscribeRequest request;
                      request.set_customer(LargeId(0));
                      request.set_plan("pro");
                      SetLargest(*request.mutable_metadata());
                      return request.SerializeAsString();
                    }});
  pb::CancelSubscriptionRequest cancel;
  cancel.set_customer(LargeId(0));
  bodies.push_back(Same("canceled subscriptions", "Customers/CancelSubscription", cancel));
  bodies.push_back(Same("many tiers", "Catalog/SyncCatalog", ManyTiers(true)));
  bodies.push_back(Same("malformed tiers", "Catalog/SyncCatalog", ManyTiers(false)));
  // As many nested messages as the bytes of the largest request can have.
  bodies.push_back({"empty features", "Catalog/SyncCatalog", [](int) {
                      std::string bytes;
                      for (int i = 0; i < 1'000'000; ++i) bytes += "\x0a" + std::string(1, '\0');
                      return bytes;
                    }});
  bodies.push_back({"invoices", "Billing/Invoice", [](int) {
                      pb::InvoiceRequest request;
                      request.set_customer(kCounters);
                      SetLargest(*request.mutable_metadata());
                      return request.SerializeAsString();
                    }});
  return bodies;
}

}  // namespace owo
