#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <memory>
#include <vector>

#include "client/cpp/examples/replay.h"
#include "client/cpp/mocks/mock_connection.h"

namespace owo::examples {
namespace {

using ::testing::_;
using ::testing::Field;
using ::testing::HasSubstr;
using ::testing::Return;
using ::testing::SizeIs;
using ::testing::StrictMock;

class ReplayTest : public ::testing::Test {
 protected:
  std::vector<TrackParams> Events(int count) {
    std::vector<TrackParams> events(count);
    for (int i = 0; i < count; ++i) events[i].event_id = std::to_string(i);
    return events;
  }

  const std::shared_ptr<StrictMock<MockConnection>> connection_ =
      std::make_shared<StrictMock<MockConnection>>();
  const Owostack owo_{connection_};
};

TEST_F(ReplayTest, BatchesHaveAtMostAThousandEventsInOrder) {
  std::vector<std::string> sent;
  EXPECT_CALL(*connection_, TrackBatch(_)).Times(3).WillRepeatedly([&](const auto& batch) {
    for (const TrackParams& event : batch.events) sent.push_back(event.event_id);
    EXPECT_LE(batch.events.size(), 1000);
    return TrackBatchResult{.recorded = static_cast<uint32_t>(batch.events.size()) - 1,
                            .duplicates = 1};
  });
  const absl::StatusOr<ReplayTotals> totals = Replay(owo_, Events(2001));
  ASSERT_TRUE(totals.ok()) << totals.status();
  EXPECT_EQ(totals->recorded, 1998);
  EXPECT_EQ(totals->duplicates, 3);
  ASSERT_THAT(sent, SizeIs(2001));
  for (int i = 0; i < 2001; ++i) EXPECT_EQ(sent[i], std::to_string(i));
}

TEST_F(ReplayTest, NoEventsAreNoBatch) { EXPECT_TRUE(Replay(owo_, {}).ok()); }

TEST_F(ReplayTest, AnEventThatIsNotCountedEndsIt) {
  const TrackBatchResult result = {
      .details = {{.index = 1, .code = TrackCode::kTracked, .recorded = true, .duplicate = true},
                  {.index = 3,
                   .code = TrackCode::kRejected,
                   .error = EventError{.reason = "EVENT_TOO_OLD", .message = "too old"}}}};
  EXPECT_CALL(*connection_, TrackBatch(Field(&TrackBatchParams::events, SizeIs(1000))))
      .WillOnce(Return(result));
  const absl::Status status = Replay(owo_, Events(1500)).status();
  EXPECT_TRUE(absl::IsFailedPrecondition(status)) << status;
  EXPECT_THAT(std::string(status.message()), HasSubstr("event 3: rejected: EVENT_TOO_OLD"));
}

TEST_F(ReplayTest, AFailingCallEndsIt) {
  EXPECT_CALL(*connection_, TrackBatch(_)).WillOnce(Return(absl::UnavailableError("no server")));
  EXPECT_EQ(Replay(owo_, Events(1500)).status(), absl::UnavailableError("no server"));
}

}  // namespace
}  // namespace owo::examples
