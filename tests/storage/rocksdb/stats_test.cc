// What `stats` counts in a directory.

#include "storage/rocksdb/verify/stats.h"

#include <gmock/gmock.h>

#include <functional>
#include <string>
#include <vector>

#include "storage/convert.h"
#include "storage/rocksdb/format/keys.h"
#include "storage/rocksdb/open.h"
#include "tests/support/rows.h"
#include "tests/support/store.h"
#include "tests/support/temp_dir.h"

namespace owo::storage {
namespace {

using ::testing::ElementsAre;

std::string TenantLine(const StoreStats::Tenant& tenant) {
  return std::to_string(static_cast<uint32_t>(tenant.tenant)) + ": " +
         std::to_string(tenant.events) + " events, " + std::to_string(tenant.customers) +
         " customers";
}

class StatsTest : public ::testing::Test {
 protected:
  std::string data() const { return dir_.path() + "/data"; }

  // Counts `events` events, each in a commit of its own, of a new customer.
  void Live(TenantId tenant, const std::string& customer, int events) const {
    const auto store = OpenRocksStore({.data_dir = data(), .sync = false});
    ASSERT_TRUE(store.ok()) << store.status();
    const Subject subject = AddSubject(**store, customer, tenant);
    for (int i = 0; i < events; ++i) {
      TrackOne(**store, subject, subject.Event(customer + std::to_string(i), 1));
    }
  }

  StoreStats Stats() const {
    const auto stats = StatsOfRocksStore({.data_dir = data()});
    EXPECT_TRUE(stats.ok()) << stats.status();
    return stats.ok() ? *stats : StoreStats{};
  }

  // Calls `change` with each journal record, and stores what that leaves; nothing, if false.
  void ChangeJournal(const std::function<bool(uint64_t, JournalRecord&)>& change) const {
    const auto database = OpenDatabase(data(), nullptr);
    rocksdb::WriteBatch batch;
    const auto it = database->Iterate(ColumnFamily::kJournal);
    for (it->SeekToFirst(); it->Valid(); it->Next()) {
      auto record = ParseRow<JournalRecord>(ToView(it->value()));
      ASSERT_TRUE(record.ok());
      if (change(keys::TrailingNumber(ToView(it->key())), *record)) {
        batch.Put(database->handle(ColumnFamily::kJournal), it->key(), record->SerializeAsString());
      } else {
        batch.Delete(database->handle(ColumnFamily::kJournal), it->key());
      }
    }
    ASSERT_TRUE(database->Write(batch).ok());
  }

