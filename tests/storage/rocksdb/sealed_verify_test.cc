// What `verify` says of a store of which events were dropped, when something else is wrong with it;
// and that power that fails while they are dropped leaves nothing wrong.

#include <gmock/gmock.h>

#include "absl/time/clock.h"
#include "storage/convert.h"
#include "storage/rocksdb/format/keys.h"
#include "storage/rocksdb/ids/ids.h"
#include "storage/rocksdb/open.h"
#include "tests/storage/rocksdb/verified_store.h"
#include "tests/support/faulty_disk.h"
#include "tests/support/invoices.h"
#include "tests/support/long_run.h"
#include "tests/support/sealing.h"

namespace owo::storage {
namespace {

using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::EndsWith;
using ::testing::HasSubstr;

constexpr char kSealed[] = "/data/sealed";

// Some invoiced events, some that are not, and the newest record.
void LiveOnce(Store& store) {
  const Subject billed = AddSubject(store, "billed");
  const Subject unbilled = AddSubject(store, "unbilled");
  for (int i = 0; i < 5; ++i) {
    TrackOne(store, billed, billed.Event("b" + std::to_string(i), i));
    TrackOne(store, unbilled, unbilled.Event("u" + std::to_string(i), i));
  }
  MustCut(store, billed, InvoiceId(1));
  TrackOne(store, unbilled, unbilled.Event("last", 1));
}

class SealedVerifyTest : public VerifiedStoreTest {
 protected:
  SealedVerifyTest() {
    {
      auto store = OpenRocksStore({.data_dir = kVerifiedData, .env = memory_.get()});
      EXPECT_TRUE(store.ok()) << store.status();
      LiveOnce(**store);
    }
    SealAll({.data_dir = kVerifiedData, .env = memory_.get()}, Later(), kAge);
  }

  // Does this to the sealed fold.
  void DamageFold(const Harm& harm) {
    const auto database = OpenDatabase(kSealed, memory_.get());
    rocksdb::WriteBatch batch;
    harm(*database, batch);
    ASSERT_TRUE(database->Write(batch).ok());
  }
};

TEST_F(SealedVerifyTest, SaysHowMuchIsSealed) {
  const auto report = TryVerify();
  ASSERT_TRUE(report.ok()) << report.status();
  EXPECT_EQ(report->differences(), 0);
  EXPECT_THAT(report->ToString(), ::testing::ContainsRegex("\nsealed events +10\n"));
  EXPECT_THAT(report->ToString(), ::testing::ContainsRegex("\nseals +1\n"));
}

TEST_F(SealedVerifyTest, ASealThatIsAnotherOrGone) {
  DamageRecord<SealRecord>(Space::kUsage, 's', [](auto& seal) {
    seal.mutable_counter()->set_total(PackQuantity(Units(11)));
  });
  EXPECT_THAT(Differing(), ElementsAre("seals"));
  DamageRecord<SealRecord>(Space::kUsage, 's', [](auto& seal) {
    seal.mutable_counter()->set_total(PackQuantity(Units(10)));
    seal.mutable_digest()->front() ^= 1;
  });
  EXPECT_THAT(Differing(), ElementsAre("seals"));
  DeleteRow(Space::kUsage, 's');
  EXPECT_THAT(Differing(), ElementsAre("sealed events"));
}

TEST_F(SealedVerifyTest, ACounterOfDroppedEventsThatIsAnother) {
  Damage([](const Database& database, rocksdb::WriteBatch& batch) {
    Subject billed;
    billed.customer = CustomerNo{1};
    const std::string key = keys::Counter(kDefaultTenant, billed.Counter());
    CounterRecord record;
    ASSERT_TRUE(record.ParseFromString(database.Get(Space::kUsage, key).value().value()));
    record.set_total(PackQuantity(Units(11)));
    batch.Put(database.handle(Space::kUsage), key, record.SerializeAsString());
  });
  EXPECT_THAT(Differing(), ElementsAre("counters"));
}

TEST_F(SealedVerifyTest, ARecordThatIsMissingAndNoSealExplains) {
  Damage([](const Database& database, rocksdb::WriteBatch& batch) {
    const auto it = database.Iterate(Space::kJournal);
    it->SeekToFirst();  // of the customer who was not invoiced
    batch.Delete(database.handle(Space::kJournal), it->key());
  });
  EXPECT_THAT(Differing(), ElementsAre("sealed events"));
}

TEST_F(SealedVerifyTest, ADroppedIdThatIsGoneOrAnother) {
  const std::string key = keys::Id(kDefaultTenant, EventId::Of("b1"));
  std::string row;
  Damage([&](const Database& database, rocksdb::WriteBatch& batch) {
    row = database.Get(Space::kIds, key).value().value();
    batch.Delete(database.handle(Space::kIds), key);
  });
  EXPECT_THAT(Differing(), ElementsAre("event ids"));
  Damage([&](const Database& database, rocksdb::WriteBatch& batch) {
    IdRow other = UnpackIdRow(row).value();
    other.fingerprint ^= 1;
    batch.Put(database.handle(Space::kIds), key, PackIdRow(other));
  });
  EXPECT_THAT(Differing(), ElementsAre("event ids"));
}

TEST_F(SealedVerifyTest, ASealedFoldThatIsAnotherOrGone) {
  DamageFold([](const Database& database, rocksdb::WriteBatch& batch) {
    SealedRecord sealed;
    const auto row = database.Get(Space::kMeta, keys::kSealed);
    ASSERT_TRUE(sealed.ParseFromString(row.value().value()));
    sealed.set_first_sequence(sealed.first_sequence() - 1);
    batch.Put(ToSlice(keys::kSealed), sealed.SerializeAsString());
  });
  EXPECT_THAT(Differing(), ElementsAre("journal records"));
  rocksdb::Options options;
  options.env = memory_.get();
  ASSERT_TRUE(rocksdb::DestroyDB(std::string(kSealed) + "/db", options).ok());
  ASSERT_TRUE(memory_->DeleteFile(std::string(kSealed) + "/WATERMARK").ok());
  EXPECT_THAT(Differing(), ElementsAre("journal records"));
}

TEST(SealedPowerTest, PowerThatFailsWhileEventsAreDroppedLeavesNothingWrong) {
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
    const absl::Status sealed = TrySealAll(options, Later(), kAge);
    const bool cut = disk.power_is_off();
    EXPECT_TRUE(cut || sealed.ok()) << sealed;
    disk.RestorePower(random);
    const auto verify = [&] {
      const auto report = VerifyRocksStore({.data_dir = kVerifiedData, .env = disk.env()}, nullptr);
      EXPECT_TRUE(report.ok()) << report.status();
      return report.ok() ? report->ToString() : "";
    };
    EXPECT_THAT(verify(), EndsWith("gives\n")) << "after " << writes << " writes";
    // What was begun is done now.
    SealAll(options, Later(), kAge);
    EXPECT_THAT(verify(), AllOf(HasSubstr("\nseals "), EndsWith("gives\n")));
    ASSERT_FALSE(HasFailure()) << "after " << writes << " writes";
    if (!cut) break;
    ++cuts;
  }
  EXPECT_GT(cuts, 3);
}

}  // namespace
}  // namespace owo::storage
