// Floods of calls of every kind whose callers never take the answers: the server stays within its
// memory, goes on tracking usage, and gives the memory back.

#include <gmock/gmock.h>

#include <algorithm>
#include <fstream>
#include <iostream>
#include <memory>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "client/cpp/owostack.h"
#include "owo/billing/v1/billing.pb.h"
#include "owo/billing/v1/metering.pb.h"
#include "tests/end_to_end/flood_bodies.h"
#include "tests/end_to_end/metered_customer.h"
#include "tests/end_to_end/raw_http2.h"
#include "tests/end_to_end/server_process.h"
#include "tests/support/long_run.h"
#include "tests/support/temp_dir.h"

namespace owo {
namespace {

namespace pb = ::owo::billing::v1;

constexpr int kUncountedMib = 64;         // code, threads, libraries
constexpr int kCallsOfAConnection = 100;  // which is all that a server lets it have in flight
constexpr int kFloodBytesMax = 8 << 20;
constexpr int kEvents = 1000;
constexpr int kTracks = 200;
constexpr absl::Duration kReturnTime = absl::Seconds(60);

int MemoryMib(pid_t pid, const std::string& field) {
  std::ifstream status(absl::StrCat("/proc/", pid, "/status"));
  for (std::string line; std::getline(status, line);) {
    if (line.starts_with(field + ":")) return std::stoi(line.substr(field.size() + 1)) / 1024;
  }
  ADD_FAILURE() << "no " << field << " of " << pid;
  return 0;
}

class FloodTest : public ::testing::Test {
 protected:
  void SetUp() override {
    ASSERT_NO_FATAL_FAILURE(AddMeteredCustomer(owo_));
    for (int i = 0; i < kEvents;) {
      TrackBatchParams batch;
      for (int k = 0; k < 500; ++k, ++i) {
        TrackParams event = Call(absl::StrCat("an event with a rather long id ", i));
        event.properties = {{"region", "eu-west-1"}, {"instance", std::string(60, 'x')}};
        batch.events.push_back(std::move(event));
      }
      const auto tracked = owo_.track_batch(batch);
      ASSERT_TRUE(tracked.ok()) << tracked.status();
    }
  }

  struct Latency {
    absl::Duration median;
    absl::Duration p99;
  };
  Latency TrackLatency() {
    std::vector<absl::Duration> took;
    for (int i = 0; i < kTracks; ++i) {
      const absl::Time before = absl::Now();
      const auto tracked = owo_.track_now(Call(absl::StrCat("event ", next_event_++)));
      EXPECT_TRUE(tracked.ok()) << tracked.status();
      took.push_back(absl::Now() - before);
    }
    std::ranges::sort(took);
    return {took[kTracks / 2], took[kTracks * 99 / 100]};
  }

  // The connections must be kept until the flood is to end.
  using Connections = std::vector<std::unique_ptr<RawConnection>>;
  Connections Open(const FloodBody& body) const { return Open(body, connections_); }
  Connections Open(const FloodBody& body, int connections) const {
    const auto bytes = static_cast<int>(body.make(0).size());
    const int calls = std::clamp(kFloodBytesMax / connections / bytes, 1, body.calls_max);
    Connections flood;
    for (int i = 0, request = 0; i < connections; ++i) {
      flood.push_back(std::make_unique<RawConnection>(server_.endpoint()));
      for (int k = 0; k < calls; ++k, ++request) {
        // A server without memory for more connections closes them.
        if (!flood.back()->OpenCalls("/owo.billing.v1." + body.path, body.make(request), 1)) break;
      }
    }
    int answered = 0;
    for (const auto& connection : flood) answered += connection->AwaitAnswers(calls);
    EXPECT_GT(answered, 0);
    return flood;
  }

  void ExpectWithinMemory(const FloodBody& body) const {
    const int peak = MemoryMib(server_.pid(), "VmHWM");
    std::cout << body.path << ", " << body.name << ": " << peak << " MiB" << std::endl;
    EXPECT_LE(peak, memory_mib_ + kUncountedMib);
  }

