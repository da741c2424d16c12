// What a call over the network brings along.

#include "service/rpc/grpc_service.h"

#include <grpcpp/create_channel.h>
#include <grpcpp/server_builder.h>
#include <gtest/gtest.h>

#include "absl/time/clock.h"
#include "owo/billing/v1/billing.grpc.pb.h"
#include "service/rpc/calls.h"
#include "tests/support/recorded_log.h"

namespace owo::rpc {
namespace {

namespace pb = ::owo::billing::v1;

// Answers Usage, and keeps what the context of the last call was.
class ProbeService final : public GrpcService {
 public:
  explicit ProbeService(const CallParts& parts) : GrpcService(parts) {
    Serve("owo.billing.v1.Billing", {Calls::Make<pb::UsageRequest, pb::UsageResponse>(
                                        "Usage", CallKind::kRead, [this](Call& call) {
                                          deadline = call.context().deadline;
                                          correlation_id = call.context().correlation_id();
                                          traceparent = call.context().traceparent();
                                          call.Finish(absl::OkStatus());
                                        })});
  }

  storage::Micros deadline = 0;
  std::string correlation_id;
  std::string traceparent;
};

class GrpcServiceTest : public ::testing::Test {
 protected:
  GrpcServiceTest() {
    int port = 0;
    grpc::ServerBuilder builder;
    builder.AddListeningPort("127.0.0.1:0", grpc::InsecureServerCredentials(), &port);
    builder.RegisterService(&service_);
    server_ = builder.BuildAndStart();
    stub_ = pb::Billing::NewStub(grpc::CreateChannel("127.0.0.1:" + std::to_string(port),
                                                     grpc::InsecureChannelCredentials()));
  }

  void CallUsage(grpc::ClientContext& context) {
    pb::UsageResponse response;
    const grpc::Status status = stub_->Usage(&context, pb::UsageRequest(), &response);
    EXPECT_TRUE(status.ok()) << status.error_message();
  }

  CallsInFlight in_flight_{{.read_bytes = 1 << 20, .write_bytes = 1 << 20}};
  const access::KeyRing ring_;
  const Authenticator authenticator_{{.ring = ring_}, ledger::SystemTime};
  telemetry::RecordedLog sink_;
  BoundedLog log_{sink_};
  ProbeService service_{{in_flight_, authenticator_, log_, telemetry::NoMetrics()}};
  std::unique_ptr<grpc::Server> server_;
  std::unique_ptr<pb::Billing::Stub> stub_;
};

TEST_F(GrpcServiceTest, ACallWithoutDeadlineAndNamesHasNone) {
  grpc::ClientContext context;
  CallUsage(context);
  EXPECT_EQ(service_.deadline, storage::kForever);
  EXPECT_EQ(service_.correlation_id, "");
  EXPECT_EQ(service_.traceparent, "");
}

TEST_F(GrpcServiceTest, DeadlineAndNamesArrive) {
  grpc::ClientContext context;
  const absl::Time deadline = absl::Now() + absl::Hours(1);
  context.set_deadline(absl::ToChronoTime(deadline));
  context.AddMetadata("x-request-id", "r-17");
  context.AddMetadata("traceparent", "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01");
  CallUsage(context);
  // gRPC sends how much time is left.
  EXPECT_LT(absl::AbsDuration(absl::FromUnixMicros(service_.deadline) - deadline),
            absl::Minutes(1));
  EXPECT_EQ(service_.correlation_id, "r-17");
  EXPECT_EQ(service_.traceparent, "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01");
}

}  // namespace
}  // namespace owo::rpc
