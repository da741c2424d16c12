// Floods of valid reads whose callers never take the answers: the server stays within its memory,
// goes on tracking usage, and gives the memory back.

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
#include "owo/billing/v1/customers.pb.h"
#include "owo/billing/v1/metering.pb.h"
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

  void Flood(std::string_view method, const google::protobuf::Message& request, int connections) {
    SCOPED_TRACE(std::string(method));
    const Latency alone = TrackLatency();
    std::vector<std::unique_ptr<RawConnection>> flood;
    for (int i = 0; i < connections; ++i) {
      flood.push_back(std::make_unique<RawConnection>(server_.endpoint()));
      // A server without memory for more connections closes them.
      flood.back()->OpenCalls(absl::StrCat("/owo.billing.v1.", std::string(method)),
                              request.SerializeAsString(), kCallsOfAConnection);
    }
    const Latency flooded = TrackLatency();
    int answered = 0;
    for (const auto& connection : flood) answered += connection->AwaitAnswers(kCallsOfAConnection);
    const int peak = MemoryMib(server_.pid(), "VmHWM");
    std::cout << method << ": " << answered << " answered, " << peak << " MiB, p99 of Track "
              << flooded.p99 << ", before " << alone.p99 << std::endl;
    EXPECT_GT(answered, 0);
    EXPECT_LE(peak, memory_mib_ + kUncountedMib);
    // A coarse bound: what else the machine does weighs more than the flood.
    EXPECT_LE(flooded.median, 5 * alone.median + absl::Milliseconds(100));
  }

  const int memory_mib_ = IsLongRun() ? 512 : 128;
  const TempDir dir_;
  ServerProcess server_{dir_.path(), {absl::StrCat("--memory_mib=", memory_mib_)}};
  Owostack owo_{{.endpoint = server_.endpoint()}};
  int next_event_ = 0;
};

TEST_F(FloodTest, AnswersThatAreNeverTakenStayWithinTheMemoryOfTheServer) {
  const int connections = IsLongRun() ? 200 : 30;
  const int before = MemoryMib(server_.pid(), "VmRSS");
  pb::ListEventsRequest events;
  events.set_customer(kCustomer);
  events.set_page_size(500);
  Flood("Metering/ListEvents", events, connections);
  pb::ListUsageRequest usage;
  usage.set_customer(kCustomer);
  Flood("Metering/ListUsage", usage, connections);
  pb::UsageRequest now;
  now.set_customer(kCustomer);
  Flood("Billing/Usage", now, connections);
  ASSERT_TRUE(owo_.billing.invoice({.customer = kCustomer}).ok());
  pb::ListInvoicesRequest invoices;
  invoices.set_page_size(500);
  Flood("Billing/ListInvoices", invoices, connections);
  // All of these clients are gone, and with them what they took.
  const int returned = before + 32;
  const absl::Time end = absl::Now() + kReturnTime;
  while (MemoryMib(server_.pid(), "VmRSS") > returned && absl::Now() < end) {
    absl::SleepFor(absl::Milliseconds(50));
  }
  EXPECT_LE(MemoryMib(server_.pid(), "VmRSS"), returned);
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
