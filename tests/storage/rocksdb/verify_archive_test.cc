// What `verify` reports about a store with dropped events if something else is wrong. Also: a power
// failure while events are dropped leaves nothing wrong.

#include <gmock/gmock.h>

#include "absl/time/clock.h"
#include "storage/convert.h"
#include "storage/rocksdb/format/keys.h"
#include "storage/rocksdb/ids/ids.h"
#include "storage/rocksdb/open.h"
#include "tests/storage/rocksdb/verified_store.h"
#include "tests/support/archiving.h"
#include "tests/support/faulty_disk.h"
#include "tests/support/invoices.h"
#include "tests/support/long_run.h"

namespace owo::storage {
namespace {

using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::EndsWith;
using ::testing::HasSubstr;

constexpr char kArchive[] = "/data/sealed";

// Tracks some events that are invoiced, some that are not, and the newest record.
void LiveOnce(Store& store) {
  const Subject billed = AddSubject(store, "billed");
  const Subject unbilled = AddSubject(store, "unbilled");
  for (int i = 0; i < 5; ++i) {
    TrackOne(store, billed, billed.Event("b" + std::to_string(i), i));
    TrackOne(store, unbilled, unbilled.Event("u" + std::to_string(i), i));
  }
  MustCreateInvoice(store, billed, InvoiceId(1));
  TrackOne(store, unbilled, unbilled.Event("last", 1));
}

class VerifyArchiveTest : public VerifiedStoreTest {
 protected:
  VerifyArchiveTest() {
    {
      auto store = OpenRocksStore({.data_dir = kVerifiedData, .env = memory_.get()});
      EXPECT_TRUE(store.ok()) << store.status();
      LiveOnce(**store);
    }
    ArchiveAll({.data_dir = kVerifiedData, .env = memory_.get()}, Later(), kAge);
  }

