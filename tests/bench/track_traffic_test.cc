#include "tests/bench/track_traffic.h"

#include <gtest/gtest.h>

#include <map>
#include <set>
#include <string>
#include <utility>
#include <vector>

namespace owo::bench {
namespace {

namespace pb = owo::billing::v1;

std::vector<pb::UsageEvent> NextBatch(BatchTraffic& traffic) {
  Call call;
  EXPECT_TRUE(traffic.Next(call));
  const auto request = As<pb::TrackBatchRequest>(call.request);
  return {request.events().begin(), request.events().end()};
}

// Does what the server does: stores events by id, and requires a repeat to have the same content.
class Seen {
 public:
  // Returns whether the event is new.
  bool Add(const pb::UsageEvent& event) {
    const std::string content = event.customer() + "/" + event.feature() + "/" + event.quantity();
    const auto [at, is_new] = seen_.emplace(event.event_id(), content);
    EXPECT_EQ(at->second, content) << "the id has other content";
    return is_new;
  }

 private:
  std::map<std::string, std::string> seen_;
};

TEST(BatchTrafficTest, EventsAreNewAndReachEachCounterEquallyOften) {
  BatchTraffic traffic({.counters = Counters({.customers = 200, .features = 10})});
  Seen seen;
  std::map<std::pair<std::string, std::string>, int> counters;
  for (int i = 0; i < 4; ++i) {
    for (const pb::UsageEvent& event : NextBatch(traffic)) {
      EXPECT_TRUE(seen.Add(event)) << event.event_id();
      EXPECT_EQ(event.quantity(), "1");
      ++counters[{event.customer(), event.feature()}];
    }
  }
  EXPECT_EQ(counters.size(), 2'000U);
  for (const auto& [counter, events] : counters) EXPECT_EQ(events, 2) << counter.first;
}

TEST(BatchTrafficTest, AFifthIsRepeatedWithTheSameContent) {
  BatchTraffic traffic({.counters = Counters({.customers = 200, .features = 10}), .repeats = true});
  Seen seen;
  for (int i = 0; i < 6; ++i) {
    for (const pb::UsageEvent& event : NextBatch(traffic)) EXPECT_TRUE(seen.Add(event));
  }
  EXPECT_EQ(traffic.distinct(), 6'000U);
  traffic.RepeatSome();
  uint64_t distinct = traffic.distinct();
  for (int i = 0; i < 5; ++i) {
    int repeated = 0;
    for (const pb::UsageEvent& event : NextBatch(traffic)) repeated += seen.Add(event) ? 0 : 1;
    EXPECT_EQ(repeated, 200);
    distinct += 800;
    EXPECT_EQ(traffic.distinct(), distinct);
  }
}

TEST(BatchTrafficTest, EndsWhenAskedTo) {
  BatchTraffic traffic({.counters = Counters({})});
  Call call;
  traffic.SendOnly(1'001);
  EXPECT_TRUE(traffic.Next(call));
  EXPECT_TRUE(traffic.Next(call));
  EXPECT_FALSE(traffic.Next(call));
  traffic.SendEndlessly();
  EXPECT_TRUE(traffic.Next(call));
  EXPECT_EQ(traffic.sent(), 3'000U);
}

TEST(BatchTrafficTest, AnEventThatWasNotCountedIsAnError) {
  BatchTraffic traffic({.counters = Counters({})});
  pb::TrackBatchResponse response;
  response.set_recorded(999);
  grpc::ByteBuffer answer = ToBytes(response);
  EXPECT_THROW(traffic.Answered({}, answer), std::runtime_error);
  response.set_duplicates(1);
  answer = ToBytes(response);
  EXPECT_NO_THROW(traffic.Answered({}, answer));
}

TEST(SingleTrafficTest, EventsAreNewAndGoRoundTheCounters) {
  SingleTraffic traffic(Counters({.customers = 3, .features = 2}));
  std::set<std::string> ids;
  std::set<std::string> counters;
  for (int i = 0; i < 12; ++i) {
    Call call;
    EXPECT_TRUE(traffic.Next(call));
    const auto event = As<pb::TrackRequest>(call.request);
    EXPECT_TRUE(ids.insert(event.event_id()).second);
    counters.insert(event.customer() + "/" + event.feature());
  }
  EXPECT_EQ(counters.size(), 6U);
}

}  // namespace
}  // namespace owo::bench
