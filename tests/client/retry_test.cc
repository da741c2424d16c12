#include "client/cpp/internal/retry.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <optional>
#include <vector>

#include "client/cpp/internal/status_details.h"
#include "tests/client/test_server.h"

namespace owo {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

const absl::Status kUnavailable = absl::UnavailableError("no server");

absl::Status Overloaded(std::optional<absl::Duration> retry_delay) {
  return FromGrpc(
      testing::ErrorStatus(grpc::StatusCode::RESOURCE_EXHAUSTED, "OVERLOADED", {}, retry_delay));
}

class RetryTest : public ::testing::Test {
 protected:
  // Makes a call whose attempts return `answers`, one after the other.
  absl::Status Call(std::vector<absl::Status> answers,
                    absl::Time deadline = absl::InfiniteFuture()) {
    return CallWithRetries(options_, deadline, [&] { return answers.at(attempts_++); });
  }

  RetryOptions options_ = {
      .attempts_max = 6,
      .backoff_first = absl::Milliseconds(100),
      .backoff_max = absl::Milliseconds(500),
      .jitter = [](absl::Duration longest) { return longest; },
      .sleep = [this](absl::Duration pause) { pauses_.push_back(pause); },
  };
  size_t attempts_ = 0;
  std::vector<absl::Duration> pauses_;
};

TEST_F(RetryTest, SuccessIsNotRepeated) {
  EXPECT_TRUE(Call({absl::OkStatus()}).ok());
  EXPECT_EQ(attempts_, 1);
}

TEST_F(RetryTest, RepeatsWhatMayPass) {
  EXPECT_TRUE(Call({kUnavailable, absl::AbortedError("contention"), absl::OkStatus()}).ok());
  EXPECT_EQ(attempts_, 3);
}

TEST_F(RetryTest, DoesNotRepeatWhatStays) {
  for (const absl::Status& status :
       {absl::InvalidArgumentError(""), absl::NotFoundError(""), absl::AlreadyExistsError(""),
        absl::FailedPreconditionError(""), absl::OutOfRangeError(""), absl::InternalError(""),
        absl::DeadlineExceededError(""), absl::CancelledError(""), absl::UnknownError("")}) {
    attempts_ = 0;
    EXPECT_EQ(Call({status}), status);
    EXPECT_EQ(attempts_, 1);
  }
}

TEST_F(RetryTest, PausesDoubleUpToTheirBound) {
  EXPECT_EQ(Call(std::vector(6, kUnavailable)), kUnavailable);
  EXPECT_EQ(attempts_, 6);
  EXPECT_THAT(pauses_,
              ElementsAre(absl::Milliseconds(100), absl::Milliseconds(200), absl::Milliseconds(400),
                          absl::Milliseconds(500), absl::Milliseconds(500)));
}

TEST_F(RetryTest, PausesAreRandomWithinTheirBound) {
  options_.jitter = nullptr;
  options_.backoff_max = absl::Milliseconds(100);
  options_.attempts_max = 1001;
  EXPECT_EQ(Call(std::vector(1001, kUnavailable)), kUnavailable);
  absl::Duration shortest = absl::InfiniteDuration();
  absl::Duration longest;
  for (const absl::Duration pause : pauses_) {
    shortest = std::min(shortest, pause);
    longest = std::max(longest, pause);
  }
  // A thousand uniformly random pauses all miss a given tenth of the range once in 10^45 runs.
  EXPECT_GE(shortest, absl::ZeroDuration());
  EXPECT_LT(shortest, absl::Milliseconds(10));
  EXPECT_GT(longest, absl::Milliseconds(90));
  EXPECT_LE(longest, absl::Milliseconds(100));
}

TEST_F(RetryTest, WaitsAsLongAsTheServerAsksAndThenAtRandom) {
  EXPECT_TRUE(Call({Overloaded(absl::Milliseconds(1500)), absl::OkStatus()}).ok());
  EXPECT_THAT(pauses_, ElementsAre(absl::Milliseconds(1600)));
}

TEST_F(RetryTest, ExhaustedWithoutADelayIsNotRepeated) {
  EXPECT_EQ(Call({Overloaded(std::nullopt)}).code(), absl::StatusCode::kResourceExhausted);
  EXPECT_EQ(attempts_, 1);
}

TEST_F(RetryTest, ANegativeDelayIsNone) {
  EXPECT_TRUE(Call({Overloaded(-absl::Seconds(5)), absl::OkStatus()}).ok());
  EXPECT_THAT(pauses_, ElementsAre(absl::Milliseconds(100)));
}

TEST_F(RetryTest, DoesNotPauseBeyondTheDeadline) {
  const absl::Time deadline = absl::Now() + absl::Seconds(30);
  EXPECT_EQ(Call({Overloaded(absl::Minutes(1))}, deadline).code(),
            absl::StatusCode::kResourceExhausted);
  EXPECT_EQ(attempts_, 1);
  EXPECT_THAT(pauses_, IsEmpty());
}

TEST_F(RetryTest, OneAttemptMeansNoRepetition) {
  options_.attempts_max = 1;
  EXPECT_EQ(Call({kUnavailable}), kUnavailable);
  EXPECT_THAT(pauses_, IsEmpty());
}

}  // namespace
}  // namespace owo
