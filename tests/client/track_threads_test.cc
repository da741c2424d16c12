// track() from many threads, over a connection where half of the batches fail: every event is
// counted or reported exactly once, and is the same in every attempt.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <deque>
#include <functional>
#include <map>
#include <set>
#include <thread>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/clock.h"
#include "client/cpp/mocks/mock_connection.h"
#include "client/cpp/owostack.h"
#include "tests/client/track_events.h"
#include "tests/support/long_run.h"
#include "tests/support/random.h"

namespace owo {
namespace {

constexpr int kThreads = 8;
const int kEventsEach = IsLongRun() ? 50'000 : 2'000;

// Counts as the server does, but loses one batch in four, and the answer to another; in a third
// some events fail. Answers immediately or on its own thread. Thread-safe.
class FlakyConnection : public MockConnection {
 public:
  ~FlakyConnection() override {
    HandOver(nullptr);
    answering_.join();
  }

  void StartTrackBatch(const TrackBatchParams& params,
                       std::function<void(absl::StatusOr<TrackBatchResult>)> done) override {
    std::function<void()> answer;
    bool at_once = false;
    {
      const absl::MutexLock lock(&mutex_);
      ++batches_;
      answer = [answer = Answer(params), done = std::move(done)] { done(answer); };
      at_once = random_.OneIn(2);
    }
    at_once ? answer() : HandOver(std::move(answer));
  }

  // By event id.
  std::map<std::string, TrackParams> counted() const {
    const absl::MutexLock lock(&mutex_);
    return counted_;
  }
  std::set<std::string> refused() const {
    const absl::MutexLock lock(&mutex_);
    return refused_;
  }
  int batches() const {
    const absl::MutexLock lock(&mutex_);
    return batches_;
  }

 private:
  absl::StatusOr<TrackBatchResult> Answer(const TrackBatchParams& params)
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_) {
    const int64_t fate = random_.Between(1, 4);
    if (fate == 1) return absl::UnavailableError("lost");
    TrackBatchResult result = testing::Tracked(params);
    for (uint32_t i = 0; i < params.events.size(); ++i) {
      const TrackParams& event = params.events[i];
      const auto [seen, is_new] = seen_.emplace(event.event_id, event);
      EXPECT_EQ(seen->second, event) << "the event is another one than it was";
      if (fate == 2 && random_.OneIn(3)) {
        testing::Reject(i, "CONTENTION", result);
      } else if (event.quantity == "0") {
        testing::Reject(i, "QUANTITY_OUT_OF_RANGE", result);
        refused_.insert(event.event_id);
      } else {
        counted_.emplace(event.event_id, event);
      }
    }
    if (fate == 3) return absl::DeadlineExceededError("the answer is lost");
    return result;
  }

  void HandOver(std::function<void()> answer) {
    const absl::MutexLock lock(&mutex_);
    answers_.push_back(std::move(answer));
    handed_over_.Signal();
  }

  void GiveAnswers() {
    while (true) {
      std::function<void()> answer;
      {
        const absl::MutexLock lock(&mutex_);
        while (answers_.empty()) handed_over_.Wait(&mutex_);
        answer = std::move(answers_.front());
        answers_.pop_front();
      }
      if (answer == nullptr) return;
      answer();
    }
  }

  mutable absl::Mutex mutex_;
  absl::CondVar handed_over_;
  Random random_ ABSL_GUARDED_BY(mutex_);
  std::map<std::string, TrackParams> seen_ ABSL_GUARDED_BY(mutex_);
  std::map<std::string, TrackParams> counted_ ABSL_GUARDED_BY(mutex_);
  std::set<std::string> refused_ ABSL_GUARDED_BY(mutex_);
  int batches_ ABSL_GUARDED_BY(mutex_) = 0;
  std::deque<std::function<void()>> answers_ ABSL_GUARDED_BY(mutex_);  // nullptr: end the thread
  std::thread answering_{[this] { GiveAnswers(); }};
};

// The feature names the thread and the number of the event. One event in seven is refused.
void TrackEvents(const Owostack& owo, int thread) {
  for (int i = 0; i < kEventsEach; ++i) {
    const absl::Status status = owo.track({.customer = "user_123",
                                           .feature = absl::StrCat(thread, "-", i),
                                           .quantity = i % 7 == 0 ? "0" : "1"});
    ASSERT_TRUE(status.ok()) << status;
    if (i % 500 == 499) {
      EXPECT_TRUE(owo.flush(absl::Now() + absl::Minutes(2)).ok());
    }
  }
}

TEST(TrackThreadsTest, NoEventIsLostOrSentUnderTwoIdsWhenHalfOfTheCallsFail) {
  const auto connection = std::make_shared<FlakyConnection>();
  OwostackOptions options;
  options.retry.jitter = [](absl::Duration) { return absl::ZeroDuration(); };
  options.track = {.batch_size = 50,
                   .batch_age = absl::Milliseconds(1),
                   .events_max = 1000,
                   .wait_for_room = absl::Minutes(2),
                   .close_timeout = absl::Minutes(2)};
  std::multiset<std::string> reported;  // written by the sending thread, which ends with the client
  options.track.on_failure = [&](const TrackFailure& failure) {
    EXPECT_EQ(ErrorReason(failure.status), "QUANTITY_OUT_OF_RANGE");
    reported.insert(failure.event.event_id);
  };
  {
    const Owostack owo(connection, options);
    std::vector<std::thread> threads;
    for (int thread = 0; thread < kThreads; ++thread) {
      threads.emplace_back([owo, thread] { TrackEvents(owo, thread); });
    }
    for (std::thread& thread : threads) thread.join();
  }
  std::set<std::string> features;
  for (const auto& [id, event] : connection->counted()) features.insert(event.feature);
  const size_t refused_each = (kEventsEach + 6) / 7;
  EXPECT_EQ(features.size(), kThreads * (kEventsEach - refused_each));
  EXPECT_EQ(connection->counted().size(), features.size()) << "an event had two ids";
  const std::set<std::string> refused = connection->refused();
  EXPECT_EQ(refused.size(), kThreads * refused_each);
  EXPECT_EQ(reported, std::multiset<std::string>(refused.begin(), refused.end()));
  EXPECT_GT(connection->batches(), kThreads * kEventsEach / 50);
}

}  // namespace
}  // namespace owo
