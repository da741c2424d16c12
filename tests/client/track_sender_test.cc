#include "client/cpp/internal/track_sender.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <optional>
#include <thread>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/synchronization/notification.h"
#include "absl/time/clock.h"
#include "client/cpp/owostack.h"
#include "tests/client/held_connection.h"
#include "tests/client/track_events.h"

namespace owo {
namespace {

using ::testing::ElementsAre;
using testing::Event;
using testing::HeldConnection;
using testing::Ids;
using ::testing::IsEmpty;
using testing::Refuse;
using testing::Reject;
using ::testing::SizeIs;
using testing::Tracked;

// Longer than any test takes.
constexpr absl::Duration kNever = absl::Hours(1);

class TrackSenderTest : public ::testing::Test {
 protected:
  TrackSenderTest() {
    options_.retry.jitter = [](absl::Duration) { return absl::ZeroDuration(); };
    options_.track.batch_age = kNever;
    options_.track.batch_size = 2;
    options_.track.on_failure = [this](const TrackFailure& failure) {
      failures_.push_back(failure);
    };
  }

  // The first call makes the client.
  Owostack& owo() {
    if (!owo_.has_value()) owo_.emplace(connection_, options_);
    return *owo_;
  }
  void Track(const std::string& id) {
    const absl::Status status = owo().track(Event(id));
    EXPECT_TRUE(status.ok()) << status;
  }
  HeldConnection::Batch Await() { return connection_->Await(); }
  static void Count(const HeldConnection::Batch& batch) { batch.done(Tracked(batch.params)); }
  // Flushes while one batch is still to be sent, and counts it.
  void FlushAndCount() {
    std::thread counting([this] { Count(Await()); });
    EXPECT_TRUE(Flush().ok());
    counting.join();
  }
  absl::Status Flush() { return owo().flush(absl::Now() + absl::Minutes(1)); }

