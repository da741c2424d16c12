// track() while the server is killed and restarted: every event is counted once or reported.

#include <gmock/gmock.h>

#include <atomic>
#include <optional>
#include <thread>

#include "absl/strings/str_cat.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/clock.h"
#include "tests/end_to_end/metered_customer.h"
#include "tests/end_to_end/server_process.h"
#include "tests/support/random.h"
#include "tests/support/temp_dir.h"

namespace owo {
namespace {

constexpr int kThreads = 4;
constexpr int kBufferSize = 1000;

class TrackOutageTest : public ::testing::Test {
 protected:
  void SetUp() override {
    server_.emplace(dir_.path());
    endpoint_ = server_->endpoint();
    AddMeteredCustomer(Owostack({.endpoint = endpoint_}));
  }

  OwostackOptions Options() {
    return {.endpoint = endpoint_,
            .track = {.batch_size = 50,
                      .batch_age = absl::Milliseconds(5),
                      .events_max = kBufferSize,
                      .wait_for_room = absl::Minutes(1),
                      .close_timeout = absl::Minutes(1),
                      .on_failure = [this](const TrackFailure& failure) {
                        EXPECT_EQ(ErrorReason(failure.status), "FEATURE_NOT_FOUND");
                        ++reported_;
                      }}};
  }

  // Tracks until `stopped_`. One event in ten is for a feature that does not exist.
  void TrackUntilStopped(const Owostack& owo) {
    for (int i = 0; !stopped_; ++i) {
      const bool is_wrong = i % 10 == 0;
      const absl::Status status = owo.track(
          {.customer = kCustomer, .feature = is_wrong ? "letters" : "calls", .quantity = "1"});
      ASSERT_TRUE(status.ok()) << status;
      ++(is_wrong ? wrong_ : right_);
      tracked_.Increment();
    }
  }

  // Restarts the server on the same port.
  void KillAndStart() {
    server_->Kill();
    server_.emplace(dir_.path(), std::vector<std::string>{"--listen=" + endpoint_});
  }

  // A counter that lets one thread wait until it reaches a number.
  class Counter {
   public:
    void Increment() {
      const absl::MutexLock lock(&mutex_);
      ++count_;
    }
    // Returns false if the number is not reached within a minute.
    bool AwaitMore(int64_t more) {
      const absl::MutexLock lock(&mutex_);
      const int64_t wanted = count_ + more;
      const auto enough = [this, wanted]()
                              ABSL_SHARED_LOCKS_REQUIRED(mutex_) { return count_ >= wanted; };
      return mutex_.AwaitWithTimeout(absl::Condition(&enough), absl::Minutes(1));
    }

   private:
    absl::Mutex mutex_;
    int64_t count_ ABSL_GUARDED_BY(mutex_) = 0;
  };

  Random random_;
  const TempDir dir_;
  std::optional<ServerProcess> server_;
  std::string endpoint_;
  std::atomic<bool> stopped_ = false;
  std::atomic<int64_t> right_ = 0;
  std::atomic<int64_t> wrong_ = 0;
  std::atomic<int64_t> reported_ = 0;
  Counter tracked_;
};

TEST_F(TrackOutageTest, WhatWasTrackedIsCountedOnceOrReported) {
  const int kills = IsLongRun() ? 30 : 3;
  const Owostack owo(Options());
  std::vector<std::thread> threads;
  for (int i = 0; i < kThreads; ++i) threads.emplace_back([&] { TrackUntilStopped(owo); });
  for (int kill = 0; kill < kills; ++kill) {
    // More events than the buffer holds, so the server has answered some since its last start.
    EXPECT_TRUE(tracked_.AwaitMore(kBufferSize + random_.Between(1, 2000)));
    KillAndStart();
  }
  stopped_ = true;
  for (std::thread& thread : threads) thread.join();

  const absl::Status flushed = owo.flush(absl::Now() + absl::Minutes(1));
  ASSERT_TRUE(flushed.ok()) << flushed;
  EXPECT_EQ(reported_, wrong_);
  const auto usage = owo.billing.usage({.customer = kCustomer});
  ASSERT_TRUE(usage.ok()) << usage.status();
  EXPECT_EQ(usage->total_estimated, kCallPrice * right_);
}

}  // namespace
}  // namespace owo
