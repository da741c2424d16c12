// The server as a whole, as seen by callers over the network.

#include "service/server.h"

#include <gmock/gmock.h>
#include <grp.h>
#include <grpcpp/create_channel.h>
#include <grpcpp/generic/generic_stub.h>
#include <sys/stat.h>
#include <unistd.h>

#include <atomic>
#include <filesystem>
#include <thread>
#include <utility>

#include "absl/synchronization/notification.h"
#include "absl/time/clock.h"
#include "owo/billing/v1/billing.grpc.pb.h"
#include "owo/billing/v1/catalog.grpc.pb.h"
#include "owo/billing/v1/customers.grpc.pb.h"
#include "owo/billing/v1/metering.grpc.pb.h"
#include "service/rpc/health.h"
#include "tests/client/proto_text.h"
#include "tests/support/recorded_metrics.h"
#include "tests/support/server.h"

namespace owo::service {
namespace {

namespace pb = ::owo::billing::v1;
using rpc::CheckHealth;
using ::testing::Each;
using testing::FromText;
using ::testing::HasSubstr;
using ::testing::Not;

constexpr char kCatalog[] = R"(
  features { slug: "calls" name: "API calls" }
  plans { slug: "pro" name: "Pro" currency: "USD" features {
    feature_slug: "calls" usage_model: USAGE_MODEL_USAGE_BASED unit_price: "10" } })";

// Makes a call that must succeed.
template <typename Response, typename Stub, typename Method, typename Request>
Response Call(const std::unique_ptr<Stub>& stub, Method method, const Request& request) {
  grpc::ClientContext context;
  Response response;
  const grpc::Status status = ((*stub).*method)(&context, request, &response);
  EXPECT_TRUE(status.ok()) << status.error_message();
  return response;
}

class ServerTest : public ::testing::Test {
 protected:
  void SetUpAda() {
    Call<pb::SyncCatalogResponse>(server_.Stub<pb::Catalog>(), &pb::Catalog::Stub::SyncCatalog,
                                  FromText<pb::SyncCatalogRequest>(kCatalog));
    const auto customers = server_.Stub<pb::Customers>();
    Call<pb::CreateCustomerResponse>(customers, &pb::Customers::Stub::CreateCustomer,
                                     FromText<pb::CreateCustomerRequest>("customer { id: 'ada' }"));
    Call<pb::SubscribeResponse>(customers, &pb::Customers::Stub::Subscribe,
                                FromText<pb::SubscribeRequest>("customer: 'ada' plan: 'pro'"));
  }
  int64_t Estimated() {
    return Call<pb::UsageResponse>(server_.Stub<pb::Billing>(), &pb::Billing::Stub::Usage,
                                   FromText<pb::UsageRequest>("customer: 'ada'"))
        .total_estimated();
  }
  // Sends `bytes` as a request, and returns gRPC's status code.
  grpc::StatusCode Send(const std::string& method, const std::string& bytes,
                        const std::string& header = "") {
    grpc::ChannelArguments arguments;
    arguments.SetMaxSendMessageSize(-1);
    grpc::GenericStub stub(grpc::CreateCustomChannel(
        server_.address(), grpc::InsecureChannelCredentials(), arguments));
    grpc::ClientContext context;
    if (!header.empty()) context.AddMetadata("x-padding", header);
    const grpc::Slice slice(bytes);
    const grpc::ByteBuffer request(&slice, 1);
    grpc::ByteBuffer response;
    grpc::Status status;
    absl::Notification done;
    stub.UnaryCall(&context, method, {}, &request, &response, [&](grpc::Status s) {
      status = std::move(s);
      done.Notify();
    });
    done.WaitForNotification();
    return status.error_code();
  }