  const TempDir dir_;
};

TEST_F(StatsTest, RowsAreCountedByTenantTheGreatestFirst) {
  ASSERT_NO_FATAL_FAILURE(Live(TenantId{1}, "ada", 2));
  ASSERT_NO_FATAL_FAILURE(Live(TenantId{2}, "bob", 5));
  ASSERT_NO_FATAL_FAILURE(Live(TenantId{2}, "cy", 1));
  const StoreStats stats = Stats();
  ASSERT_EQ(stats.tenants.size(), 2);
  EXPECT_EQ(TenantLine(stats.tenants[0]), "2: 6 events, 2 customers");
  EXPECT_EQ(TenantLine(stats.tenants[1]), "1: 2 events, 1 customers");
  EXPECT_EQ(TenantLine(stats.total), "0: 8 events, 3 customers");
  EXPECT_EQ(stats.tenant_count, 2);
  EXPECT_GT(stats.bytes, 0);
  EXPECT_GT(stats.newest_commit, kNow - 365 * kDay);
}

TEST_F(StatsTest, OnlyTheGreatestTenantsAreListed) {
  for (uint32_t tenant = 1; tenant <= StoreStats::kTenantsMax + 2; ++tenant) {
    ASSERT_NO_FATAL_FAILURE(Live(TenantId{tenant}, "ada", tenant == 2 ? 2 : 1));
  }
  const StoreStats stats = Stats();
  EXPECT_EQ(stats.tenant_count, StoreStats::kTenantsMax + 2);
  EXPECT_EQ(stats.total.events, StoreStats::kTenantsMax + 3);
  ASSERT_EQ(stats.tenants.size(), StoreStats::kTenantsMax);
  EXPECT_EQ(stats.tenants[0].tenant, TenantId{2});
}

TEST_F(StatsTest, GrowthIsWhatTheDaysBeforeTheNewestCommitAdded) {
  ASSERT_NO_FATAL_FAILURE(Live(TenantId{1}, "ada", 40));
  // One event per day, the newest 40 of the records; what made the customer is older.
  const Micros newest = Stats().newest_commit;
  uint64_t last = 0;
  ChangeJournal([&last](uint64_t sequence, const JournalRecord&) {
    last = sequence;
    return true;
  });
  ChangeJournal([&](uint64_t sequence, JournalRecord& record) {
    record.set_committed_us(newest - static_cast<Micros>(last - sequence) * kDay);
    return true;
  });
  const StoreStats stats = Stats();
  std::vector<uint64_t> events;
  for (const StoreStats::Growth& growth : stats.growth) events.push_back(growth.events);
  EXPECT_THAT(events, ElementsAre(1, 7, 30));
  EXPECT_EQ(stats.growth[1].bytes, 7 * stats.growth[0].bytes);
  EXPECT_EQ(stats.total.events, 40);
}

TEST_F(StatsTest, DroppedRecordsAreNotMissed) {
  ASSERT_NO_FATAL_FAILURE(Live(TenantId{1}, "ada", 5));
  ChangeJournal([](uint64_t sequence, const JournalRecord&) { return sequence != 4; });
  const StoreStats stats = Stats();
  EXPECT_EQ(stats.growth[0].events, 4);
  EXPECT_EQ(stats.total.events, 5) << "totals stay";
}

TEST_F(StatsTest, AnEmptyStoreHasNothing) {
  ASSERT_TRUE(OpenRocksStore({.data_dir = data()}).ok());
  const StoreStats stats = Stats();
  EXPECT_EQ(stats.newest_commit, 0);
  EXPECT_EQ(stats.tenant_count, 0);
  EXPECT_EQ(stats.growth.size(), 3);
}

TEST_F(StatsTest, ItMayBeStopped) {
  ASSERT_NO_FATAL_FAILURE(Live(TenantId{1}, "ada", 1500));
  const auto stopped = StatsOfRocksStore({.data_dir = data(), .stopped = [] { return true; }});
  EXPECT_TRUE(absl::IsCancelled(stopped.status())) << stopped.status();
}

StoreStats Example() {
  return {.bytes = 3 << 20,
          .parts = {{"journal", 2'621'440}, {"ids", 1000}},
          .newest_commit = 1'794'744'000'000'000,
          .tenant_count = 2,
          .total = {.events = 7, .customers = 3, .invoices = 2},
          .tenants = {{TenantId{2}, 4, 2, 1}, {TenantId{1}, 3, 1, 1}},
          .growth = {{1, 2, 100}, {7, 5, 2048}}};
}

TEST(StatsTextTest, LinesAreForPeople) {
  EXPECT_EQ(StatsText(Example()), R"(events                            7
customers                         3
invoices                          2
tenants                           2
newest commit  2026-11-15T12:00:00Z

bytes on disk               3.0 MiB
  journal                   2.5 MiB
  ids                        1000 B

before the newest commit            EVENTS          JOURNAL
  1 day                                  2            100 B
  7 days                                 5          2.0 KiB

TENANT                    EVENTS        CUSTOMERS         INVOICES
2                              4                2                1
1                              3                1                1
)");
}

TEST(StatsTextTest, JsonIsForPrograms) {
  EXPECT_EQ(StatsJson(Example()), R"({"bytes": 3145728,
 "parts": [
  {"name": "journal", "bytes": 2621440},
  {"name": "ids", "bytes": 1000}],
 "newest_commit_us": 1794744000000000,
 "tenant_count": 2,
 "events": 7,
 "customers": 3,
 "invoices": 2,
 "tenants": [
  {"tenant": 2, "events": 4, "customers": 2, "invoices": 1},
  {"tenant": 1, "events": 3, "customers": 1, "invoices": 1}],
 "growth": [
  {"days": 1, "events": 2, "bytes": 100},
  {"days": 7, "events": 5, "bytes": 2048}]}
)");
}

}  // namespace
}  // namespace owo::storage
