// A sync that fails, injected by strace: the server acknowledges nothing from then on, says why,
// and ends. After a restart it has counted each acknowledged event once.

#include <gmock/gmock.h>
#include <grpcpp/grpcpp.h>

#include <array>
#include <chrono>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "client/cpp/errors.h"
#include "grpc/health/v1/health.grpc.pb.h"
#include "tests/end_to_end/at_once.h"
#include "tests/end_to_end/metered_customer.h"
#include "tests/end_to_end/server_process.h"
#include "tests/support/long_run.h"
#include "tests/support/random.h"
#include "tests/support/temp_dir.h"

namespace owo {
namespace {

using grpc::health::v1::Health;
using grpc::health::v1::HealthCheckRequest;
using grpc::health::v1::HealthCheckResponse;
using ::testing::HasSubstr;
using Clock = std::chrono::steady_clock;

constexpr int kFailingCallers = 4;
constexpr int kEventsMax = 10'000;
constexpr auto kExitMax = std::chrono::seconds(5);

using Ids = std::vector<std::string>;

// Returns a command that runs another one, in which each thread's syncs fail after the first
// `syncs`.
std::vector<std::string> FailingSyncsAfter(int64_t syncs) {
  return {"/usr/bin/strace",
          "-D",
          "-f",
          "-qq",
          "-o",
          "/dev/null",
          "-e",
          "trace=fsync,fdatasync",
          "-e",
          absl::StrCat("inject=fsync,fdatasync:error=EIO:when=", syncs + 1, "+")};
}

// Receives the changes of a server's health.
class HealthWatch {
 public:
  explicit HealthWatch(const std::string& endpoint)
      : stub_(Health::NewStub(grpc::CreateChannel(endpoint, grpc::InsecureChannelCredentials()))) {
    context_.set_deadline(std::chrono::system_clock::now() + std::chrono::minutes(1));
    reader_ = stub_->Watch(&context_, HealthCheckRequest());
  }
  ~HealthWatch() {
    context_.TryCancel();
    reader_->Finish().error_code();
  }
  HealthCheckResponse::ServingStatus Next() {
    HealthCheckResponse response;
    return reader_->Read(&response) ? response.status() : HealthCheckResponse::UNKNOWN;
  }

 private:
  const std::unique_ptr<Health::Stub> stub_;
  grpc::ClientContext context_;
  std::unique_ptr<grpc::ClientReader<HealthCheckResponse>> reader_;
};

class SyncFailureTest : public ::testing::Test {
 protected:
  void SetUp() override {
    const ProgramRun run = RunProgram({"/usr/bin/strace", "-qq", "-o", "/dev/null", "/bin/true"});
    if (run.exit_status == 0) return;
    ASSERT_THAT(run.output, HasSubstr("Operation not permitted"));
    GTEST_SKIP() << "no process may be traced: " << run.output;
  }

  static Owostack Client(const ServerProcess& server) {
    return Owostack({.endpoint = server.endpoint(), .retry = {.attempts_max = 1}});
  }

  // Tracks with several callers until the server fails.
  void TrackUntilFailure(const ServerProcess& server) {
    std::array<Ids, kFailingCallers> acknowledged;
    AtOnce(kFailingCallers, [&](int caller) {
      const Owostack owo = Client(server);
      absl::Status status;
      for (int i = 0; i < kEventsMax; ++i) {
        const std::string id = absl::StrCat(runs_, "-", caller, "-", i);
        status = owo.track_now(Call(id)).status();
        if (!status.ok()) break;
        acknowledged[static_cast<size_t>(caller)].push_back(id);
      }
      EXPECT_TRUE(absl::IsUnavailable(status)) << status;
    });
    ++runs_;
    for (const Ids& ids : acknowledged) {
      acknowledged_.insert(acknowledged_.end(), ids.begin(), ids.end());
    }
  }

  void ExpectAcknowledgedOnce(const ServerProcess& server) {
    constexpr size_t kBatchEventsMax = 1000;
    const Owostack owo = Client(server);
    for (size_t at = 0; at < acknowledged_.size(); at += kBatchEventsMax) {
      const size_t end = std::min(acknowledged_.size(), at + kBatchEventsMax);
      const auto result = owo.track_batch(Calls({&acknowledged_[at], &acknowledged_[0] + end}));
      ASSERT_TRUE(result.ok()) << result.status();
      EXPECT_EQ(result->duplicates, end - at) << "acknowledged events are lost";
    }
    const auto usage = owo.billing.usage({.customer = kCustomer});
    ASSERT_TRUE(usage.ok()) << usage.status();
    // It is unknown whether each caller's last event of a run was counted.
    EXPECT_GE(usage->total_estimated, kCallPrice * static_cast<int64_t>(acknowledged_.size()));
    EXPECT_LE(usage->total_estimated,
              kCallPrice * static_cast<int64_t>(acknowledged_.size() + kFailingCallers * runs_));
  }

  Random random_;
  const TempDir dir_;
  size_t runs_ = 0;
  Ids acknowledged_;
};

TEST_F(SyncFailureTest, EndsTheServerWhichHasLostNothingThatItAcknowledged) {
  {
    const ServerProcess server(dir_.path());
    ASSERT_NO_FATAL_FAILURE(AddMeteredCustomer(Client(server)));
  }
  const int failures = IsLongRun() ? 50 : 2;
  for (int failure = 1; failure <= failures; ++failure) {
    ServerProcess server(dir_.path(), {}, FailingSyncsAfter(random_.Between(40, 150)));
    HealthWatch health(server.endpoint());
    EXPECT_EQ(health.Next(), HealthCheckResponse::SERVING);
    TrackUntilFailure(server);
    const Clock::time_point failed = Clock::now();
    EXPECT_EQ(health.Next(), HealthCheckResponse::NOT_SERVING);
    const ProgramRun run = server.Await();
    EXPECT_LT(Clock::now() - failed, kExitMax);
    EXPECT_EQ(run.exit_status, 1);
    EXPECT_THAT(run.output, HasSubstr("a write failed"));
    EXPECT_THAT(run.output, HasSubstr("Input/output error"));

    const ServerProcess sound(dir_.path());
    ExpectAcknowledgedOnce(sound);
    if (HasFailure()) FAIL() << "after failure " << failure;
  }
  EXPECT_GT(acknowledged_.size(), 20 * static_cast<size_t>(failures));
}

}  // namespace
}  // namespace owo
