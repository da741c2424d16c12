// The events of a counter in an interval can be listed, in pages that are bounded in events and in
// work.

#include "tests/storage/contract/store_contract.h"
#include "tests/support/random.h"

namespace owo::storage {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

class EventIntervalContract : public StoreContract {
 protected:
  void SetUp() override {
    StoreContract::SetUp();
    subject_ = AddSubject(store(), "acme");
  }
  EventList Find(const EventQuery& query) {
    const auto list = store().ListEvents(kReadAll, subject_.tenant, subject_.Counter(), query);
    EXPECT_TRUE(list.ok()) << list.status();
    return list.ok() ? *list : EventList();
  }

  Subject subject_;
};
OWO_FOR_EVERY_STORE(EventIntervalContract);

std::vector<std::string> IdsIn(const std::vector<StoredEvent>& events) {
  std::vector<std::string> ids;
  ids.reserve(events.size());
  for (const StoredEvent& event : events) ids.push_back(event.id_text);
  return ids;
}

TEST_P(EventIntervalContract, AnIntervalIsOfTheEventsOwnTimeAndHalfOpen) {
  int events = 0;
  for (const int time : {7, 5, 9, 5, 8}) {
    TrackEvent event = subject_.Event("e" + std::to_string(events++), 1);
    event.time = kNow + time;
    TrackOne(store(), subject_, event);
  }
  const auto ids = [this](std::optional<Micros> start, std::optional<Micros> end) {
    if (start.has_value()) *start += kNow;
    if (end.has_value()) *end += kNow;
    const EventQuery query{.range = OrdinalRange{0, UINT64_MAX}, .start = start, .end = end};
    const EventList list = Find(query);
    EXPECT_EQ(list.next, 5);
    return IdsIn(list.events);
  };
  EXPECT_THAT(ids(5, 8), ElementsAre("e0", "e1", "e3"));
  EXPECT_THAT(ids(8, std::nullopt), ElementsAre("e2", "e4"));
  EXPECT_THAT(ids(std::nullopt, 6), ElementsAre("e1", "e3"));
  EXPECT_THAT(ids(9, 10), ElementsAre("e2"));
  EXPECT_THAT(ids(-9, 5), IsEmpty());
  EXPECT_THAT(ids(10, 99), IsEmpty());
  EXPECT_THAT(ids(7, 7), IsEmpty());
  EXPECT_THAT(ids(8, 7), IsEmpty());
}

// Mostly in order of time, with flushes at any position, and pages of any size and work.
TEST_P(EventIntervalContract, PagesOfAnIntervalAreThoseOfItsEvents) {
  Random random;
  std::vector<std::pair<Micros, std::string>> all;
  const auto track = [&](int64_t count) {
    std::vector<TrackEvent> events;
    for (; count > 0; --count) {
      const auto n = static_cast<int64_t>(all.size());
      const Micros time = kNow + (random.OneIn(50) ? random.Between(0, n) : n) * 10;
      all.emplace_back(time, "e" + std::to_string(n));
      events.push_back(subject_.Event(all.back().second, 1));
      events.back().time = time;
    }
    TrackAll(store(), subject_, std::move(events));
  };
  for (int round = 0; round < 12; ++round) {
    track(random.Between(1, 1000));
    if (random.OneIn(3)) Reopen();
    const auto end = static_cast<int64_t>(all.size()) * 10;
    const Micros start = kNow + random.Between(-10, end);
    const Micros until = start + random.Between(0, random.OneIn(2) ? 200 : end);
    EventQuery query{.range = {0, UINT64_MAX}, .start = start, .end = until};
    if (random.OneIn(2)) query.limit = static_cast<size_t>(random.Between(1, 50));
    if (random.OneIn(2)) query.work_max = static_cast<size_t>(random.Between(1, 500));
    std::vector<std::string> expected;
    for (const auto& [time, id] : all) {
      if (start <= time && time < until) expected.push_back(id);
    }
    std::vector<std::string> listed;
    while (query.range.first < all.size()) {
      const EventList list = Find(query);
      ASSERT_GT(list.next, query.range.first);
      ASSERT_LE(list.events.size(), query.limit);
      ASSERT_LE(list.work, query.work_max);
      for (const StoredEvent& event : list.events) {
        ASSERT_LT(event.ordinal, list.next);
        ASSERT_EQ(event.id_text, all[event.ordinal].second);
        listed.push_back(event.id_text);
      }
      query.range.first = list.next;
    }
    ASSERT_EQ(listed, expected) << "in round " << round;
  }
}

}  // namespace
}  // namespace owo::storage
