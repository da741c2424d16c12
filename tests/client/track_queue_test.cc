#include "client/cpp/internal/track_queue.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "tests/client/track_events.h"

namespace owo {
namespace {

using ::testing::ElementsAre;
using testing::Event;
using testing::Ids;
using ::testing::IsEmpty;
using ::testing::SizeIs;

constexpr absl::Duration kAge = absl::Milliseconds(100);
constexpr absl::Duration kTick = absl::Nanoseconds(1);
const absl::Time kStart = absl::FromUnixSeconds(1'764'547'200);

// A queue with batches of three events, and pauses that are not random.
class TrackQueueTest : public ::testing::Test {
 protected:
  static OwostackOptions Options() {
    return {.retry = {.backoff_first = absl::Seconds(1),
                      .backoff_max = absl::Seconds(4),
                      .jitter = [](absl::Duration longest) { return longest; }},
            .track = {
                .batch_size = 3, .batch_age = kAge, .batches_in_flight_max = 2, .events_max = 100}};
  }

  void Add(int count) {
    for (int i = 0; i < count; ++i) queue_.Add(Event(absl::StrCat(++added_)), now_);
  }

  // Returns the batch that is due now; an empty batch if none is.
  TrackQueue::Batch Take() { return queue_.Take(now_).value_or(TrackQueue::Batch{.number = 0}); }
  std::vector<std::string> TakeIds() { return Ids(Take().params.events); }

  void CompleteAll(const TrackQueue::Batch& batch) { queue_.Complete(batch.number, {}, now_); }
  void Fail(TrackQueue::Batch batch, absl::Duration delay = absl::ZeroDuration()) {
    queue_.Complete(batch.number,
                    {.again = std::move(batch.params.events),
                     .delay = delay,
                     .transience = absl::UnavailableError("")},
                    now_);
  }

  TrackQueue queue_{Options()};
  absl::Time now_ = kStart;
  int added_ = 0;
};

TEST_F(TrackQueueTest, AFullBatchIsSentAtOnce) {
  Add(2);
  EXPECT_THAT(TakeIds(), IsEmpty());
  Add(2);
  EXPECT_THAT(TakeIds(), ElementsAre("1", "2", "3"));
  EXPECT_THAT(TakeIds(), IsEmpty());
}

TEST_F(TrackQueueTest, ABatchIsSentWhenItsFirstEventIsOld) {
  Add(1);
  now_ += kAge / 2;
  Add(1);
  EXPECT_EQ(queue_.NextSend(), kStart + kAge);
  now_ = kStart + kAge - kTick;
  EXPECT_THAT(TakeIds(), IsEmpty());
  now_ += kTick;
  EXPECT_THAT(TakeIds(), ElementsAre("1", "2"));
  EXPECT_EQ(queue_.NextSend(), absl::InfiniteFuture());
}

TEST_F(TrackQueueTest, AClosedBatchIsSentAtOnceAndNotAddedTo) {
  Add(1);
  queue_.CloseBatch();
  Add(1);
  EXPECT_THAT(TakeIds(), ElementsAre("1"));
  EXPECT_THAT(TakeIds(), IsEmpty());
}

TEST_F(TrackQueueTest, ABatchStaysBelowTheSizeOfAMessage) {
  TrackParams large = Event("large");
  large.properties["text"] = std::string(2 << 20, 'x');
  queue_.Add(large, now_);
  queue_.Add(large, now_);
  EXPECT_THAT(Take().params.events, SizeIs(1));
}

TEST_F(TrackQueueTest, NoMoreBatchesAreOnTheirWayThanAllowed) {
  Add(9);
  const TrackQueue::Batch first = Take();
  Take();
  EXPECT_EQ(queue_.NextSend(), absl::InfiniteFuture());
  EXPECT_THAT(TakeIds(), IsEmpty());
  CompleteAll(first);
  EXPECT_THAT(TakeIds(), ElementsAre("7", "8", "9"));
}

TEST_F(TrackQueueTest, AFailedBatchIsSentAgainBeforeOthersAfterAPause) {
  Add(6);
  Fail(Take());
  EXPECT_TRUE(absl::IsUnavailable(queue_.transience()));
  EXPECT_EQ(queue_.NextSend(), kStart + absl::Seconds(1));
  EXPECT_THAT(TakeIds(), IsEmpty());
  now_ += absl::Seconds(1);
  const TrackQueue::Batch again = Take();
  EXPECT_EQ(again.number, 1);
  EXPECT_THAT(Ids(again.params.events), ElementsAre("1", "2", "3"));
}

TEST_F(TrackQueueTest, PausesDoubleUntilTheServerTakesABatch) {
  Add(3);
  for (const int seconds : {1, 2, 4, 4}) {
    Fail(Take());
    EXPECT_EQ(queue_.NextSend(), now_ + absl::Seconds(seconds));
    now_ = queue_.NextSend();
  }
  CompleteAll(Take());
  EXPECT_TRUE(queue_.transience().ok());
  Add(3);
  Fail(Take());
  EXPECT_EQ(queue_.NextSend(), now_ + absl::Seconds(1));
}

TEST_F(TrackQueueTest, BatchesThatFailTogetherAreOneFailure) {
  Add(6);
  TrackQueue::Batch first = Take();
  TrackQueue::Batch second = Take();
  Fail(std::move(first));
  Fail(std::move(second));
  EXPECT_EQ(queue_.NextSend(), kStart + absl::Seconds(1));
}

TEST_F(TrackQueueTest, AfterAFailureOneBatchTriesAlone) {
  Add(6);
  Fail(Take());
  now_ += absl::Seconds(1);
  const TrackQueue::Batch trial = Take();
  EXPECT_THAT(TakeIds(), IsEmpty());
  CompleteAll(trial);
  EXPECT_THAT(TakeIds(), ElementsAre("4", "5", "6"));
}

TEST_F(TrackQueueTest, ThePauseIsAtLeastWhatTheServerAsksFor) {
  Add(3);
  Fail(Take(), absl::Seconds(5));
  EXPECT_EQ(queue_.NextSend(), kStart + absl::Seconds(6));
}

TEST_F(TrackQueueTest, OfTwoDelaysTheLongerOneCounts) {
  Add(6);
  TrackQueue::Batch first = Take();
  TrackQueue::Batch second = Take();
  Fail(std::move(first), absl::Seconds(5));
  Fail(std::move(second), absl::Seconds(9));
  EXPECT_EQ(queue_.NextSend(), kStart + absl::Seconds(9));
}

TEST_F(TrackQueueTest, OnlyWhatIsLeftOfABatchIsSentAgain) {
  Add(3);
  TrackQueue::Batch batch = Take();
  batch.params.events.erase(batch.params.events.begin());
  Fail(std::move(batch));
  EXPECT_EQ(queue_.outstanding_events(), 2);
  now_ += absl::Seconds(1);
  EXPECT_THAT(TakeIds(), ElementsAre("2", "3"));
}

TEST_F(TrackQueueTest, WhatFillsTheQueueIsSentAtOnce) {
  Add(100);
  for (int batch = 0; batch < 33; ++batch) CompleteAll(Take());
  EXPECT_THAT(TakeIds(), ElementsAre("100"));
}

TEST_F(TrackQueueTest, IsFullUntilEventsAreDone) {
  Add(99);
  EXPECT_TRUE(queue_.HasRoom());
  Add(1);
  EXPECT_FALSE(queue_.HasRoom());
  const TrackQueue::Batch batch = Take();
  EXPECT_FALSE(queue_.HasRoom()) << "what is on its way may have to be sent again";
  CompleteAll(batch);
  EXPECT_TRUE(queue_.HasRoom());
}

TEST_F(TrackQueueTest, IsDoneUpToABatchWhenNoneBeforeItIsLeft) {
  EXPECT_TRUE(queue_.IsDoneUpTo(queue_.CloseBatch()));
  Add(4);
  const uint64_t last = queue_.CloseBatch();
  Add(1);
  TrackQueue::Batch first = Take();
  const TrackQueue::Batch second = Take();
  CompleteAll(second);
  EXPECT_FALSE(queue_.IsDoneUpTo(last)) << "the first batch is on its way";
  Fail(std::move(first));
  EXPECT_FALSE(queue_.IsDoneUpTo(last)) << "the first batch waits again";
  now_ += absl::Seconds(1);
  CompleteAll(Take());
  EXPECT_TRUE(queue_.IsDoneUpTo(last));
  EXPECT_FALSE(queue_.IsDone()) << "one event came later";
}

TEST_F(TrackQueueTest, AllThatWaitsCanBeTaken) {
  Add(7);
  Take();
  EXPECT_THAT(Ids(queue_.TakeAll()), ElementsAre("4", "5", "6", "7"));
}

TEST_F(TrackQueueTest, OptionsOutOfBoundsCountAsTheNearestBound) {
  OwostackOptions options = Options();
  options.track.batch_size = 5000;
  options.track.batches_in_flight_max = 0;
  options.track.events_max = 2000;
  TrackQueue queue(options);
  for (int i = 0; i < 1500; ++i) queue.Add(Event(absl::StrCat(i)), now_);
  const std::optional<TrackQueue::Batch> batch = queue.Take(now_);
  ASSERT_TRUE(batch.has_value());
  EXPECT_THAT(batch->params.events, SizeIs(1000));
}

}  // namespace
}  // namespace owo
