// The cost of listing a page of events, counted in reads of RocksDB, not in time.

#include <gtest/gtest.h>
#include <rocksdb/perf_context.h>
#include <rocksdb/perf_level.h>

#include <functional>

#include "storage/rocksdb/format/event_chunk.h"
#include "storage/rocksdb/format/journal.h"
#include "storage/rocksdb/format/keys.h"
#include "storage/rocksdb/open.h"
#include "storage/rocksdb/verify/verify.h"
#include "tests/storage/rocksdb/chunks.h"
#include "tests/support/invoices.h"
#include "tests/support/rows.h"
#include "tests/support/store.h"

namespace owo::storage {
namespace {

constexpr char kEventCostData[] = "/data";
constexpr uint64_t kTogether = 100;  // events in a commit
constexpr uint64_t kPage = 10;
constexpr uint64_t kGap = 20'000;  // the first event after a pause

// The reads of RocksDB on this thread while `body` ran.
struct Reads {
  uint64_t gets = 0;
  uint64_t seeks = 0;
  uint64_t steps = 0;
  uint64_t bytes = 0;
};

Reads Count(const std::function<void()>& body) {
  const rocksdb::PerfLevel before = rocksdb::GetPerfLevel();
  rocksdb::SetPerfLevel(rocksdb::PerfLevel::kEnableCount);
  rocksdb::PerfContext& context = *rocksdb::get_perf_context();
  context.Reset();
  body();
  rocksdb::SetPerfLevel(before);
  return {.gets = context.get_from_memtable_count,
          .seeks = context.seek_on_memtable_count,
          .steps = context.next_on_memtable_count,
          .bytes = context.get_read_bytes + context.iter_read_bytes};
}

class EventCostTest : public ::testing::Test {
 protected:
  void SetUp() override {
    Open();
    subject_ = AddSubject(*store_, "acme");
  }
  void Open() {
    store_.reset();
    auto store = OpenRocksStore({.data_dir = kEventCostData, .env = memory_.get()});
    ASSERT_TRUE(store.ok()) << store.status();
    store_ = *std::move(store);
  }
  void TrackUpTo(uint64_t total) {
    while (events_ < total) {
      std::vector<TrackEvent> events;
      for (uint64_t i = 0; i < kTogether; ++i) {
        events.push_back(subject_.Event("e" + std::to_string(events_), 1));
        events.back().time = TimeOf(events_++);
      }
      TrackAll(*store_, subject_, std::move(events));
    }
  }
  // In order, one second apart, with one minute in the middle without events.
  static Micros TimeOf(uint64_t event) {
    return kNow + static_cast<Micros>(event) * kSecond + (event < kGap ? 0 : 60 * kSecond);
  }
  // Returns a query for the interval before this event.
  EventQuery Before(uint64_t event, Micros length) const {
    return {.range = {0, UINT64_MAX}, .start = TimeOf(event) - length, .end = TimeOf(event)};
  }
  std::vector<StoredEvent> List(uint64_t first) {
    return Find({.range = {first, UINT64_MAX}, .limit = kPage}).events;
  }
  EventList Find(const EventQuery& query) {
    auto list = store_->ListEvents(kReadAll, subject_.tenant, subject_.Counter(), query);
    EXPECT_TRUE(list.ok()) << list.status();
    return list.ok() ? *std::move(list) : EventList();
  }
  // Lists a page from the middle of a commit, once the counter has `total` events.
  Reads ReadsOfAPage(uint64_t total, uint64_t first) {
    TrackUpTo(total);
    List(total - 1);  // flushes all events
    std::vector<StoredEvent> page;
    const Reads reads = Count([&] { page = List(first); });
    EXPECT_EQ(page.size(), kPage);
    for (size_t i = 0; i < page.size(); ++i) {
      EXPECT_EQ(page[i].id_text, "e" + std::to_string(first + i));
    }
    return reads;
  }

