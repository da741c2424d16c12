#include <gmock/gmock.h>
#include <grpcpp/create_channel.h>
#include <grpcpp/server_builder.h>

#include <atomic>

#include "absl/time/clock.h"
#include "service/rpc/health_client.h"
#include "service/rpc/health_service.h"
#include "tests/support/server.h"

namespace owo::rpc {
namespace {

namespace health = grpc::health::v1;
using Response = health::HealthCheckResponse;

class HealthTest : public ::testing::Test {
 protected:
  grpc::StatusCode Check(const std::string& service, Response& response) {
    grpc::ClientContext context;
    health::HealthCheckRequest request;
    request.set_service(service);
    return stub_->Check(&context, request, &response).error_code();
  }
  std::unique_ptr<grpc::ClientReader<Response>> Watch(const std::string& service,
                                                      grpc::ClientContext& context) {
    health::HealthCheckRequest request;
    request.set_service(service);
    return stub_->Watch(&context, request);
  }

  InProcessServer server_;
  std::unique_ptr<health::Health::Stub> stub_ = server_.Stub<health::Health>();
};

TEST_F(HealthTest, TheServerAndEachServiceServe) {
  for (const char* service : {"", "owo.billing.v1.Billing", "owo.billing.v1.Metering",
                              "owo.billing.v1.Customers", "owo.billing.v1.Catalog"}) {
    Response response;
    EXPECT_EQ(Check(service, response), grpc::StatusCode::OK) << service;
    EXPECT_EQ(response.status(), Response::SERVING) << service;
  }
}

TEST_F(HealthTest, WritesHaveAHealthOfTheirOwn) {
  Response response;
  EXPECT_EQ(Check("writes", response), grpc::StatusCode::OK);
  EXPECT_EQ(response.status(), Response::SERVING);

  std::atomic<bool> writable = false;
  HealthService service({}, [&] { return writable.load(); });
  grpc::ServerBuilder builder;
  builder.RegisterService(&service);
  const std::unique_ptr<grpc::Server> server = builder.BuildAndStart();
  const auto stub = health::Health::NewStub(server->InProcessChannel({}));
  for (const bool is_writable : {false, true}) {
    writable = is_writable;
    for (const char* const name : {"", "writes"}) {
      grpc::ClientContext context;
      health::HealthCheckRequest request;
      request.set_service(name);
      ASSERT_TRUE(stub->Check(&context, request, &response).ok());
      EXPECT_EQ(response.status() == Response::SERVING, is_writable || *name == '\0') << name;
    }
  }
  server->Shutdown();
}

TEST_F(HealthTest, UnknownServicesAreNotFound) {
  Response response;
  EXPECT_EQ(Check("owo.billing.v1.Nope", response), grpc::StatusCode::NOT_FOUND);
}

TEST_F(HealthTest, AWatcherHearsThatTheServerStopsAndDoesNotHoldItUp) {
  grpc::ClientContext context;
  const auto watch = Watch("owo.billing.v1.Billing", context);
  Response response;
  ASSERT_TRUE(watch->Read(&response));
  EXPECT_EQ(response.status(), Response::SERVING);
  const absl::Time before = absl::Now();
  server_.server().Shutdown(absl::Seconds(60));
  EXPECT_LT(absl::Now() - before, absl::Seconds(30));
  ASSERT_TRUE(watch->Read(&response));
  EXPECT_EQ(response.status(), Response::NOT_SERVING);
  EXPECT_FALSE(watch->Read(&response));
  EXPECT_EQ(watch->Finish().error_code(), grpc::StatusCode::UNAVAILABLE);
}

TEST_F(HealthTest, AWatcherOfAnUnknownServiceIsToldSo) {
  grpc::ClientContext context;
  const auto watch = Watch("nope", context);
  Response response;
  ASSERT_TRUE(watch->Read(&response));
  EXPECT_EQ(response.status(), Response::SERVICE_UNKNOWN);
  context.TryCancel();
  EXPECT_FALSE(watch->Read(&response));
  EXPECT_EQ(watch->Finish().error_code(), grpc::StatusCode::CANCELLED);
}

TEST_F(HealthTest, WatchersComeAndGo) {
  for (int i = 0; i < 50; ++i) {
    grpc::ClientContext context;
    const auto watch = Watch("", context);
    Response response;
    ASSERT_TRUE(watch->Read(&response));
    context.TryCancel();
    EXPECT_EQ(watch->Finish().error_code(), grpc::StatusCode::CANCELLED);
  }
}

TEST_F(HealthTest, ProbesTellAServerThatServesFromOneThatDoesNot) {
  const std::string address = server_.address();
  EXPECT_TRUE(CheckHealth(address, absl::Seconds(10)).ok());
  server_.server().Shutdown(absl::ZeroDuration());
  EXPECT_TRUE(absl::IsUnavailable(CheckHealth(address, absl::Seconds(10))));
}

}  // namespace
}  // namespace owo::rpc
