// Acknowledged events survive a power failure. Other events are counted once when they are
// repeated.

#include <gtest/gtest.h>

#include <mutex>
#include <set>

#include "storage/rocksdb/commit/replay.h"
#include "storage/rocksdb/open.h"
#include "tests/support/faulty_disk.h"
#include "tests/support/long_run.h"
#include "tests/support/rows.h"
#include "tests/support/store.h"

namespace owo::storage {
namespace {

constexpr char kPowerLossData[] = "/data";
constexpr int kCallers = 4;

// A store under load whose power fails, and its state afterwards.
class PowerLoss {
 public:
  PowerLoss(Random& random, bool sync) : random_(random), sync_(sync) {}

  // Sets how many events are kept in memory only. With few of them rows are flushed all the time.
  void KeepInMemory(size_t events) { unflushed_events_max_ = events; }

  // Returns how many acknowledged events were lost.
  size_t Run() {
    subject_ = AddSubject(*Open(), "acme");
    {
      const auto store = Open();
      disk_.CutPowerAfter(random_.Between(0, 150));
      InParallel(kCallers, [&](int caller) { TrackUntilRefused(*store, caller); });
    }
    EXPECT_TRUE(disk_.power_is_off());
    disk_.RestorePower(random_);
    return Resolve();
  }
  size_t acknowledged() const { return acknowledged_.size(); }

 private:
  std::unique_ptr<Store> Open() {
    auto store = OpenRocksStore({.data_dir = kPowerLossData,
                                 .sync = sync_,
                                 .unflushed_events_max = unflushed_events_max_,
                                 .env = disk_.env()});
    EXPECT_TRUE(store.ok()) << store.status();
    return store.ok() ? *std::move(store) : nullptr;
  }

  void TrackUntilRefused(Store& store, int caller) {
    for (int i = 0; i < 1000; ++i) {
      const std::string id = std::to_string(caller) + "-" + std::to_string(i);
      {
        const std::lock_guard lock(mutex_);
        asked_.insert(id);
      }
      const auto outcomes = Track(store, subject_.Command({subject_.Event(id, 1)}));
      if (!outcomes.ok()) {
        EXPECT_TRUE(absl::IsUnavailable(outcomes.status())) << outcomes.status();
        return;
      }
      const std::lock_guard lock(mutex_);
      acknowledged_.insert(id);
    }
  }

  // Repeats everything after the power is back. Returns how many acknowledged events were lost.
  size_t Resolve() {
    const auto store = Open();
    if (store == nullptr) return acknowledged_.size();
    size_t lost = 0;
    for (const std::string& id : asked_) {
      const TrackOutcome outcome = TrackOne(*store, subject_, subject_.Event(id, 1));
      EXPECT_EQ(outcome.code, TrackCode::kCounted);
      if (!outcome.duplicate && acknowledged_.contains(id)) ++lost;
    }
    const Counter counter = ReadCounter(*store, subject_, subject_.Counter());
    EXPECT_EQ(counter.total, Units(static_cast<int64_t>(asked_.size())));
    EXPECT_EQ(counter.events, asked_.size());
    ExpectEventsListed(*store);
    return lost;
  }

  void ExpectEventsListed(const Store& store) const {
    const auto events =
        store.ListEvents(kReadAll, subject_.tenant, subject_.Counter(), {.range = {0, UINT64_MAX}});
    ASSERT_TRUE(events.ok()) << events.status();
    std::set<std::string> listed;
    for (const StoredEvent& event : events->events) listed.insert(event.id_text);
    EXPECT_EQ(events->events.size(), listed.size()) << "an event is listed twice";
    EXPECT_EQ(listed, asked_);
  }

  Random& random_;
  const bool sync_;
  size_t unflushed_events_max_ = 900'000;
  FaultyDisk disk_;
  Subject subject_;
  std::mutex mutex_;
  std::set<std::string> asked_;
  std::set<std::string> acknowledged_;
};

TEST(PowerLossTest, LosesNothingThatWasAcknowledged) {
  Random random;
  size_t acknowledged = 0;
  for (int round = 0; round < (IsLongRun() ? 2000 : kSanitized ? 10 : 30); ++round) {
    PowerLoss loss(random, /*sync=*/true);
    EXPECT_EQ(loss.Run(), 0) << "in round " << round;
    acknowledged += loss.acknowledged();
  }
  EXPECT_GT(acknowledged, 50);
}

TEST(PowerLossTest, LosesNothingWhileRowsAreUnflushed) {
  Random random;
  for (int round = 0; round < (IsLongRun() ? 2000 : kSanitized ? 8 : 20); ++round) {
    PowerLoss loss(random, /*sync=*/true);
    loss.KeepInMemory(static_cast<size_t>(random.Between(3, 20)));
    EXPECT_EQ(loss.Run(), 0) << "in round " << round;
    if (::testing::Test::HasFailure()) FAIL() << "in round " << round;
  }
}

// Full chunks of events are written before their counter's row. A replay must be consistent with
// them.
TEST(PowerLossTest, EventsAreListedOnceAcrossTheRowsAndTheReplay) {
  constexpr int kEvents = 3000;  // per commit; the second commit fills a chunk
  Random random;
  FaultyDisk disk;
  const OpenOptions options{.data_dir = kPowerLossData, .env = disk.env()};
  Subject subject;
  int tracked = 0;
  for (int round = 0; round < 3; ++round) {
    auto store = OpenRocksStore(options);
    ASSERT_TRUE(store.ok()) << store.status();
    if (round == 0) subject = AddSubject(**store, "acme");
    const auto listed = (*store)->ListEvents(kReadAll, subject.tenant, subject.Counter(),
                                             {.range = {0, UINT64_MAX}});
    ASSERT_TRUE(listed.ok()) << listed.status();
    ASSERT_EQ(listed->events.size(), tracked);
    for (int i = 0; i < tracked; ++i) {
      ASSERT_EQ(listed->events[static_cast<size_t>(i)].id_text, std::to_string(i));
    }
    for (int commit = 0; commit < 2; ++commit) {
      std::vector<TrackEvent> events;
      events.reserve(kEvents);
      for (int i = 0; i < kEvents; ++i) {
        events.push_back(subject.Event(std::to_string(tracked++), 1));
      }
      TrackAll(**store, subject, std::move(events));
    }
    disk.CutPowerAfter(0);
    store->reset();
    disk.RestorePower(random);
  }
}

// Checks the tests above: without syncs, events must get lost.
TEST(PowerLossTest, LosesAcknowledgedEventsWhenAnswersDoNotWaitForTheDisk) {
  Random random;
  size_t lost = 0;
  for (int round = 0; round < 10; ++round) lost += PowerLoss(random, /*sync=*/false).Run();
  EXPECT_GT(lost, 0);
}

}  // namespace
}  // namespace owo::storage