  const std::unique_ptr<rocksdb::Env> memory_{rocksdb::NewMemEnv(rocksdb::Env::Default())};
  std::unique_ptr<Store> store_;
  Subject subject_;
  uint64_t events_ = 0;
};

TEST_F(EventCostTest, APageReadsTheSameAtAHundredAndAtAHundredThousandEvents) {
  const Reads few = ReadsOfAPage(100, 40);
  EXPECT_EQ(few.gets, 1);   // the journal record with the events
  EXPECT_EQ(few.seeks, 2);  // the chunk of events, the range of coverage
  MustCreateInvoice(*store_, subject_, InvoiceId(1));
  for (const uint64_t first : {40, 50'040, 99'940}) {
    const Reads many = ReadsOfAPage(100'000, first);
    EXPECT_EQ(many.gets, few.gets) << first;
    EXPECT_EQ(many.seeks, few.seeks) << first;
    EXPECT_LE(many.steps, few.steps + 2) << first;
    EXPECT_LT(many.bytes, kRecordBytesMax + 4 * kChunkEventsMax) << first;
  }
}

// Reads the chunk that contains the interval, and only the times of the others.
TEST_F(EventCostTest, AnIntervalIsFoundByTheTimesOfChunks) {
  constexpr uint64_t kEvents = 60'000;
  TrackUpTo(kEvents);
  List(kEvents - 1);  // flushes all events
  EventList list;
  const Reads empty = Count([&] { list = Find(Before(kGap, 60 * kSecond)); });
  EXPECT_EQ(list.events.size(), 0);
  EXPECT_EQ(list.next, kEvents);
  EXPECT_LE(list.work, kChunkEventsMax + kEvents / kChunkEventsMax + 1);
  EXPECT_LE(empty.gets, 2 * kChunkEventsMax / kTogether);
  EXPECT_LE(empty.seeks, 20);

  // An interval with events reads only these events.
  const Reads some = Count([&] { list = Find(Before(kGap + 30'000, 5 * kSecond)); });
  ASSERT_EQ(list.events.size(), 5);
  EXPECT_EQ(list.events.front().ordinal, kGap + 30'000 - 5);
  EXPECT_LE(some.gets, 2 * kChunkEventsMax / kTogether);

  // Intervals before the first and after the last event read nothing.
  EventQuery outside = Before(0, kDay);
  EXPECT_EQ(Count([&] { list = Find(outside); }).gets, 0);
  EXPECT_EQ(list.next, kEvents);
  EXPECT_LE(list.work, kEvents / kChunkEventsMax + 2);
  outside = {.range = {0, UINT64_MAX}, .start = TimeOf(kEvents)};
  EXPECT_EQ(Count([&] { list = Find(outside); }).gets, 0);
  EXPECT_EQ(list.next, kEvents);
}

// Earlier releases wrote chunks without times, which may contain events of any time.
TEST_F(EventCostTest, ChunksThatSayNoTimesAreLookedInto) {
  constexpr uint64_t kEvents = 25'000;
  TrackUpTo(kEvents);
  store_.reset();
  {
    const auto database = OpenDatabase(kEventCostData, memory_.get());
    rocksdb::WriteBatch batch;
    const auto it = database->Iterate(ColumnFamily::kUsageEvents);
    for (it->SeekToFirst(); it->Valid(); it->Next()) {
      batch.Put(database->handle(ColumnFamily::kUsageEvents), it->key(),
                WithoutTimes(ToView(it->value())));
    }
    batch.Put(ToSlice(keys::kFormat), "3");
    ASSERT_TRUE(database->Write(batch).ok());
  }
  Open();
  const EventList found = Find(Before(kGap, 70 * kSecond));
  EXPECT_EQ(found.events.size(), 10);
  EXPECT_EQ(found.work, kEvents);
  TrackUpTo(kEvents + 5000);
  EXPECT_EQ(Find(Before(kEvents + 100, 200 * kSecond)).events.size(), 200);
  store_.reset();
  const auto report = VerifyRocksStore({.data_dir = kEventCostData, .env = memory_.get()}, nullptr);
  ASSERT_TRUE(report.ok()) << report.status();
  EXPECT_EQ(report->differences(), 0) << report->ToString();
}

TEST_F(EventCostTest, AManyTimesLargerCommitIsReadInSmallRecords) {
  std::vector<TrackEvent> events;
  for (int i = 0; i < 5000; ++i) events.push_back(subject_.Event("e" + std::to_string(i), 1));
  TrackAll(*store_, subject_, std::move(events));
  List(4999);
  const Reads reads = Count([&] { List(2500); });
  EXPECT_LE(reads.gets, 2);
  EXPECT_LT(reads.bytes, 2 * (kRecordBytesMax + 4 * kChunkEventsMax));
}

TEST_F(EventCostTest, ACommitIsAsManyRecordsAsItsEventsNeed) {
  constexpr size_t kProperties = 1000;
  std::vector<TrackEvent> events;
  for (int i = 0; i < 200; ++i) {
    events.push_back(subject_.Event("e" + std::to_string(i), 1));
    events.back().properties = Kept(std::string(kProperties, 'x'));
  }
  TrackAll(*store_, subject_, std::move(events));
  TrackOne(*store_, subject_, subject_.Event("next", 1));
  store_.reset();
  const auto database = OpenDatabase(kEventCostData, memory_.get());
  const Rows journal = RowsOf(*database, ColumnFamily::kJournal);
  EXPECT_EQ(journal.size(), 2 + 4 + 1);  // catalog, customer; the large commit; the next commit
  for (const auto& [key, record] : journal) {
    EXPECT_LT(record.size(), kRecordBytesMax + 2 * kProperties) << key;
  }
}

}  // namespace
}  // namespace owo::storage
