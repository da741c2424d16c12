#include "tests/bench/world.h"

#include <stdexcept>
#include <string>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "owo/billing/v1/billing.pb.h"
#include "owo/billing/v1/catalog.pb.h"
#include "owo/billing/v1/customers.pb.h"
#include "tests/bench/loop.h"
#include "tests/bench/traffic.h"

namespace owo::bench {
namespace {

namespace pb = owo::billing::v1;

constexpr char kPlan[] = "bench";
constexpr LoopOptions kMany = {.in_flight = 16};

pb::SyncCatalogRequest TheCatalog() {
  pb::SyncCatalogRequest catalog;
  pb::Plan& plan = *catalog.add_plans();
  plan.set_slug(kPlan);
  plan.set_name("Bench");
  plan.set_currency("USD");
  for (uint32_t i = 0; i < kFeatures; ++i) {
    pb::Feature& feature = *catalog.add_features();
    feature.set_slug(FeatureName(i));
    feature.set_name(absl::StrCat("Feature ", i));
    pb::PlanFeature& terms = *plan.add_features();
    terms.set_feature_slug(feature.slug());
    terms.set_usage_model(pb::USAGE_MODEL_USAGE_BASED);
    terms.set_unit_price("1");
  }
  return catalog;
}

uint64_t UnitsIn(const pb::UsageResponse& usage) {
  uint64_t units = 0;
  for (const pb::FeatureUsage& feature : usage.features()) {
    uint64_t used = 0;
    if (!absl::SimpleAtoi(feature.usage(), &used)) {
      throw std::runtime_error("usage is no whole number: " + feature.usage());
    }
    units += used;
  }
  return units;
}

}  // namespace

void AddCatalog(const Target& target) {
  ListedTraffic sync;
  sync.Add("/owo.billing.v1.Catalog/SyncCatalog", TheCatalog());
  RunClosedLoop(target, sync, {});
}

void AddCustomers(const Target& target, const Population& population) {
  ListedTraffic create;
  ListedTraffic subscribe;
  for (uint32_t i = 0; i < population.customers; ++i) {
    const std::string name = CustomerName(population.first_customer + i);
    pb::CreateCustomerRequest customer;
    customer.mutable_customer()->set_id(name);
    if (population.spend_cap > 0) customer.mutable_customer()->set_spend_cap(population.spend_cap);
    create.Add("/owo.billing.v1.Customers/CreateCustomer", customer);
    pb::SubscribeRequest subscription;
    subscription.set_customer(name);
    subscription.set_plan(kPlan);
    subscribe.Add("/owo.billing.v1.Customers/Subscribe", subscription);
  }
  RunClosedLoop(target, create, kMany);
  RunClosedLoop(target, subscribe, kMany);
}

uint64_t UnbilledUnits(const Target& target, const Population& population) {
  uint64_t units = 0;
  ListedTraffic read([&units](uint64_t, grpc::ByteBuffer& answer) {
    units += UnitsIn(As<pb::UsageResponse>(answer));
  });
  for (uint32_t i = 0; i < population.customers; ++i) {
    pb::UsageRequest usage;
    usage.set_customer(CustomerName(population.first_customer + i));
    read.Add("/owo.billing.v1.Billing/Usage", usage);
  }
  RunClosedLoop(target, read, kMany);
  return units;
}

void CheckUsage(const Target& target, const Population& population, uint64_t units) {
  const uint64_t got = UnbilledUnits(target, population);
  if (got == units) return;
  throw std::runtime_error(absl::StrCat("the server counted ", got, " events, want ", units));
}

}  // namespace owo::bench