  void FloodReads(const FloodBody& body) {
    SCOPED_TRACE(body.name);
    const Latency alone = TrackLatency();
    const Connections flood = Open(body);
    const Latency flooded = TrackLatency();
    ExpectWithinMemory(body);
    // A coarse bound: what else the machine does weighs more than the flood.
    EXPECT_LE(flooded.median, 5 * alone.median + absl::Milliseconds(100));
  }

  void FloodWrites(const FloodBody& body) {
    SCOPED_TRACE(body.name);
    Open(body);
    ExpectWithinMemory(body);
    TrackLatency();
  }

  const int memory_mib_ = IsLongRun() ? 512 : 128;
  const int connections_ = IsLongRun() ? 200 : 30;
  const TempDir dir_;
  ServerProcess server_{dir_.path(),
                        {absl::StrCat("--memory_mib=", memory_mib_), "--event_age_max=0"}};
  Owostack owo_{{.endpoint = server_.endpoint()}};
  int next_event_ = 0;
};

TEST_F(FloodTest, ReadsStayWithinTheMemoryOfTheServer) {
  ASSERT_NO_FATAL_FAILURE(AddLargeCustomers(owo_));
  ASSERT_TRUE(owo_.billing.invoice({.customer = kCustomer}).ok());
  const int before = MemoryMib(server_.pid(), "VmRSS");
  for (const FloodBody& body : ReadBodies()) FloodReads(body);
  // All of these clients are gone, and with them what they took.
  const int returned = before + 32;
  const absl::Time end = absl::Now() + kReturnTime;
  while (MemoryMib(server_.pid(), "VmRSS") > returned && absl::Now() < end) {
    absl::SleepFor(absl::Milliseconds(50));
  }
  EXPECT_LE(MemoryMib(server_.pid(), "VmRSS"), returned);
}

TEST_F(FloodTest, WritesStayWithinTheMemoryOfTheServer) {
  ASSERT_NO_FATAL_FAILURE(AddLargeCustomers(owo_));
  for (const FloodBody& body : WriteBodies()) FloodWrites(body);
}

// Twenty thousand small calls: what gRPC keeps of each is more than what they ask for.
TEST_F(FloodTest, ManyCallsStayWithinTheMemoryOfTheServer) {
  if (!IsLongRun()) GTEST_SKIP() << "what gRPC keeps of refused calls is too much for 128 MiB";
  constexpr int kConnections = 200;
  pb::UsageRequest usage;
  usage.set_customer(kCustomer);
  pb::TrackRequest track;
  track.set_customer(kCustomer);
  track.set_feature("calls");
  track.set_quantity("1");
  for (const FloodBody& body :
       {FloodBody{"reads", "Billing/Usage", [&](int) { return usage.SerializeAsString(); }},
        FloodBody{"writes", "Metering/Track", [&](int) { return track.SerializeAsString(); }}}) {
    const Connections flood = Open(body, kConnections);
    ExpectWithinMemory(body);
  }
}

// Those who take their answers get them, while others do not.
TEST_F(FloodTest, OtherCallersAreServedOrGetOverloaded) {
  pb::ListEventsRequest request;
  request.set_customer(kCustomer);
  request.set_page_size(500);
  RawConnection slow(server_.endpoint());
  ASSERT_TRUE(slow.OpenCalls("/owo.billing.v1.Metering/ListEvents", request.SerializeAsString(),
                             kCallsOfAConnection));
  EXPECT_EQ(slow.AwaitAnswers(kCallsOfAConnection), kCallsOfAConnection);
  const auto usage = owo_.billing.usage({.customer = kCustomer});
  EXPECT_TRUE(usage.ok() || absl::IsResourceExhausted(usage.status())) << usage.status();
  const auto tracked = owo_.track_now(Call("after"));
  EXPECT_TRUE(tracked.ok()) << tracked.status();
}

}  // namespace
}  // namespace owo
