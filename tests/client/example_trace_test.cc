#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <set>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "client/cpp/examples/trace.h"

namespace owo::examples {
namespace {

using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;

constexpr char kHeader[] = "TIMESTAMP,ContextTokens,GeneratedTokens";

absl::StatusOr<std::vector<TraceRequest>> ReadText(const std::string& text) {
  // Test processes run concurrently, so the name contains the process id.
  const std::string path = absl::StrCat(::testing::TempDir(), "trace_test_", getpid(), ".csv");
  std::ofstream(path, std::ios::binary) << text;
  auto trace = ReadTrace(path);
  std::filesystem::remove(path);
  return trace;
}

TEST(ReadTraceTest, ReadsLinesThatEndWithCrLf) {
  const auto trace = ReadText(std::string(kHeader) +
                              "\r\n2023-11-16 18:15:46.6805900,374,44\r\n"
                              "2023-11-16 18:15:50.9951690,396,109");
  ASSERT_TRUE(trace.ok()) << trace.status();
  ASSERT_THAT(*trace, SizeIs(2));
  EXPECT_EQ(absl::FormatTime("%Y-%m-%d %H:%M:%E*S", (*trace)[0].time, absl::UTCTimeZone()),
            "2023-11-16 18:15:46.68059");
  EXPECT_EQ((*trace)[0].input_tokens, 374);
  EXPECT_EQ((*trace)[0].output_tokens, 44);
  EXPECT_EQ((*trace)[1].output_tokens, 109);
}

TEST(ReadTraceTest, NamesTheLineThatIsWrong) {
  for (const char* line :
       {"2023-11-16 18:15:46.68,374", "yesterday,374,44", "2023-11-16 18:15:46.68,many,44",
        "2023-11-16 18:15:46.68,374,4.4", "2023-11-16 18:15:46.68,374,44,1", ""}) {
    const auto trace =
        ReadText(std::string(kHeader) + "\n2023-11-16 18:15:46.68,374,44\n" + line + "\n");
    EXPECT_TRUE(absl::IsInvalidArgument(trace.status())) << line;
    EXPECT_THAT(std::string(trace.status().message()), HasSubstr(".csv:3:")) << line;
  }
}

TEST(ReadTraceTest, WantsItsHeader) {
  EXPECT_TRUE(absl::IsInvalidArgument(ReadText("2023-11-16 18:15:46.68,374,44\n").status()));
  EXPECT_THAT(std::string(ReadText("a,b,c\n").status().message()), HasSubstr(kHeader));
}

TEST(ReadTraceTest, NamesTheFileThatIsMissing) {
  const absl::Status status = ReadTrace("no/such/file.csv").status();
  EXPECT_TRUE(absl::IsNotFound(status));
  EXPECT_THAT(std::string(status.message()), HasSubstr("no/such/file.csv"));
}

TEST(StandInTraceTest, AddsUpToWhatItStandsFor) {
  for (const uint64_t seed : {1, 2, 3}) {
    const std::vector<TraceRequest> trace = StandInTrace(seed);
    ASSERT_THAT(trace, SizeIs(kConvRequests));
    int64_t input = 0;
    int64_t output = 0;
    for (const TraceRequest& request : trace) {
      EXPECT_GE(request.input_tokens, 1);
      EXPECT_GE(request.output_tokens, 1);
      input += request.input_tokens;
      output += request.output_tokens;
    }
    EXPECT_EQ(input, kConvInputTokens);
    EXPECT_EQ(output, kConvOutputTokens);
    EXPECT_LT(trace.back().time - trace.front().time, absl::Hours(1));
  }
}

TEST(StandInTraceTest, ASeedAlwaysGivesTheSame) {
  const std::vector<TraceRequest> trace = StandInTrace(1);
  EXPECT_EQ(trace[0].input_tokens, 1652);
  EXPECT_EQ(trace[19'365].output_tokens, 218);
  EXPECT_NE(StandInTrace(2)[0].input_tokens, trace[0].input_tokens);
}

const absl::Time kStart = absl::FromUnixSeconds(1'764'547'200);
const absl::Time kEnd = kStart + absl::Hours(1);

TEST(TraceEventsTest, AreInOrderWithinTheGivenTimes) {
  const std::vector<TrackParams> events =
      TraceEvents(StandInTrace(1), "stand-in", "acme", kStart, kEnd);
  ASSERT_THAT(events, SizeIs(2 * kConvRequests));
  EXPECT_EQ(events.front().event_time, kStart);
  EXPECT_LT(events.back().event_time, kEnd);
  EXPECT_TRUE(std::is_sorted(events.begin(), events.end(), [](const auto& a, const auto& b) {
    return *a.event_time < *b.event_time;
  }));
}

TEST(TraceEventsTest, EachRequestIsTwoEvents) {
  const std::vector<TraceRequest> trace = {
      {.time = absl::UnixEpoch(), .input_tokens = 374, .output_tokens = 44}};
  const std::vector<TrackParams> events = TraceEvents(trace, "conv", "acme", kStart, kEnd);
  EXPECT_EQ(events, (std::vector<TrackParams>{{.customer = "acme",
                                               .feature = "input-tokens",
                                               .quantity = "374",
                                               .event_id = "conv/acme/00000/input-tokens",
                                               .event_time = kStart},
                                              {.customer = "acme",
                                               .feature = "output-tokens",
                                               .quantity = "44",
                                               .event_id = "conv/acme/00000/output-tokens",
                                               .event_time = kStart}}));
}

TEST(TraceEventsTest, IdsDoNotDependOnTheTime) {
  const std::vector<TraceRequest> trace = StandInTrace(1);
  const auto first = TraceEvents(trace, "stand-in", "acme", kStart, kEnd);
  const auto again = TraceEvents(trace, "stand-in", "acme", kEnd, kEnd + absl::Minutes(1));
  std::set<std::string> ids;
  for (size_t i = 0; i < first.size(); ++i) {
    EXPECT_EQ(first[i].event_id, again[i].event_id);
    ids.insert(first[i].event_id);
  }
  EXPECT_THAT(ids, SizeIs(first.size()));
}

TEST(TraceEventsTest, AnEmptyTraceHasNone) {
  EXPECT_THAT(TraceEvents({}, "conv", "acme", kStart, kEnd), IsEmpty());
}

TEST(TraceEventsTest, AllTimesMayBeOne) {
  for (const TrackParams& event : TraceEvents(StandInTrace(1), "a", "b", kStart, kStart)) {
    EXPECT_EQ(event.event_time, kStart);
  }
}

}  // namespace
}  // namespace owo::examples
