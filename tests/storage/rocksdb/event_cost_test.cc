// What it costs to list a page of events: counted in reads of RocksDB, not in time.

#include <gtest/gtest.h>
#include <rocksdb/perf_context.h>
#include <rocksdb/perf_level.h>

#include <functional>

#include "storage/rocksdb/event_chunk.h"
#include "storage/rocksdb/journal.h"
#include "storage/rocksdb/open.h"
#include "tests/support/invoices.h"
#include "tests/support/rows.h"
#include "tests/support/store.h"

namespace owo::storage {
namespace {

constexpr char kEventCostData[] = "/data";
constexpr uint64_t kTogether = 100;  // events in a commit
constexpr uint64_t kPage = 10;

// What this thread asked of RocksDB while `body` ran.
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
        events.push_back(subject_.Event("e" + std::to_string(events_++), 1));
      }
      TrackAll(*store_, subject_, std::move(events));
    }
  }
  std::vector<StoredEvent> List(uint64_t first) {
    auto events = store_->ListEvents(kReadAll, subject_.tenant, subject_.Counter(),
                                     {first, UINT64_MAX}, kPage);
    EXPECT_TRUE(events.ok()) << events.status();
    return events.ok() ? *std::move(events) : std::vector<StoredEvent>();
  }
  // Lists from the middle of a commit, once the counter has `total` events.
  Reads ReadsOfAPage(uint64_t total, uint64_t first) {
    TrackUpTo(total);
    List(total - 1);  // all are written behind now
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
  EXPECT_EQ(few.gets, 1);   // the journal record that the page stands in
  EXPECT_EQ(few.seeks, 2);  // the chunk of events, the range of coverage
  MustCut(*store_, subject_, InvoiceId(1));
  for (const uint64_t first : {40, 50'040, 99'940}) {
    const Reads many = ReadsOfAPage(100'000, first);
    EXPECT_EQ(many.gets, few.gets) << first;
    EXPECT_EQ(many.seeks, few.seeks) << first;
    EXPECT_LE(many.steps, few.steps + 2) << first;
    EXPECT_LT(many.bytes, kRecordBytesMax + 4 * kChunkEventsMax) << first;
  }
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
  const Rows journal = RowsOf(*database, Space::kJournal);
  EXPECT_EQ(journal.size(), 2 + 4 + 1);  // catalog, customer; the large commit; the next one
  for (const auto& [key, record] : journal) {
    EXPECT_LT(record.size(), kRecordBytesMax + 2 * kProperties) << key;
  }
}

}  // namespace
}  // namespace owo::storage
