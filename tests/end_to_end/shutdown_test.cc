// SIGTERM: accepted calls are finished, later calls get UNAVAILABLE, and nothing else delays the
// server's end.

#include <gmock/gmock.h>
#include <grpcpp/create_channel.h>
#include <grpcpp/security/credentials.h>

#include <array>
#include <atomic>
#include <memory>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/synchronization/blocking_counter.h"
#include "absl/time/clock.h"
#include "client/cpp/owostack.h"
#include "grpc/health/v1/health.grpc.pb.h"
#include "grpc/reflection/v1/reflection.grpc.pb.h"
#include "owo/billing/v1/metering.grpc.pb.h"
#include "tests/end_to_end/metered_customer.h"
#include "tests/end_to_end/raw_http2.h"
#include "tests/end_to_end/server_process.h"
#include "tests/support/long_run.h"
#include "tests/support/temp_dir.h"

namespace owo {
namespace {

namespace pb = ::owo::billing::v1;
using grpc::reflection::v1::ServerReflection;

constexpr char kReflection[] = "/grpc.reflection.v1.ServerReflection/ServerReflectionInfo";
constexpr int kConnections = 16;
constexpr int kCallersOfAConnection = 8;
constexpr int kRefusalsOfACaller = 30;  // so that each caller is active until the server has ended
constexpr absl::Duration kIdleStop = absl::Seconds(5);  // 0.3 s on an idle machine

std::shared_ptr<grpc::Channel> OwnConnection(const std::string& endpoint) {
  grpc::ChannelArguments arguments;
  arguments.SetInt(GRPC_ARG_USE_LOCAL_SUBCHANNEL_POOL, 1);
  arguments.SetInt(GRPC_ARG_ENABLE_RETRIES, 0);
  return grpc::CreateCustomChannel(endpoint, grpc::InsecureChannelCredentials(), arguments);
}

// The answers to callers, by status code.
struct Answers {
  std::array<std::atomic<int>, 17> codes{};
};

// Makes one call after the other until the server has refused enough of them.
class Caller {
 public:
  Caller(const std::shared_ptr<grpc::Channel>& channel, Answers& answers,
         absl::BlockingCounter& done)
      : stub_(pb::Metering::NewStub(channel)), answers_(answers), done_(done) {
    request_.set_customer(kCustomer);
    request_.set_feature("calls");
    request_.set_quantity("1");
  }

  void Call() {
    context_ = std::make_unique<grpc::ClientContext>();
    stub_->async()->Track(context_.get(), &request_, &response_,
                          [this](const grpc::Status& status) {
                            ++answers_.codes.at(static_cast<size_t>(status.error_code()));
                            if (status.ok() || --refusals_left_ > 0) return Call();
                            done_.DecrementCount();
                          });
  }

 private:
  const std::unique_ptr<pb::Metering::Stub> stub_;
  Answers& answers_;
  absl::BlockingCounter& done_;
  int refusals_left_ = kRefusalsOfACaller;
  pb::TrackRequest request_;
  pb::TrackResponse response_;
  std::unique_ptr<grpc::ClientContext> context_;
};

class ShutdownTest : public ::testing::Test {
 protected:
  void StartServer() { server_ = std::make_unique<ServerProcess>(dir_.path()); }

