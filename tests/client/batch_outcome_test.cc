#include "client/cpp/internal/batch_outcome.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "client/cpp/errors.h"
#include "client/cpp/internal/status_details.h"
#include "tests/client/test_server.h"
#include "tests/client/track_events.h"

namespace owo {
namespace {

using ::testing::ElementsAre;
using testing::Event;
using testing::Ids;
using ::testing::IsEmpty;
using testing::Refuse;
using testing::Reject;
using ::testing::SizeIs;
using testing::Tracked;

const TrackBatchParams kBatch = {.events = {Event("a"), Event("b"), Event("c")}};

TEST(BatchOutcomeTest, WhatIsCountedIsDone) {
  TrackBatchResult result = Tracked(kBatch);
  result.codes[1] = TrackCode::kTrackedOverage;
  const BatchOutcome outcome = OutcomeOf(kBatch, result);
  EXPECT_THAT(outcome.failures, IsEmpty());
  EXPECT_THAT(outcome.again, IsEmpty());
  EXPECT_TRUE(outcome.transience.ok());
}

TEST(BatchOutcomeTest, ADuplicateIsCounted) {
  TrackBatchResult result = Tracked(kBatch);
  result.details = {{.index = 1, .code = TrackCode::kTracked, .recorded = true, .duplicate = true}};
  const BatchOutcome outcome = OutcomeOf(kBatch, result);
  EXPECT_THAT(outcome.failures, IsEmpty());
  EXPECT_THAT(outcome.again, IsEmpty());
}

TEST(BatchOutcomeTest, ARefusedEventFailsWithItsCode) {
  TrackBatchResult result = Tracked(kBatch);
  Refuse(0, TrackCode::kLimitExceeded, result);
  const BatchOutcome outcome = OutcomeOf(kBatch, result);
  ASSERT_THAT(outcome.failures, SizeIs(1));
  EXPECT_EQ(outcome.failures[0].event, Event("a"));
  EXPECT_EQ(outcome.failures[0].code, TrackCode::kLimitExceeded);
  EXPECT_TRUE(absl::IsFailedPrecondition(outcome.failures[0].status));
  EXPECT_THAT(outcome.again, IsEmpty());
}

TEST(BatchOutcomeTest, ACodeWithoutADetailIsNoReasonToBelieveItCounted) {
  TrackBatchResult result = Tracked(kBatch);
  result.codes[2] = TrackCode::kNoActiveSubscription;
  const BatchOutcome outcome = OutcomeOf(kBatch, result);
  ASSERT_THAT(outcome.failures, SizeIs(1));
  EXPECT_EQ(outcome.failures[0].event, Event("c"));
}

TEST(BatchOutcomeTest, AWrongEventFailsAsItWouldAlone) {
  TrackBatchResult result = Tracked(kBatch);
  Reject(1, "EVENT_TOO_OLD", result);
  result.details[0].error->metadata = {{"event_time", "long ago"}};
  Reject(2, "INVALID_REQUEST", result);
  result.details[1].error->field = "quantity";
  const BatchOutcome outcome = OutcomeOf(kBatch, result);
  ASSERT_THAT(outcome.failures, SizeIs(2));
  const absl::Status old = outcome.failures[0].status;
  EXPECT_EQ(old.code(), absl::StatusCode::kOutOfRange);
  EXPECT_EQ(ErrorReason(old), "EVENT_TOO_OLD");
  EXPECT_EQ(ErrorMetadata(old).at("event_time"), "long ago");
  const absl::Status malformed = outcome.failures[1].status;
  EXPECT_EQ(malformed.code(), absl::StatusCode::kInvalidArgument);
  EXPECT_EQ(ErrorMetadata(malformed).at("field"), "quantity");
  EXPECT_EQ(outcome.failures[1].code, TrackCode::kRejected);
}

TEST(BatchOutcomeTest, AReasonOfANewerServerIsKept) {
  TrackBatchResult result = Tracked(kBatch);
  Reject(1, "EVENT_UNLUCKY", result);
  const BatchOutcome outcome = OutcomeOf(kBatch, result);
  ASSERT_THAT(outcome.failures, SizeIs(1));
  EXPECT_EQ(ErrorReason(outcome.failures[0].status), "EVENT_UNLUCKY");
}

TEST(BatchOutcomeTest, AnEventThatMayPassIsSentAgainAlone) {
  for (const char* const reason : {"CONTENTION", "OVERLOADED", "DISK_FULL", "STORE_UNAVAILABLE"}) {
    TrackBatchResult result = Tracked(kBatch);
    Refuse(0, TrackCode::kLimitExceeded, result);
    Reject(1, reason, result);
    const BatchOutcome outcome = OutcomeOf(kBatch, result);
    EXPECT_THAT(Ids(outcome.again), ElementsAre("b"));
    EXPECT_EQ(ErrorReason(outcome.transience), reason);
    EXPECT_THAT(outcome.failures, SizeIs(1));
  }
}

TEST(BatchOutcomeTest, ABatchThatMayPassIsSentAgain) {
  for (const absl::Status& status :
       {absl::UnavailableError(""), absl::AbortedError(""), absl::DeadlineExceededError("")}) {
    const BatchOutcome outcome = OutcomeOf(kBatch, status);
    EXPECT_EQ(outcome.again, kBatch.events);
    EXPECT_EQ(outcome.transience, status);
    EXPECT_EQ(outcome.delay, absl::ZeroDuration());
    EXPECT_THAT(outcome.failures, IsEmpty());
  }
}

TEST(BatchOutcomeTest, TheDelayThatTheServerAsksForIsKept) {
  const absl::Status overloaded = FromGrpc(testing::ErrorStatus(
      grpc::StatusCode::RESOURCE_EXHAUSTED, "OVERLOADED", {}, absl::Milliseconds(700)));
  const BatchOutcome outcome = OutcomeOf(kBatch, overloaded);
  EXPECT_EQ(outcome.again, kBatch.events);
  EXPECT_EQ(outcome.delay, absl::Milliseconds(700));
}

TEST(BatchOutcomeTest, WhatStaysFailsEveryEvent) {
  for (const absl::Status& status :
       {absl::InternalError(""), absl::UnauthenticatedError(""), absl::ResourceExhaustedError(""),
        absl::InvalidArgumentError(""), absl::UnimplementedError("")}) {
    const BatchOutcome outcome = OutcomeOf(kBatch, status);
    ASSERT_THAT(outcome.failures, SizeIs(3));
    EXPECT_EQ(outcome.failures[2].event, Event("c"));
    EXPECT_EQ(outcome.failures[2].code, TrackCode::kUnspecified);
    EXPECT_EQ(outcome.failures[2].status, status);
    EXPECT_THAT(outcome.again, IsEmpty());
  }
}

TEST(BatchOutcomeTest, AnAnswerToOtherEventsFailsThese) {
  const BatchOutcome outcome = OutcomeOf(kBatch, Tracked({.events = {Event("a")}}));
  ASSERT_THAT(outcome.failures, SizeIs(3));
  EXPECT_TRUE(absl::IsInternal(outcome.failures[0].status));
}

}  // namespace
}  // namespace owo
