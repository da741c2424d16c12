#include "service/rpc/health.h"

#include <gmock/gmock.h>
#include <grpcpp/create_channel.h>
#include <grpcpp/server_builder.h>

#include "absl/time/clock.h"
#include "grpc/health/v1/health.grpc.pb.h"
#include "service/rpc/reflection.h"
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
  for (const char* service :
       {"", "owo.billing.v1.Billing", "owo.billing.v1.Metering", "owo.billing.v1.Customers",
        "owo.billing.v1.Catalog", "owo.billing.v1.Admin", "writes"}) {
    Response response;
    EXPECT_EQ(Check(service, response), grpc::StatusCode::OK) << service;
    EXPECT_EQ(response.status(), Response::SERVING) << service;
  }
}

TEST(WritesHealthTest, IsSetByItselfAndWatched) {
  Health health;
  health.SetWritable(false);  // as on a disk that is full at the start
  Reflection reflection({});  // a server needs a service of its own
  grpc::ServerBuilder builder;
  builder.RegisterService(&reflection);
  Health::Enable();
  std::unique_ptr<grpc::Server> server = builder.BuildAndStart();
  health.Attach(*server, {"a"});
  const auto stub = health::Health::NewStub(server->InProcessChannel({}));
  const auto check = [&stub](const std::string& name) {
    grpc::ClientContext context;
    health::HealthCheckRequest request;
    request.set_service(name);
    Response response;
    EXPECT_TRUE(stub->Check(&context, request, &response).ok()) << name;
    return response.status();
  };
  grpc::ClientContext context;
  health::HealthCheckRequest request;
  request.set_service("writes");
  const auto watch = stub->Watch(&context, request);
  Response response;
  ASSERT_TRUE(watch->Read(&response));
  EXPECT_EQ(response.status(), Response::NOT_SERVING);
  for (const bool writable : {true, false, true}) {
    health.SetWritable(writable);
    const auto status = writable ? Response::SERVING : Response::NOT_SERVING;
    EXPECT_EQ(check("writes"), status);
    ASSERT_TRUE(watch->Read(&response));
    EXPECT_EQ(response.status(), status);
    EXPECT_EQ(check(""), Response::SERVING);
    EXPECT_EQ(check("a"), Response::SERVING);
  }
  health.Shutdown();
  for (const char* const name : {"", "a", "writes"}) EXPECT_EQ(check(name), Response::NOT_SERVING);
  health.SetWritable(true);
  EXPECT_EQ(check("writes"), Response::NOT_SERVING);
  context.TryCancel();
  server->Shutdown();
  health.Detach();
  server.reset();
  health.SetWritable(false);
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