  // Stops the server under load. Returns how many calls were acknowledged.
  int StopUnderLoad() {
    Answers answers;
    absl::BlockingCounter done(kConnections * kCallersOfAConnection);
    std::vector<std::unique_ptr<Caller>> callers;
    for (int i = 0; i < kConnections; ++i) {
      const auto channel = OwnConnection(server_->endpoint());
      for (int k = 0; k < kCallersOfAConnection; ++k) {
        callers.push_back(std::make_unique<Caller>(channel, answers, done));
      }
    }
    for (const auto& caller : callers) caller->Call();
    const std::atomic<int>& acknowledged = answers.codes[grpc::StatusCode::OK];
    while (acknowledged < 3'000) absl::SleepFor(absl::Milliseconds(1));
    EXPECT_EQ(server_->Stop(), 0);
    done.Wait();
    for (size_t code = 1; code < answers.codes.size(); ++code) {
      if (code == grpc::StatusCode::UNAVAILABLE) continue;
      EXPECT_EQ(answers.codes[code], 0) << "calls were answered with code " << code;
    }
    EXPECT_GT(answers.codes[grpc::StatusCode::UNAVAILABLE], 0);
    return acknowledged;
  }

  const TempDir dir_;
  std::unique_ptr<ServerProcess> server_;
};

TEST_F(ShutdownTest, CallsUnderWayFinishAndLaterOnesGetUnavailable) {
  StartServer();
  ASSERT_NO_FATAL_FAILURE(AddMeteredCustomer(Owostack({.endpoint = server_->endpoint()})));
  int acknowledged = 0;
  for (int life = 0; life < (IsLongRun() ? 20 : 3); ++life) {
    acknowledged += StopUnderLoad();
    StartServer();
  }
  const auto usage =
      Owostack({.endpoint = server_->endpoint()}).billing.usage({.customer = kCustomer});
  ASSERT_TRUE(usage.ok()) << usage.status();
  // A call whose connection was closed may have been counted, so the total may be higher.
  EXPECT_GE(usage->total_estimated, acknowledged * kCallPrice);
}

TEST_F(ShutdownTest, ConnectionsWithoutACallHoldNothingUp) {
  StartServer();
  const RawSocket silent(server_->endpoint());
  const RawSocket begun(server_->endpoint());
  ASSERT_TRUE(begun.Send("PRI * HT"));
  RawConnection idle(server_->endpoint());
  RawConnection unread(server_->endpoint());  // whose answers wait for a window
  ASSERT_TRUE(unread.OpenCalls("/grpc.health.v1.Health/Watch", "", 1));
  ASSERT_TRUE(unread.OpenCalls(kReflection, std::string("\x3a\x01*"), 1));  // list_services: "*"
  ASSERT_EQ(unread.AwaitAnswers(2), 2);
  RawConnection served(server_->endpoint());
  ASSERT_TRUE(served.OpenCalls("/owo.billing.v1.Billing/Usage", "", 1));  // refused
  ASSERT_EQ(served.AwaitAnswers(1), 1);
  const auto health = grpc::health::v1::Health::NewStub(OwnConnection(server_->endpoint()));
  grpc::ClientContext context;
  const auto watch = health->Watch(&context, {});
  grpc::health::v1::HealthCheckResponse response;
  ASSERT_TRUE(watch->Read(&response));
  EXPECT_EQ(response.status(), grpc::health::v1::HealthCheckResponse::SERVING);
  grpc::ClientContext reflection_context;
  const auto stub = ServerReflection::NewStub(OwnConnection(server_->endpoint()));
  const auto reflection = stub->ServerReflectionInfo(&reflection_context);
  grpc::reflection::v1::ServerReflectionRequest request;
  request.set_list_services("*");
  grpc::reflection::v1::ServerReflectionResponse listed;
  ASSERT_TRUE(reflection->Write(request) && reflection->Read(&listed));

  const absl::Time before = absl::Now();
  EXPECT_EQ(server_->Stop(), 0);
  EXPECT_LT(absl::Now() - before, kIdleStop);
  ASSERT_TRUE(watch->Read(&response));
  EXPECT_EQ(response.status(), grpc::health::v1::HealthCheckResponse::NOT_SERVING);
  EXPECT_FALSE(watch->Read(&response));
  EXPECT_EQ(watch->Finish().error_code(), grpc::StatusCode::UNAVAILABLE);
  EXPECT_FALSE(reflection->Read(&listed));
  EXPECT_EQ(reflection->Finish().error_code(), grpc::StatusCode::UNAVAILABLE);
}

}  // namespace
}  // namespace owo