  InProcessServer server_;
};

TEST_F(ServerTest, WhatWasAcknowledgedIsThereAfterARestart) {
  SetUpAda();
  Call<pb::TrackResponse>(
      server_.Stub<pb::Metering>(), &pb::Metering::Stub::Track,
      FromText<pb::TrackRequest>("customer: 'ada' feature: 'calls' quantity: '3'"));
  server_.Restart();
  EXPECT_EQ(Estimated(), 30);
}

TEST(ServerMetricsTest, CallsAndCommitsAreMeasured) {
  telemetry::RecordedMetrics metrics;
  const InProcessServer server({.metrics = &metrics});
  Call<pb::CreateCustomerResponse>(server.Stub<pb::Customers>(),
                                   &pb::Customers::Stub::CreateCustomer,
                                   FromText<pb::CreateCustomerRequest>("customer { id: 'ada' }"));
  EXPECT_EQ(metrics.value("owo_calls_total/owo.billing.v1.Customers/CreateCustomer/OK"), 1);
  EXPECT_EQ(metrics.value("owo_call_duration_seconds/owo.billing.v1.Customers/CreateCustomer"), 1);
  EXPECT_EQ(metrics.value("owo_commit_events"), 1);
  EXPECT_EQ(metrics.value("owo_commit_bytes"), 1);
  EXPECT_EQ(metrics.value("owo_commit_write_seconds"), 1);
}

TEST_F(ServerTest, ARepeatedRequestIsRecognisedByItsContent) {
  const auto customers = server_.Stub<pb::Customers>();
  const auto request =
      FromText<pb::CreateCustomerRequest>("customer { id: 'bob' } request_id: 'r1'");
  const auto create = &pb::Customers::Stub::CreateCustomer;
  EXPECT_FALSE(Call<pb::CreateCustomerResponse>(customers, create, request).replayed());
  server_.Restart();
  const auto again = server_.Stub<pb::Customers>();
  EXPECT_TRUE(Call<pb::CreateCustomerResponse>(again, create, request).replayed());
  grpc::ClientContext context;
  pb::CreateCustomerResponse response;
  const auto other = FromText<pb::CreateCustomerRequest>("customer { id: 'eve' } request_id: 'r1'");
  EXPECT_EQ(again->CreateCustomer(&context, other, &response).error_code(),
            grpc::StatusCode::ALREADY_EXISTS);
}

TEST_F(ServerTest, HostileBytesAreRefusedAndTheServerGoesOn) {
  const std::string usage = "/owo.billing.v1.Billing/Usage";
  EXPECT_EQ(Send(usage, std::string(10 << 20, '\0')), grpc::StatusCode::RESOURCE_EXHAUSTED);
  EXPECT_NE(Send(usage, "\xff\xff\xff\xff garbage"), grpc::StatusCode::OK);
  EXPECT_NE(Send(usage, "\x0a\x02\xc3\x28"), grpc::StatusCode::OK);  // not UTF-8
  EXPECT_NE(Send(usage, "", std::string(20'000, 'x')), grpc::StatusCode::OK);
  EXPECT_EQ(Send("/owo.billing.v1.Billing/Nope", ""), grpc::StatusCode::UNIMPLEMENTED);
  EXPECT_EQ(Send("/owo.billing.v1.Nope/Usage", ""), grpc::StatusCode::UNIMPLEMENTED);
  EXPECT_EQ(Send(usage, ""), grpc::StatusCode::INVALID_ARGUMENT);
  EXPECT_TRUE(CheckHealth(server_.address(), absl::Seconds(10)).ok());
}

TEST_F(ServerTest, CompressedMessagesAreRefused) {
  SetUpAda();
  const auto billing = server_.Stub<pb::Billing>();
  for (const grpc_compression_algorithm algorithm : {GRPC_COMPRESS_GZIP, GRPC_COMPRESS_DEFLATE}) {
    grpc::ClientContext context;
    context.set_compression_algorithm(algorithm);
    pb::UsageResponse response;
    // Long and uniform: otherwise gRPC sends it as it is.
    const grpc::Status status = billing->Usage(
        &context, FromText<pb::UsageRequest>("customer: '" + std::string(4096, 'a') + "'"),
        &response);
    EXPECT_EQ(status.error_code(), grpc::StatusCode::UNIMPLEMENTED) << status.error_message();
  }
}

TEST_F(ServerTest, ShutdownFinishesWhatItAcceptedAndTakesNothingNew) {
  SetUpAda();
  constexpr int kCallers = 16;
  std::atomic<int> acknowledged = 0;
  std::vector<grpc::StatusCode> codes(kCallers);  // the last code that each caller got
  std::vector<std::jthread> callers;
  for (int i = 0; i < kCallers; ++i) {
    callers.emplace_back([&, i] {
      const auto metering = server_.Stub<pb::Metering>();
      for (;;) {
        grpc::ClientContext context;
        pb::TrackResponse response;
        const grpc::Status status = metering->Track(
            &context, FromText<pb::TrackRequest>("customer: 'ada' feature: 'calls' quantity: '1'"),
            &response);
        if (!status.ok()) {
          codes[static_cast<size_t>(i)] = status.error_code();
          return;
        }
        ++acknowledged;
      }
    });
  }
  while (acknowledged < 200) absl::SleepFor(absl::Milliseconds(1));
  server_.server().Shutdown(absl::Seconds(60));
  callers.clear();
  EXPECT_THAT(codes, Each(grpc::StatusCode::UNAVAILABLE));
  server_.Restart();
  EXPECT_EQ(Estimated(), 10 * acknowledged);
}

TEST_F(ServerTest, APortThatIsTakenIsNamed) {
  const TempDir dir;
  const auto second = Server::Start({.listen = server_.address(), .store = dir.path()});
  EXPECT_TRUE(absl::IsAlreadyExists(second.status()));
  EXPECT_THAT(std::string(second.status().message()), HasSubstr(server_.address()));
}

TEST_F(ServerTest, ADirectoryThatIsInUseIsNamed) {
  const auto second = Server::Start({.listen = "127.0.0.1:0", .store = server_.data_dir()});
  ASSERT_FALSE(second.ok());
  EXPECT_THAT(std::string(second.status().message()), HasSubstr(server_.data_dir()));
  EXPECT_THAT(std::string(second.status().message()), HasSubstr("in use"));
  EXPECT_TRUE(CheckHealth(server_.address(), absl::Seconds(10)).ok());
}

TEST(ServerReachTest, ADirectoryThatCannotBeLockedIsNotCalledInUse) {
  const TempDir dir;
  std::filesystem::create_directory(dir.path() + "/LOCK");
  const auto server = Server::Start({.listen = "127.0.0.1:0", .store = dir.path()});
  ASSERT_FALSE(server.ok());
  EXPECT_THAT(std::string(server.status().message()), HasSubstr("LOCK"));
  EXPECT_THAT(std::string(server.status().message()), Not(HasSubstr("in use")));
}

TEST(ServerReachTest, StrangersAreNotListenedToUnlessToldSo) {
  const TempDir dir;
  ServerOptions options{.listen = "0.0.0.0:0", .store = dir.path()};
  const auto refused = Server::Start(options);
  EXPECT_TRUE(absl::IsInvalidArgument(refused.status()));
  EXPECT_THAT(std::string(refused.status().message()), HasSubstr("--allow_insecure_listen"));
  options.allow_insecure_listen = true;
  const auto without_front = Server::Start(options);
  EXPECT_TRUE(absl::IsInvalidArgument(without_front.status()));
  EXPECT_THAT(std::string(without_front.status().message()),
              HasSubstr("--allow_listen_without_front"));
  options.allow_listen_without_front = true;
  const auto without_keys = Server::Start(options);
  EXPECT_TRUE(absl::IsInvalidArgument(without_keys.status()));
  EXPECT_THAT(std::string(without_keys.status().message()), HasSubstr("--require_keys=false"));
  options.operator_key = "operator-key-of-at-least-32-characters";
  EXPECT_TRUE(Server::Start(options).ok());
  options.operator_key_file = dir.path() + "/key";
  EXPECT_TRUE(absl::IsInvalidArgument(Server::Start(options).status())) << "given twice";
  options.operator_key = "";
  EXPECT_TRUE(absl::IsInvalidArgument(Server::Start(options).status())) << "there is no file";
  options.operator_key_file = "";
  options.require_keys = false;
  EXPECT_TRUE(Server::Start(options).ok());
  options.listen = "nonsense";
  EXPECT_TRUE(absl::IsInvalidArgument(Server::Start(options).status()));
}

// Returns mode and group of the socket file of a server that was started with `group`.
std::pair<mode_t, gid_t> SocketAccess(const std::string& group) {
  const TempDir dir;
  const std::string path = dir.path() + "/socket";
  const auto server = Server::Start({.listen = "unix:" + path,
                                     .store = dir.path() + "/data",
                                     .socket_group = group,
                                     .require_keys = false});
  EXPECT_TRUE(server.ok()) << server.status();
  struct stat file {};
  EXPECT_EQ(stat(path.c_str(), &file), 0);
  return {file.st_mode & 0777, file.st_gid};
}

TEST(ServerReachTest, OnlyTheOwnerAndTheNamedGroupMayConnectToASocket) {
  EXPECT_EQ(SocketAccess("").first, 0600u);
  EXPECT_EQ(SocketAccess(std::to_string(getgid())), std::pair(mode_t{0660}, getgid()));
  if (getuid() != 0) GTEST_SKIP() << "only root may give a file to any group";
  EXPECT_EQ(SocketAccess("daemon"), std::pair(mode_t{0660}, getgrnam("daemon")->gr_gid));
}

TEST(ServerReachTest, ASocketGroupThatDoesNotExistOrHasNoSocketIsRefused) {
  const TempDir dir;
  ServerOptions options{
      .listen = "127.0.0.1:0", .store = dir.path() + "/data", .socket_group = "daemon"};
  EXPECT_TRUE(absl::IsInvalidArgument(Server::Start(options).status()));
  options.listen = "unix:" + dir.path() + "/socket";
  options.socket_group = "no such group";
  const absl::Status status = Server::Start(options).status();
  EXPECT_TRUE(absl::IsInvalidArgument(status));
  EXPECT_THAT(std::string(status.message()), HasSubstr("no such group"));
}

TEST(ServerReachTest, ASecondServerDoesNotTakeTheSocketOfTheFirst) {
  const TempDir dir;
  const std::string address = "unix:" + dir.path() + "/socket";
  {
    const auto first = Server::Start({.listen = address, .store = dir.path() + "/data"});
    ASSERT_TRUE(first.ok()) << first.status();
    const auto second = Server::Start({.listen = address, .store = dir.path() + "/other"});
    EXPECT_TRUE(absl::IsAlreadyExists(second.status())) << second.status();
    EXPECT_TRUE(CheckHealth(address, absl::Seconds(10)).ok());
  }
  EXPECT_TRUE(Server::Start({.listen = address, .store = dir.path() + "/data"}).ok());
}

TEST(ServerReachTest, ASocketServesToo) {
  const TempDir dir;
  const std::string address = "unix:" + dir.path() + "/socket";
  const auto server = Server::Start({.listen = address, .store = dir.path() + "/data"});
  ASSERT_TRUE(server.ok()) << server.status();
  EXPECT_EQ((*server)->address(), address);
  EXPECT_TRUE(CheckHealth(address, absl::Seconds(10)).ok());
}

}  // namespace
}  // namespace owo::service
