// Attacks on the front and the server behind it: both stay within their memory, other callers are
// served, and afterwards the memory is given back.

#include <gmock/gmock.h>
#include <sched.h>

#include <algorithm>
#include <atomic>
#include <iostream>
#include <memory>
#include <thread>
#include <vector>

#include "absl/time/clock.h"
#include "tests/hostile/attacks.h"
#include "tests/hostile/front_process.h"
#include "tests/hostile/other_callers.h"
#include "tests/support/long_run.h"

namespace owo {
namespace {

constexpr int kFrontMibMax = 256;  // as its unit and its container are limited to
// What a process may keep of freed memory: jemalloc gives it back to the system, and nginx has
// glibc's allocator, which keeps what lies between memory in use.
constexpr int kServerKeepsMib = 32;
constexpr int kFrontKeepsMib = 64;
constexpr absl::Duration kReturnTime = absl::Seconds(60);
// Comes on top of twice the quiet p99, which is a few milliseconds: attacker, front, server and
// caller share two processors here, and with them whatever else the machine does.
constexpr absl::Duration kNoise = absl::Milliseconds(20);
constexpr int kRoundsMax = 4;

absl::Duration Median(std::vector<absl::Duration> times) {
  std::ranges::sort(times);
  return times[times.size() / 2];
}

// Peers run on machines of their own: here they get what processor time is left.
void YieldToOthers() {
  const sched_param none{};
  sched_setscheduler(0, SCHED_IDLE, &none);
}

class HostilePeersTest : public ::testing::Test {
 protected:
  void SetUp() override {
    if (NginxPath().empty()) GTEST_SKIP() << "the package nginx-light is not installed";
    fronted_ = std::make_unique<FrontedServer>();
    caller_ = std::make_unique<OtherCaller>(fronted_->endpoint());
  }

  struct Latency {
    absl::Duration quiet;
    absl::Duration attacked;
  };
  // Medians of the p99 of several windows, quiet ones and attacked ones in turn.
  Latency Measure(const Attack& attack) {
    const int windows = IsLongRun() ? 5 : 3;
    const absl::Duration window = IsLongRun() ? absl::Seconds(3) : absl::Milliseconds(300);
    std::vector<absl::Duration> quiet, attacked;
    for (int i = 0; i < windows; ++i) {
      quiet.push_back(caller_->P99(window));
      std::atomic<bool> stop = false;
      std::thread peer([&] {
        YieldToOthers();
        attack.run(fronted_->endpoint(), stop);
      });
      attacked.push_back(caller_->P99(window));
      stop = true;
      peer.join();
    }
    return {Median(quiet), Median(attacked)};
  }

  void ExpectOthersServed(const Attack& attack) {
    Latency latency;
    for (int round = 0; round < kRoundsMax;
         ++round) {  // the machine has other things to do as well
      latency = Measure(attack);
      if (latency.attacked <= 2 * latency.quiet + kNoise) break;
    }
    std::cout << attack.name << ": p99 " << latency.quiet << " quiet, " << latency.attacked
              << " attacked; front " << ResidentMib(fronted_->front().pids()) << " MiB, server "
              << ResidentMib({fronted_->server().pid()}) << " MiB" << std::endl;
    EXPECT_LE(latency.attacked, 2 * latency.quiet + kNoise);
    EXPECT_LE(PeakMib(fronted_->front().pids()), kFrontMibMax);
    EXPECT_LE(PeakMib({fronted_->server().pid()}), FrontedServer::kMemoryMibMax);
  }

  static void ExpectReturned(const std::vector<pid_t>& pids, int at_most) {
    const absl::Time end = absl::Now() + kReturnTime;
    while (ResidentMib(pids) > at_most && absl::Now() < end) {
      absl::SleepFor(absl::Milliseconds(50));
    }
    EXPECT_LE(ResidentMib(pids), at_most);
  }

  std::unique_ptr<FrontedServer> fronted_;
  std::unique_ptr<OtherCaller> caller_;
};

TEST_F(HostilePeersTest, DoNotHarmTheServerNorOthers) {
  const std::vector<pid_t> front = fronted_->front().pids();
  const std::vector<pid_t> server = {fronted_->server().pid()};
  caller_->P99(absl::Milliseconds(200));
  const int front_before = ResidentMib(front);
  const int server_before = ResidentMib(server);
  for (const Attack& attack : Attacks()) {
    SCOPED_TRACE(attack.name);
    ExpectOthersServed(attack);
  }
  ExpectReturned(front, front_before + kFrontKeepsMib);
  ExpectReturned(server, server_before + kServerKeepsMib);
  EXPECT_EQ(fronted_->front().pids(), front);  // no process had to be replaced
}

}  // namespace
}  // namespace owo