  const std::shared_ptr<HeldConnection> connection_ = std::make_shared<HeldConnection>();
  OwostackOptions options_;
  // Written by the sending thread; read after a flush or the end of the client.
  std::vector<TrackFailure> failures_;
  std::optional<Owostack> owo_;
};

TEST_F(TrackSenderTest, AFullBatchIsSent) {
  Track("a");
  Track("b");
  Track("c");
  const HeldConnection::Batch batch = Await();
  EXPECT_THAT(Ids(batch.params.events), ElementsAre("a", "b"));
  Count(batch);
  FlushAndCount();
}

TEST_F(TrackSenderTest, ABatchThatIsOldEnoughIsSent) {
  options_.track.batch_age = absl::Milliseconds(1);
  Track("a");
  const HeldConnection::Batch batch = Await();
  EXPECT_THAT(Ids(batch.params.events), ElementsAre("a"));
  Count(batch);
}

TEST_F(TrackSenderTest, AnEventHasItsIdAndTimeFromTheCallOn) {
  const absl::Time before = absl::Now();
  ASSERT_TRUE(owo().track({.customer = "user_123"}).ok());
  const absl::Time after = absl::Now();
  const absl::Time given = before - absl::Hours(1);
  ASSERT_TRUE(owo().track({.event_id = "mine", .event_time = given}).ok());
  const HeldConnection::Batch batch = Await();
  EXPECT_THAT(batch.params.events[0].event_id, SizeIs(36));
  EXPECT_GE(batch.params.events[0].event_time, before);
  EXPECT_LE(batch.params.events[0].event_time, after);
  EXPECT_EQ(batch.params.events[1].event_id, "mine");
  EXPECT_EQ(batch.params.events[1].event_time, given);

  batch.done(absl::UnavailableError("no server"));
  const HeldConnection::Batch again = Await();
  EXPECT_EQ(again.params, batch.params);
  Count(again);
  EXPECT_TRUE(Flush().ok());
  EXPECT_THAT(failures_, IsEmpty());
}

TEST_F(TrackSenderTest, EventsThatAreNotCountedAreReported) {
  Track("a");
  Track("b");
  const HeldConnection::Batch batch = Await();
  TrackBatchResult result = Tracked(batch.params);
  Refuse(0, TrackCode::kLimitExceeded, result);
  Reject(1, "EVENT_TOO_OLD", result);
  batch.done(result);
  EXPECT_TRUE(Flush().ok());
  ASSERT_THAT(failures_, SizeIs(2));
  EXPECT_EQ(failures_[0].event.event_id, "a");
  EXPECT_EQ(failures_[0].code, TrackCode::kLimitExceeded);
  EXPECT_EQ(failures_[1].event.event_id, "b");
  EXPECT_EQ(ErrorReason(failures_[1].status), "EVENT_TOO_OLD");
}

TEST_F(TrackSenderTest, ABatchThatFailsForGoodIsReported) {
  Track("a");
  Track("b");
  Await().done(absl::UnauthenticatedError("who?"));
  EXPECT_TRUE(Flush().ok());
  ASSERT_THAT(failures_, SizeIs(2));
  EXPECT_TRUE(absl::IsUnauthenticated(failures_[1].status));
}

TEST_F(TrackSenderTest, WithoutACallbackFailuresAreWritten) {
  options_.track.on_failure = nullptr;
  Track("a");
  Track("b");
  ::testing::internal::CaptureStderr();
  Await().done(absl::UnauthenticatedError("who?"));
  EXPECT_TRUE(Flush().ok());
  EXPECT_EQ(::testing::internal::GetCapturedStderr(),
            "owo: not counted: 2 events; the first, a: UNAUTHENTICATED: who?\n");
}

TEST_F(TrackSenderTest, AFullBufferSaysSoAtOnce) {
  options_.track.events_max = 3;
  for (const char* const id : {"a", "b", "c"}) Track(id);
  EXPECT_TRUE(absl::IsResourceExhausted(owo().track(Event("d"))));
  Count(Await());
  FlushAndCount();
  Track("e");
  FlushAndCount();
}

TEST_F(TrackSenderTest, ACallCanWaitForRoom) {
  options_.track.events_max = 2;
  options_.track.wait_for_room = kNever;
  Track("a");
  Track("b");
  std::thread tracking([this] { Track("c"); });
  Count(Await());
  tracking.join();
  FlushAndCount();
}

TEST_F(TrackSenderTest, ACallDoesNotWaitForRoomForEver) {
  options_.track.events_max = 1;
  options_.track.wait_for_room = absl::Milliseconds(1);
  Track("a");
  const HeldConnection::Batch batch = Await();
  batch.done(absl::UnavailableError("no server"));
  const HeldConnection::Batch again = Await();
  const absl::Status status = owo().track(Event("b"));
  EXPECT_TRUE(absl::IsResourceExhausted(status));
  EXPECT_THAT(std::string(status.message()), ::testing::HasSubstr("no server"));
  Count(again);
}

TEST_F(TrackSenderTest, WhatIsNoTextIsRefusedAtOnce) {
  for (const TrackParams& event :
       {TrackParams{.customer = "\xff"}, TrackParams{.feature = "\xff"},
        TrackParams{.quantity = "\xff"}, TrackParams{.event_id = "\xff"},
        TrackParams{.properties = {{"\xff", ""}}}, TrackParams{.properties = {{"", "\xff"}}}}) {
    EXPECT_TRUE(absl::IsInvalidArgument(owo().track(event)));
  }
  EXPECT_TRUE(Flush().ok());
}

TEST_F(TrackSenderTest, FlushSendsWhatWaitsAndReturnsWhenItIsDone) {
  Track("a");
  std::atomic<bool> answered = false;
  std::thread answering([&] {
    const HeldConnection::Batch batch = Await();
    answered = true;
    Count(batch);
  });
  EXPECT_TRUE(Flush().ok());
  EXPECT_TRUE(answered);
  answering.join();
}

TEST_F(TrackSenderTest, FlushEndsAtItsDeadline) {
  Track("a");
  EXPECT_TRUE(absl::IsDeadlineExceeded(owo().flush(absl::Now() + absl::Milliseconds(1))));
  Count(Await());
  EXPECT_TRUE(Flush().ok());
}

TEST_F(TrackSenderTest, FlushHasNothingToWaitForWhenNothingWasTracked) {
  EXPECT_TRUE(owo().flush(absl::InfiniteFuture()).ok());
}

TEST_F(TrackSenderTest, TheCallbackMayTrackButNotFlush) {
  options_.track.events_max = 2;
  options_.track.wait_for_room = kNever;
  absl::Status flushed;
  absl::Status tracked;
  absl::Status tracked_too_many;
  options_.track.on_failure = [&](const TrackFailure& failure) {
    flushed = owo().flush(absl::InfiniteFuture());
    tracked = owo().track(failure.event);
    tracked_too_many = owo().track(failure.event);
  };
  Track("a");
  std::thread answering([this] {
    const HeldConnection::Batch batch = Await();
    TrackBatchResult result = Tracked(batch.params);
    Refuse(0, TrackCode::kLimitExceeded, result);
    batch.done(result);
  });
  EXPECT_TRUE(Flush().ok());
  answering.join();
  EXPECT_TRUE(absl::IsFailedPrecondition(flushed));
  EXPECT_TRUE(tracked.ok());
  EXPECT_TRUE(absl::IsResourceExhausted(tracked_too_many));
  std::thread end([this] { owo_.reset(); });
  const HeldConnection::Batch again = Await();
  EXPECT_THAT(Ids(again.params.events), ElementsAre("a"));
  Count(again);
  end.join();
}

TEST_F(TrackSenderTest, TheLastCopyWaitsWhenItIsDestroyed) {
  Track("a");
  auto copy = std::make_unique<Owostack>(owo());
  owo_.reset();  // a copy remains, so this does not wait
  ASSERT_TRUE(copy->track(Event("b")).ok());
  ASSERT_TRUE(copy->track(Event("c")).ok());
  std::atomic<bool> answered = false;
  std::thread destroying([&] {
    copy.reset();
    EXPECT_TRUE(answered);
  });
  Count(Await());
  const HeldConnection::Batch last = Await();
  EXPECT_THAT(Ids(last.params.events), ElementsAre("c"));
  answered = true;
  Count(last);
  destroying.join();
  EXPECT_THAT(failures_, IsEmpty());
}

TEST_F(TrackSenderTest, WhatIsNotConfirmedInTheEndIsReported) {
  options_.track.close_timeout = absl::ZeroDuration();
  options_.track.batches_in_flight_max = 1;
  for (const char* const id : {"a", "b", "c"}) Track(id);
  const HeldConnection::Batch batch = Await();
  owo_.reset();
  ASSERT_THAT(failures_, SizeIs(3));
  std::vector<std::string> ids;
  for (const TrackFailure& failure : failures_) {
    EXPECT_TRUE(absl::IsDeadlineExceeded(failure.status)) << failure.status;
    ids.push_back(failure.event.event_id);
  }
  EXPECT_THAT(ids, ::testing::UnorderedElementsAre("a", "b", "c"));
  Count(batch);  // too late: the client is gone
  EXPECT_EQ(connection_->held(), 0);
}

}  // namespace
}  // namespace owo
