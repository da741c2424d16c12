// What `verify` reports about a store: nothing if all rows follow from the journal, otherwise the
// rows that differ. Each kind of row is damaged, one at a time.

#include <gmock/gmock.h>

#include <tuple>

#include "storage/rocksdb/format/event_chunk.h"
#include "storage/rocksdb/format/keys.h"
#include "storage/rocksdb/ids/ids.h"
#include "storage/rocksdb/open.h"
#include "tests/storage/rocksdb/chunks.h"
#include "tests/storage/rocksdb/verified_store.h"

namespace owo::storage {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using Kinds = std::vector<std::string>;

using VerifyTest = VerifiedStoreTest;

TEST_F(VerifyTest, ARandomLifeIsSound) {
  for (int lives = 0; lives < 3; ++lives) {
    Live(400);
    const auto report = TryVerify();
    ASSERT_TRUE(report.ok()) << report.status();
    EXPECT_EQ(report->differences(), 0) << report->ToString();
    Kinds kinds;
    for (const VerifyReport::Kind& kind : report->kinds()) {
      EXPECT_GT(kind.compared, 0) << kind.name;
      kinds.push_back(kind.name);
    }
    EXPECT_THAT(kinds, ::testing::UnorderedElementsAre(
                           "files", "journal records", "events", "invoices made", "invoice numbers",
                           "invoice lines", "invoice changes", "event ids", "times of chunks",
                           "events of counters", "tenants", "features", "plans", "plan versions",
                           "contracts", "subscriptions", "accounts", "counters", "invoices",
                           "invoices by id", "coverage", "metadata", "generations of access",
                           "tenant profiles", "API keys"));
    memory_.reset(rocksdb::NewMemEnv(rocksdb::Env::Default()));
  }
}

TEST_F(VerifyTest, AStoreOfNothingIsSound) {
  ASSERT_TRUE(OpenRocksStore({.data_dir = kVerifiedData, .env = memory_.get()}).ok());
  EXPECT_THAT(Differing(), IsEmpty());
}

TEST_F(VerifyTest, AnotherCounter) {
  Live(100);
  DamageRecord<CounterRecord>(ColumnFamily::kUsage, 'c',
                              [](auto& r) { r.set_events(r.events() + 1); });
  EXPECT_THAT(Differing(), ElementsAre("counters"));
}

TEST_F(VerifyTest, ACounterThatIsGone) {
  Live(100);
  DeleteRow(ColumnFamily::kUsage, 'c');
  EXPECT_THAT(Differing(), ElementsAre("counters"));
}

TEST_F(VerifyTest, AnotherAccount) {
  Live(100);
  DamageRecord<AccountRecord>(ColumnFamily::kUsage, 'a',
                              [](auto& r) { r.set_usage_version(r.usage_version() + 1); });
  EXPECT_THAT(Differing(), ElementsAre("accounts"));
}

TEST_F(VerifyTest, AnotherAmountOfAnInvoice) {
  Live(100);
  DamageRecord<InvoiceRecord>(ColumnFamily::kInvoices, 'c',
                              [](auto& r) { r.set_total(r.total() + 1); });
  EXPECT_THAT(Differing(), ElementsAre("invoices"));
}

TEST_F(VerifyTest, AnotherNumberOfAnInvoice) {
  Live(100);
  DamageRecord<InvoiceRecord>(ColumnFamily::kInvoices, 'c',
                              [](auto& r) { r.set_sequence(r.sequence() + 1); });
  EXPECT_THAT(Differing(), ElementsAre("invoices"));
}

TEST_F(VerifyTest, AnInvoiceThatIsNotFoundByItsId) {
  Live(100);
  DeleteRow(ColumnFamily::kInvoices, 'i');
  EXPECT_THAT(Differing(), ElementsAre("invoices by id"));
}

TEST_F(VerifyTest, CoverageThatIsGoneOrAnother) {
  Live(100);
  DeleteRow(ColumnFamily::kInvoices, 'l');
  EXPECT_THAT(Differing(), ElementsAre("coverage"));
  DamageRow(ColumnFamily::kInvoices, 'l', [](std::string value) {
    value.back() = static_cast<char>(value.back() ^ 1);
    return value;
  });
  EXPECT_THAT(Differing(), ElementsAre("coverage"));
}

TEST_F(VerifyTest, AnotherLastNumberOfATenant) {
  Live(100);
  DamageRecord<TenantRecord>(ColumnFamily::kMeta, 0,
                             [](auto& r) { ++(*r.mutable_last_sequence())["INV"]; });
  EXPECT_THAT(Differing(), ElementsAre("tenants"));
}

TEST_F(VerifyTest, AnotherTenantOrKey) {
  Live(300);
  DamageRecord<TenantProfileRecord>(ColumnFamily::kMeta, 't',
                                    [](auto& r) { r.set_suspended(!r.suspended()); });
  DamageRecord<ApiKeyRecord>(ColumnFamily::kMeta, 'k',
                             [](auto& r) { r.set_scopes(r.scopes() ^ 1U); });
  DamageRecord<AccessStateRecord>(ColumnFamily::kMeta, 'g',
                                  [](auto& r) { r.set_generation(r.generation() + 1); });
  EXPECT_THAT(Differing(), testing::UnorderedElementsAre("generations of access", "tenant profiles",
                                                         "API keys"));
}

TEST_F(VerifyTest, AKeyThatIsGoneOrWasNeverMade) {
  Live(300);
  DeleteRow(ColumnFamily::kMeta, 'k');
  EXPECT_THAT(Differing(), ElementsAre("API keys"));
  Damage([](const Database& database, rocksdb::WriteBatch& batch) {
    ApiKeyRecord key;
    key.set_tenant(1);
    key.set_id("planted");
    batch.Put(database.handle(ColumnFamily::kMeta), keys::ApiKey(TenantId{1}, "planted"),
              key.SerializeAsString());
  });
  EXPECT_THAT(Differing(), ElementsAre("API keys"));
}

TEST_F(VerifyTest, AnotherCatalogOrContract) {
  Live(100);
  DamageRecord<FeatureRecord>(ColumnFamily::kCatalog, 'f', [](auto& r) { r.set_unit("other"); });
  DamageRecord<PlanVersionRecord>(ColumnFamily::kCatalog, 'v',
                                  [](auto& r) { r.set_effective_us(7); });
  DamageRecord<ContractRecord>(ColumnFamily::kCustomers, 'c',
                               [](auto& r) { r.set_currency("XXX"); });
  DeleteRow(ColumnFamily::kCatalog, 'p');
  EXPECT_THAT(Differing(), ElementsAre("features", "plans", "plan versions", "contracts"));
}

TEST_F(VerifyTest, ASubscriptionThatIsAnother) {
  Live(200);
  DamageRecord<SubscriptionRecord>(ColumnFamily::kCustomers, 's',
                                   [](auto& r) { r.set_start_us(r.start_us() + 1); });
  EXPECT_THAT(Differing(), ElementsAre("subscriptions"));
}

TEST_F(VerifyTest, ASubscriptionThatIsGone) {
  Live(200);
  ASSERT_THAT(Differing(), ElementsAre());
  DeleteRow(ColumnFamily::kCustomers, 's');
  // Its metadata, if it had any, is of no subscription then.
  EXPECT_THAT(Differing(), ::testing::Contains("subscriptions"));
}

TEST_F(VerifyTest, MetadataThatIsGone) {
  Live(200);
  DeleteRow(ColumnFamily::kCustomers, 'm');
  EXPECT_THAT(Differing(), ElementsAre("metadata"));
}

TEST_F(VerifyTest, MetadataOfASubscriptionThatIsNotThere) {
  Live(200);
  Damage([this](const Database& database, rocksdb::WriteBatch& batch) {
    const auto row = AnyRow(database, ColumnFamily::kCustomers, 'm');
    const CustomerNo customer = keys::ParseSubscription(row.first).first;
    batch.Delete(database.handle(ColumnFamily::kCustomers), row.first);
    batch.Put(database.handle(ColumnFamily::kCustomers),
              keys::Metadata(*keys::ParseTenant(row.first), customer, 10'000), row.second);
  });
  EXPECT_THAT(Differing(), ElementsAre("metadata"));
}

TEST_F(VerifyTest, EventIdsThatAreGoneMoreOrOthers) {
  Live(100);
  DeleteRow(ColumnFamily::kIds, 0);
  EXPECT_THAT(Differing(), ElementsAre("event ids"));
  Damage([](const Database& database, rocksdb::WriteBatch& batch) {
    batch.Put(database.handle(ColumnFamily::kIds),
              keys::Id(TenantId{1}, EventId::Of("never counted")),
              PackIdRow({.fingerprint = 1, .sequence = 1}));
  });
  DamageRow(ColumnFamily::kIds, 0, [](const std::string& value) {
    IdRow row = UnpackIdRow(value).value();
    row.fingerprint ^= 1;
    return PackIdRow(row);
  });
  DamageRow(ColumnFamily::kIds, 0, [](const std::string& value) {
    IdRow row = UnpackIdRow(value).value();
    ++row.sequence;
    return PackIdRow(row);
  });
  const auto report = TryVerify();
  ASSERT_TRUE(report.ok()) << report.status();
  // Four, unless two of the randomly chosen rows were the same.
  EXPECT_GE(report->differences(), 3) << report->ToString();
  EXPECT_LE(report->differences(), 4) << report->ToString();
  DamageRow(ColumnFamily::kIds, 0, [](const std::string& value) { return value + "more"; });
  EXPECT_THAT(Differing(), ElementsAre("event ids"));
}

TEST_F(VerifyTest, AChunkOfEventsThatIsGoneOrAnother) {
  Live(100);
  DamageRow(ColumnFamily::kUsageEvents, 0, [](const std::string& value) {
    auto locations = ReadChunk(value, 0, kChunkEventsMax).value();
    ++locations.back().sequence;
    return PackChunk(locations, *ParseChunkHeader(value)->times);
  });
  EXPECT_THAT(Differing(), ElementsAre("events of counters"));
  DeleteRow(ColumnFamily::kUsageEvents, 0);
  EXPECT_THAT(Differing(), ElementsAre("events of counters"));
  DamageRow(ColumnFamily::kUsageEvents, 0, [](const std::string&) { return "no chunk"; });
  EXPECT_THAT(Differing(), ElementsAre("events of counters"));
}

TEST_F(VerifyTest, AChunkThatSaysOtherTimesThanItsEventsHave) {
  Live(100);
  std::string key;
  std::string value;
  TimeBounds times;
  Damage([&](const Database& database, rocksdb::WriteBatch& batch) {
    do {
      std::tie(key, value) = AnyRow(database, ColumnFamily::kUsageEvents, 0);
      times = *ParseChunkHeader(value)->times;
    } while (times.least + 1 >= times.greatest);
    batch.Put(database.handle(ColumnFamily::kUsageEvents), key, value);
  });
  EXPECT_THAT(Differing(), IsEmpty());
  const std::vector<EventLocation> locations = ReadChunk(value, 0, kChunkEventsMax).value();
  for (const TimeBounds other :
       {TimeBounds{times.least + 1, times.greatest}, TimeBounds{times.least, times.greatest - 1},
        TimeBounds{times.least - 1, times.greatest}}) {
    Damage([&](const Database& database, rocksdb::WriteBatch& batch) {
      batch.Put(database.handle(ColumnFamily::kUsageEvents), key, PackChunk(locations, other));
    });
    EXPECT_THAT(Differing(), ElementsAre("times of chunks"));
  }
}

TEST_F(VerifyTest, WhereChunksEndMakesNoDifference) {
  Live(100);
  Damage([this](const Database& database, rocksdb::WriteBatch& batch) {
    std::vector<EventLocation> locations;
    std::string key;
    do {
      const auto row = AnyRow(database, ColumnFamily::kUsageEvents, 0);
      key = row.first;
      locations = ReadChunk(row.second, 0, kChunkEventsMax).value();
    } while (locations.size() < 2);
    const EventLocation last = locations.back();
    locations.pop_back();
    std::string before = key;
    before.back() = static_cast<char>(before.back() - 1);
    batch.Put(database.handle(ColumnFamily::kUsageEvents), before,
              WithoutTimes(PackChunk(locations, {})));
    batch.Put(database.handle(ColumnFamily::kUsageEvents), key,
              WithoutTimes(PackChunk({last}, {})));
  });
  EXPECT_THAT(Differing(), IsEmpty());
}

}  // namespace
}  // namespace owo::storage
