// The bounds of the server, as callers meet them over the network.

#include "service/server_limits.h"

#include <gmock/gmock.h>
#include <google/protobuf/any.pb.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include "absl/time/clock.h"
#include "google/rpc/error_details.pb.h"
#include "google/rpc/status.pb.h"
#include "owo/billing/v1/catalog.grpc.pb.h"
#include "owo/billing/v1/metering.grpc.pb.h"
#include "service/rpc/health.h"
#include "tests/client/proto_text.h"
#include "tests/support/server.h"

namespace owo::service {
namespace {

namespace v1 = ::owo::billing::v1;
using testing::FromText;
using ::testing::HasSubstr;

template <typename Detail>
Detail DetailIn(const grpc::Status& status) {
  google::rpc::Status details;
  EXPECT_TRUE(details.ParseFromString(status.error_details()));
  Detail detail;
  for (const google::protobuf::Any& any : details.details()) {
    if (any.Is<Detail>()) any.UnpackTo(&detail);
  }
  return detail;
}

absl::Duration RetryDelay(const grpc::Status& status) {
  const auto delay = DetailIn<google::rpc::RetryInfo>(status).retry_delay();
  return absl::Seconds(delay.seconds()) + absl::Nanoseconds(delay.nanos());
}

// Expects a refusal that says which limit it is, and after what time to try again.
void ExpectRefused(const grpc::Status& status, const std::string& reason, const std::string& key,
                   const std::string& limit, absl::Duration least, absl::Duration most) {
  EXPECT_EQ(status.error_code(), grpc::StatusCode::RESOURCE_EXHAUSTED) << status.error_message();
  const auto info = DetailIn<google::rpc::ErrorInfo>(status);
  EXPECT_EQ(info.reason(), reason);
  const auto found = info.metadata().find(key);
  EXPECT_TRUE(found != info.metadata().end() && found->second == limit) << info.DebugString();
  EXPECT_GE(RetryDelay(status), least);
  EXPECT_LE(RetryDelay(status), most);
}

grpc::Status ListFeatures(const InProcessServer& server) {
  grpc::ClientContext context;
  v1::ListFeaturesResponse response;
  return server.Stub<v1::Catalog>()->ListFeatures(&context, {}, &response);
}

// Calls until a call is refused, and returns its status.
grpc::Status ListFeaturesUntilRefused(const InProcessServer& server) {
  grpc::Status status;
  for (int i = 0; status.ok() && i < 100; ++i) status = ListFeatures(server);
  return status;
}

grpc::Status Track(const InProcessServer& server) {
  grpc::ClientContext context;
  v1::TrackResponse response;
  return server.Stub<v1::Metering>()->Track(
      &context, FromText<v1::TrackRequest>("customer: 'ada' feature: 'calls' quantity: '1'"),
      &response);
}

grpc::Status TrackBatch(const InProcessServer& server, int events) {
  v1::TrackBatchRequest request;
  for (int i = 0; i < events; ++i) {
    *request.add_events() =
        FromText<v1::UsageEvent>("customer: 'ada' feature: 'calls' quantity: '1'");
  }
  grpc::ClientContext context;
  v1::TrackBatchResponse response;
  return server.Stub<v1::Metering>()->TrackBatch(&context, request, &response);
}

grpc::Status CheckAndTrack(const InProcessServer& server) {
  grpc::ClientContext context;
  v1::CheckResponse response;
  return server.Stub<v1::Metering>()->Check(
      &context,
      FromText<v1::CheckRequest>("customer: 'ada' feature: 'calls' quantity: '1' track: true"),
      &response);
}

TEST(ServerRateTest, CallsBeyondTheRateAreRefusedUntilTheTimeThatIsNamed) {
  InProcessServer server({.limits = {.calls_per_second = 1}});
  EXPECT_TRUE(ListFeatures(server).ok());
  const grpc::Status refused = ListFeaturesUntilRefused(server);
  ExpectRefused(refused, "CALL_RATE_EXCEEDED", "calls_per_second", "1", absl::Milliseconds(1),
                absl::Seconds(1));
  // Health is not a call of a tenant.
  EXPECT_TRUE(rpc::CheckHealth(server.address(), absl::Seconds(10)).ok());
  absl::SleepFor(RetryDelay(refused));  // what a client does
  EXPECT_TRUE(ListFeatures(server).ok());
}

TEST(ServerRateTest, EventsBeyondTheRateAreRefusedHoweverTheyAreSent) {
  InProcessServer server({.limits = {.events_per_second = 10}});
  // A batch larger than the rate is counted, and those after it wait.
  EXPECT_TRUE(TrackBatch(server, 1000).ok());
  for (const grpc::Status& refused :
       {TrackBatch(server, 1), Track(server), CheckAndTrack(server)}) {
    ExpectRefused(refused, "EVENT_RATE_EXCEEDED", "events_per_second", "10", absl::Seconds(80),
                  absl::Seconds(100));
  }
  EXPECT_TRUE(ListFeatures(server).ok());
}

TEST(ServerRateTest, ATenantsOwnLimitHoldsForTheNextCall) {
  InProcessServer server({.limits = {.events_per_second = 1}});
  server.server().SetTenantRates(storage::kDefaultTenant, {.events_per_second = 1000});
  EXPECT_TRUE(TrackBatch(server, 999).ok());
  EXPECT_TRUE(TrackBatch(server, 1).ok());
  server.server().SetTenantRates(storage::kDefaultTenant, {.calls_per_second = 1});
  ExpectRefused(ListFeaturesUntilRefused(server), "CALL_RATE_EXCEEDED", "calls_per_second", "1",
                absl::Milliseconds(1), absl::Seconds(1));
  server.server().SetTenantRates(storage::kDefaultTenant,
                                 {.calls_per_second = 0, .events_per_second = 0});
  EXPECT_TRUE(TrackBatch(server, 1000).ok());
  EXPECT_TRUE(TrackBatch(server, 1000).ok());
}

TEST(ServerLimitsTest, AMessageIsBounded) {
  const InProcessServer server({.limits = {.message_bytes_max = 1 << 10}});
  EXPECT_TRUE(TrackBatch(server, 1).ok());
  EXPECT_EQ(TrackBatch(server, 100).error_code(), grpc::StatusCode::RESOURCE_EXHAUSTED);
}

TEST(ServerLimitsTest, ASilentConnectionGivesItsPlaceToAnother) {
  InProcessServer server(
      {.limits = {.connections_max = 1, .handshake_timeout = absl::Milliseconds(300)}});
  const int silent = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in to{.sin_family = AF_INET,
                 .sin_port = htons(static_cast<uint16_t>(server.server().port()))};
  to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  ASSERT_EQ(connect(silent, reinterpret_cast<sockaddr*>(&to), sizeof to), 0);
  const absl::Time end = absl::Now() + absl::Seconds(20);
  absl::Status status;
  do {
    status = rpc::CheckHealth(server.address(), absl::Seconds(1));
  } while (!status.ok() && absl::Now() < end);
  EXPECT_TRUE(status.ok()) << status;
  close(silent);
}

}  // namespace
}  // namespace owo::service