  // Lets `harm` change the archive.
  void DamageArchive(const Harm& harm) {
    const auto database = OpenDatabase(kArchive, memory_.get());
    rocksdb::WriteBatch batch;
    harm(*database, batch);
    ASSERT_TRUE(database->Write(batch).ok());
  }
};

TEST_F(VerifyArchiveTest, ReportsHowMuchIsArchived) {
  const auto report = TryVerify();
  ASSERT_TRUE(report.ok()) << report.status();
  EXPECT_EQ(report->differences(), 0);
  EXPECT_THAT(report->ToString(), ::testing::ContainsRegex("\narchived events +10\n"));
  EXPECT_THAT(report->ToString(), ::testing::ContainsRegex("\narchived counters +1\n"));
}

TEST_F(VerifyArchiveTest, AnArchivedCounterThatIsAnotherOrGone) {
  DamageRecord<ArchivedCounterRecord>(ColumnFamily::kUsage, 's', [](auto& archived) {
    archived.mutable_counter()->set_total(PackQuantity(Units(11)));
  });
  EXPECT_THAT(Differing(), ElementsAre("archived counters"));
  DamageRecord<ArchivedCounterRecord>(ColumnFamily::kUsage, 's', [](auto& archived) {
    archived.mutable_counter()->set_total(PackQuantity(Units(10)));
    archived.mutable_digest()->front() ^= 1;
  });
  EXPECT_THAT(Differing(), ElementsAre("archived counters"));
  DeleteRow(ColumnFamily::kUsage, 's');
  EXPECT_THAT(Differing(), ElementsAre("archived events"));
}

TEST_F(VerifyArchiveTest, ACounterOfDroppedEventsThatIsAnother) {
  Damage([](const Database& database, rocksdb::WriteBatch& batch) {
    Subject billed;
    billed.customer = CustomerNo{1};
    const std::string key = keys::Counter(kDefaultTenant, billed.Counter());
    CounterRecord record;
    ASSERT_TRUE(record.ParseFromString(database.Get(ColumnFamily::kUsage, key).value().value()));
    record.set_total(PackQuantity(Units(11)));
    batch.Put(database.handle(ColumnFamily::kUsage), key, record.SerializeAsString());
  });
  EXPECT_THAT(Differing(), ElementsAre("counters"));
}

TEST_F(VerifyArchiveTest, ARecordThatIsMissingAndNoArchivedCounterExplains) {
  Damage([](const Database& database, rocksdb::WriteBatch& batch) {
    const auto it = database.Iterate(ColumnFamily::kJournal);
    it->SeekToFirst();  // belongs to the customer without an invoice
    batch.Delete(database.handle(ColumnFamily::kJournal), it->key());
  });
  EXPECT_THAT(Differing(), ElementsAre("archived events"));
}

TEST_F(VerifyArchiveTest, ADroppedIdThatIsGoneOrAnother) {
  const std::string key = keys::Id(kDefaultTenant, EventId::Of("b1"));
  std::string row;
  Damage([&](const Database& database, rocksdb::WriteBatch& batch) {
    row = database.Get(ColumnFamily::kIds, key).value().value();
    batch.Delete(database.handle(ColumnFamily::kIds), key);
  });
  EXPECT_THAT(Differing(), ElementsAre("event ids"));
  Damage([&](const Database& database, rocksdb::WriteBatch& batch) {
    IdRow other = UnpackIdRow(row).value();
    other.fingerprint ^= 1;
    batch.Put(database.handle(ColumnFamily::kIds), key, PackIdRow(other));
  });
  EXPECT_THAT(Differing(), ElementsAre("event ids"));
}

TEST_F(VerifyArchiveTest, AnArchiveThatIsAnotherOrGone) {
  DamageArchive([](const Database& database, rocksdb::WriteBatch& batch) {
    ArchiveStateRecord state;
    const auto row = database.Get(ColumnFamily::kMeta, keys::kArchiveState);
    ASSERT_TRUE(state.ParseFromString(row.value().value()));
    state.set_first_sequence(state.first_sequence() - 1);
    batch.Put(ToSlice(keys::kArchiveState), state.SerializeAsString());
  });
  EXPECT_THAT(Differing(), ElementsAre("journal records"));
  rocksdb::Options options;
  options.env = memory_.get();
  ASSERT_TRUE(rocksdb::DestroyDB(std::string(kArchive) + "/db", options).ok());
  ASSERT_TRUE(memory_->DeleteFile(std::string(kArchive) + "/WATERMARK").ok());
  EXPECT_THAT(Differing(), ElementsAre("journal records"));
}

TEST(ArchivePowerTest, PowerThatFailsWhileEventsAreDroppedLeavesNothingWrong) {
  Random random;
  int cuts = 0;
  const int64_t step = IsLongRun() ? 1 : kSanitized ? 75 : 25;
  for (int64_t writes = 0;; writes += random.Between((step + 4) / 5, step)) {
    FaultyDisk disk;
    const OpenOptions options{.data_dir = kVerifiedData, .env = disk.env()};
    {
      auto store = OpenRocksStore(options);
      ASSERT_TRUE(store.ok()) << store.status();
      LiveOnce(**store);
    }
    disk.CutPowerAfter(writes);
    const absl::Status state = TryArchiveAll(options, Later(), kAge);
    const bool power_is_off = disk.power_is_off();
    EXPECT_TRUE(power_is_off || state.ok()) << state;
    disk.RestorePower(random);
    const auto verify = [&] {
      const auto report = VerifyRocksStore({.data_dir = kVerifiedData, .env = disk.env()}, nullptr);
      EXPECT_TRUE(report.ok()) << report.status();
      return report.ok() ? report->ToString() : "";
    };
    EXPECT_THAT(verify(), EndsWith("gives\n")) << "after " << writes << " writes";
    // Now the archiving is completed.
    ArchiveAll(options, Later(), kAge);
    EXPECT_THAT(verify(), AllOf(HasSubstr("\narchived counters "), EndsWith("gives\n")));
    ASSERT_FALSE(HasFailure()) << "after " << writes << " writes";
    if (!power_is_off) break;
    ++cuts;
  }
  EXPECT_GT(cuts, 3);
}

}  // namespace
}  // namespace owo::storage
