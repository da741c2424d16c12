#include "client/cpp/internal/track_verdict.h"

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

TEST(TrackVerdictTest, WhatIsCountedIsDone) {
  TrackBatchResult result = Tracked(kBatch);
  result.codes[1] = TrackCode::kTrackedOverage;
  const TrackVerdict verdict = Judge(kBatch, result);
  EXPECT_THAT(verdict.failures, IsEmpty());
  EXPECT_THAT(verdict.again, IsEmpty());
  EXPECT_TRUE(verdict.transience.ok());
}

TEST(TrackVerdictTest, ADuplicateIsCounted) {
  TrackBatchResult result = Tracked(kBatch);
  result.details = {{.index = 1, .code = TrackCode::kTracked, .recorded = true, .duplicate = true}};
  const TrackVerdict verdict = Judge(kBatch, result);
  EXPECT_THAT(verdict.failures, IsEmpty());
  EXPECT_THAT(verdict.again, IsEmpty());
}

TEST(TrackVerdictTest, ARefusedEventFailsWithItsCode) {
  TrackBatchResult result = Tracked(kBatch);
  Refuse(0, TrackCode::kLimitExceeded, result);
  const TrackVerdict verdict = Judge(kBatch, result);
  ASSERT_THAT(verdict.failures, SizeIs(1));
  EXPECT_EQ(verdict.failures[0].event, Event("a"));
  EXPECT_EQ(verdict.failures[0].code, TrackCode::kLimitExceeded);
  EXPECT_TRUE(absl::IsFailedPrecondition(verdict.failures[0].status));
  EXPECT_THAT(verdict.again, IsEmpty());
}

TEST(TrackVerdictTest, ACodeWithoutADetailIsNoReasonToBelieveItCounted) {
  TrackBatchResult result = Tracked(kBatch);
  result.codes[2] = TrackCode::kNoActiveSubscription;
  const TrackVerdict verdict = Judge(kBatch, result);
  ASSERT_THAT(verdict.failures, SizeIs(1));
  EXPECT_EQ(verdict.failures[0].event, Event("c"));
}

TEST(TrackVerdictTest, AWrongEventFailsAsItWouldAlone) {
  TrackBatchResult result = Tracked(kBatch);
  Reject(1, "EVENT_TOO_OLD", result);
  result.details[0].error->metadata = {{"event_time", "long ago"}};
  Reject(2, "INVALID_REQUEST", result);
  result.details[1].error->field = "quantity";
  const TrackVerdict verdict = Judge(kBatch, result);
  ASSERT_THAT(verdict.failures, SizeIs(2));
  const absl::Status old = verdict.failures[0].status;
  EXPECT_EQ(old.code(), absl::StatusCode::kOutOfRange);
  EXPECT_EQ(ErrorReason(old), "EVENT_TOO_OLD");
  EXPECT_EQ(ErrorMetadata(old).at("event_time"), "long ago");
  const absl::Status malformed = verdict.failures[1].status;
  EXPECT_EQ(malformed.code(), absl::StatusCode::kInvalidArgument);
  EXPECT_EQ(ErrorMetadata(malformed).at("field"), "quantity");
  EXPECT_EQ(verdict.failures[1].code, TrackCode::kRejected);
}

TEST(TrackVerdictTest, AReasonOfANewerServerIsKept) {
  TrackBatchResult result = Tracked(kBatch);
  Reject(1, "EVENT_UNLUCKY", result);
  const TrackVerdict verdict = Judge(kBatch, result);
  ASSERT_THAT(verdict.failures, SizeIs(1));
  EXPECT_EQ(ErrorReason(verdict.failures[0].status), "EVENT_UNLUCKY");
}

TEST(TrackVerdictTest, AnEventThatMayPassIsSentAgainAlone) {
  for (const char* const reason : {"CONTENTION", "OVERLOADED", "DISK_FULL", "STORE_UNAVAILABLE"}) {
    TrackBatchResult result = Tracked(kBatch);
    Refuse(0, TrackCode::kLimitExceeded, result);
    Reject(1, reason, result);
    const TrackVerdict verdict = Judge(kBatch, result);
    EXPECT_THAT(Ids(verdict.again), ElementsAre("b"));
    EXPECT_EQ(ErrorReason(verdict.transience), reason);
    EXPECT_THAT(verdict.failures, SizeIs(1));
  }
}

TEST(TrackVerdictTest, ABatchThatMayPassIsSentAgain) {
  for (const absl::Status& status :
       {absl::UnavailableError(""), absl::AbortedError(""), absl::DeadlineExceededError("")}) {
    const TrackVerdict verdict = Judge(kBatch, status);
    EXPECT_EQ(verdict.again, kBatch.events);
    EXPECT_EQ(verdict.transience, status);
    EXPECT_EQ(verdict.delay, absl::ZeroDuration());
    EXPECT_THAT(verdict.failures, IsEmpty());
  }
}

TEST(TrackVerdictTest, TheDelayThatTheServerAsksForIsKept) {
  const absl::Status overloaded = FromGrpc(testing::ErrorStatus(
      grpc::StatusCode::RESOURCE_EXHAUSTED, "OVERLOADED", {}, absl::Milliseconds(700)));
  const TrackVerdict verdict = Judge(kBatch, overloaded);
  EXPECT_EQ(verdict.again, kBatch.events);
  EXPECT_EQ(verdict.delay, absl::Milliseconds(700));
}

TEST(TrackVerdictTest, WhatStaysFailsEveryEvent) {
  for (const absl::Status& status :
       {absl::InternalError(""), absl::UnauthenticatedError(""), absl::ResourceExhaustedError(""),
        absl::InvalidArgumentError(""), absl::UnimplementedError("")}) {
    const TrackVerdict verdict = Judge(kBatch, status);
    ASSERT_THAT(verdict.failures, SizeIs(3));
    EXPECT_EQ(verdict.failures[2].event, Event("c"));
    EXPECT_EQ(verdict.failures[2].code, TrackCode::kUnspecified);
    EXPECT_EQ(verdict.failures[2].status, status);
    EXPECT_THAT(verdict.again, IsEmpty());
  }
}

TEST(TrackVerdictTest, AnAnswerToOtherEventsFailsThese) {
  const TrackVerdict verdict = Judge(kBatch, Tracked({.events = {Event("a")}}));
  ASSERT_THAT(verdict.failures, SizeIs(3));
  EXPECT_TRUE(absl::IsInternal(verdict.failures[0].status));
}

}  // namespace
}  // namespace owo
