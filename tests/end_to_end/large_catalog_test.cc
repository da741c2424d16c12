// A server with little memory, whose catalog has hundreds of large plan versions: it restarts
// repeatedly and serves its callers.

#include <grpcpp/create_channel.h>
#include <gtest/gtest.h>

#include <fstream>
#include <memory>
#include <string>

#include "owo/billing/v1/billing.grpc.pb.h"
#include "owo/billing/v1/catalog.grpc.pb.h"
#include "owo/billing/v1/customers.grpc.pb.h"
#include "owo/billing/v1/metering.grpc.pb.h"
#include "tests/end_to_end/server_process.h"
#include "tests/support/temp_dir.h"

namespace owo {
namespace {

namespace pb = billing::v1;

constexpr int kPlans = 15;
constexpr int kVersions = 12;
constexpr int kFeatures = 100;
constexpr int kTiers = 100;
constexpr int kMemoryMib = 128;
constexpr int64_t kMemoryMaxKib = (kMemoryMib + 64) << 10;

std::string Feature(int number) { return "f" + std::to_string(number); }
std::string Plan(int number) { return "p" + std::to_string(number); }

void AddPlan(int number, int version, pb::SyncCatalogRequest& request) {
  pb::Plan& plan = *request.add_plans();
  plan.set_slug(Plan(number));
  plan.set_name(plan.slug());
  plan.set_currency("USD");
  for (int i = 0; i < kFeatures; ++i) {
    pb::PlanFeature& terms = *plan.add_features();
    terms.set_feature_slug(Feature(i));
    terms.set_usage_model(pb::USAGE_MODEL_USAGE_BASED);
    terms.set_rating_model(pb::RATING_MODEL_VOLUME);
    for (int tier = 1; tier <= kTiers; ++tier) {
      pb::Tier& to = *terms.add_tiers();
      if (tier < kTiers) to.set_up_to(std::to_string(tier));
      to.set_unit_price(std::to_string(version));
    }
  }
}

int64_t PeakKib(const ServerProcess& server) {
  std::ifstream status("/proc/" + std::to_string(server.pid()) + "/status");
  std::string word;
  int64_t kib = 0;
  while (status >> word) {
    if (word == "VmHWM:" && status >> kib) return kib;
  }
  ADD_FAILURE() << "the kernel does not say what the server takes";
  return 0;
}

// The calls of one client; each must succeed.
class Caller {
 public:
  explicit Caller(const ServerProcess& server) {
    grpc::ChannelArguments arguments;
    arguments.SetMaxReceiveMessageSize(-1);
    const auto channel =
        grpc::CreateCustomChannel(server.endpoint(), grpc::InsecureChannelCredentials(), arguments);
    catalog_ = pb::Catalog::NewStub(channel);
    customers_ = pb::Customers::NewStub(channel);
    metering_ = pb::Metering::NewStub(channel);
    billing_ = pb::Billing::NewStub(channel);
  }

  void Sync(const pb::SyncCatalogRequest& request) {
    grpc::ClientContext context;
    pb::SyncCatalogResponse response;
    Check(catalog_->SyncCatalog(&context, request, &response));
  }
  pb::Plan Get(const std::string& plan, uint32_t version) {
    grpc::ClientContext context;
    pb::GetPlanRequest request;
    request.set_plan(plan);
    request.set_version(version);
    pb::GetPlanResponse response;
    Check(catalog_->GetPlan(&context, request, &response));
    return response.plan();
  }
  // The customer's id is the plan's slug.
  void AddCustomer(const std::string& plan) {
    grpc::ClientContext creating;
    pb::CreateCustomerRequest create;
    create.mutable_customer()->set_id(plan);
    pb::CreateCustomerResponse created;
    Check(customers_->CreateCustomer(&creating, create, &created));
    grpc::ClientContext subscribing;
    pb::SubscribeRequest subscribe;
    subscribe.set_customer(plan);
    subscribe.set_plan(plan);
    pb::SubscribeResponse subscribed;
    Check(customers_->Subscribe(&subscribing, subscribe, &subscribed));
  }
  void Track(const std::string& customer, const std::string& feature) {
    grpc::ClientContext context;
    pb::TrackRequest request;
    request.set_customer(customer);
    request.set_feature(feature);
    request.set_quantity("1");
    pb::TrackResponse response;
    Check(metering_->Track(&context, request, &response));
  }
  int64_t Unbilled(const std::string& customer) {
    grpc::ClientContext context;
    pb::UsageRequest request;
    request.set_customer(customer);
    pb::UsageResponse response;
    Check(billing_->Usage(&context, request, &response));
    return response.total_estimated();
  }

 private:
  static void Check(const grpc::Status& status) {
    ASSERT_TRUE(status.ok()) << status.error_message();
  }

  std::unique_ptr<pb::Catalog::Stub> catalog_;
  std::unique_ptr<pb::Customers::Stub> customers_;
  std::unique_ptr<pb::Metering::Stub> metering_;
  std::unique_ptr<pb::Billing::Stub> billing_;
};

TEST(LargeCatalogTest, AServerWithLittleMemoryServesIt) {
  const TempDir dir;
  const std::vector<std::string> flags = {"--memory_mib=" + std::to_string(kMemoryMib)};
  {
    ServerProcess server(dir.path(), flags);
    Caller caller(server);
    for (int version = 1; version <= kVersions; ++version) {
      pb::SyncCatalogRequest request;
      for (int i = 0; i < kFeatures; ++i) {
        pb::Feature& feature = *request.add_features();
        feature.set_slug(Feature(i));
        feature.set_name(feature.slug());
      }
      for (int plan = 0; plan < kPlans; ++plan) AddPlan(plan, version, request);
      ASSERT_NO_FATAL_FAILURE(caller.Sync(request)) << version;
    }
    for (int plan = 0; plan < kPlans; ++plan) caller.AddCustomer(Plan(plan));
    server.Kill();
  }
  ServerProcess server(dir.path(), flags);
  Caller caller(server);
  for (int plan = 0; plan < kPlans; ++plan) {
    ASSERT_NO_FATAL_FAILURE(caller.Track(Plan(plan), Feature(7)));
    EXPECT_EQ(caller.Unbilled(Plan(plan)), kVersions);
    for (uint32_t version = 1; version <= kVersions; ++version) {
      EXPECT_EQ(caller.Get(Plan(plan), version).features_size(), kFeatures);
    }
  }
  EXPECT_LE(PeakKib(server), kMemoryMaxKib);
}

}  // namespace
}  // namespace owo
