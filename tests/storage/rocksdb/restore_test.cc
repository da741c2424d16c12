// Restoring: invoice numbers go on without a repetition, and an interrupted restore does not open.

#include "storage/rocksdb/backup/restore.h"

#include <gmock/gmock.h>

#include "absl/strings/str_cat.h"
#include "storage/rocksdb/backup/backup_catalog.h"
#include "storage/rocksdb/engine/database.h"
#include "storage/rocksdb/engine/watermark.h"
#include "storage/rocksdb/format/keys.h"
#include "storage/rocksdb/open.h"
#include "storage/rocksdb/verify/verify.h"
#include "tests/support/faulty_disk.h"
#include "tests/support/invoices.h"
#include "tests/support/rows.h"

namespace owo::storage {
namespace {

using ::testing::HasSubstr;
using ::testing::SizeIs;

constexpr char kRestored[] = "/restored";
constexpr uint64_t kInvoices = 3;  // in the backup

class RestoreTest : public ::testing::Test {
 protected:
  void SetUp() override {
    const auto store = Open("/data");
    subject_ = AddSubject(*store, "acme");
    for (uint64_t i = 0; i < kInvoices; ++i) Invoice(*store);
    series_ = MustList(*store, subject_).front().series();
    ASSERT_TRUE(store->backups()->Create().ok());
    Invoice(*store);  // lost, with its number
  }

  std::unique_ptr<Store> Open(const std::string& data_dir) {
    auto store = OpenRocksStore({.data_dir = data_dir,
                                 .backup = {.dir = "/backup", .bytes_per_second = 0},
                                 .env = disk_.env()});
    EXPECT_TRUE(store.ok()) << store.status();
    return store.ok() ? *std::move(store) : nullptr;
  }
  InvoiceRecord Invoice(Store& store) {
    const std::string id = absl::StrCat("e", ++events_);
    TrackOne(store, subject_, subject_.Event(id, 1));
    return MustCreateInvoice(store, subject_, InvoiceId(static_cast<uint64_t>(events_)));
  }
  RestoreParams Params(std::vector<NextNumber> numbers) const {
    return {.from = "/backup",
            .data_dir = kRestored,
            .next_numbers = std::move(numbers),
            .env = disk_.env()};
  }
  NextNumber Next(uint64_t number) const { return {kDefaultTenant, series_, number}; }
  void ExpectSound() {
    const auto report = VerifyRocksStore({.data_dir = kRestored, .env = disk_.env()}, nullptr);
    ASSERT_TRUE(report.ok()) << report.status();
    EXPECT_EQ(report->differences(), 0) << report->ToString();
  }
  bool Exists(const std::string& path) const { return disk_.env()->FileExists(path).ok(); }

  FaultyDisk disk_;
  Subject subject_;
  std::string series_;
  int events_ = 0;
};

TEST_F(RestoreTest, InvoicesGoOnWithTheGivenNumber) {
  const auto restored = RestoreBackup(Params({Next(1000)}));
  ASSERT_TRUE(restored.ok()) << restored.status();
  ExpectSound();
  {
    const auto store = Open(kRestored);
    EXPECT_EQ(Invoice(*store).sequence(), 1000);
    EXPECT_EQ(Invoice(*store).sequence(), 1001);
  }
  ExpectSound();
}

TEST_F(RestoreTest, WithoutAJumpTheDataIsAsItWas) {
  const auto backup = RestoreBackup(Params({Next(kInvoices + 1)}));
  ASSERT_TRUE(backup.ok()) << backup.status();
  // So that a log which is lost after the restore is noticed.
  const auto watermark = Watermark::Open(*disk_.env(), absl::StrCat(kRestored, "/WATERMARK"));
  ASSERT_TRUE(watermark.ok()) << watermark.status();
  EXPECT_GT(backup->backup.sequence, kInvoices);
  EXPECT_EQ((*watermark)->sequence(), backup->backup.sequence);
  const auto restored = OpenDatabase(kRestored, disk_.env());
  const auto journal = RowsOf(*restored, ColumnFamily::kJournal);
  EXPECT_LT(journal.size(),
            RowsOf(*OpenDatabase("/data", disk_.env()), ColumnFamily::kJournal).size());
  for (const auto& [key, row] : journal) {
    JournalRecord record;
    ASSERT_TRUE(record.ParseFromString(row));
    for (const JournalChange& change : record.changes()) EXPECT_FALSE(change.has_number_jump());
  }
}

TEST_F(RestoreTest, ANumberIsAskedForAndMustBeNew) {
  auto restored = RestoreBackup(Params({}));
  EXPECT_TRUE(absl::IsInvalidArgument(restored.status())) << restored.status();
  EXPECT_THAT(restored.status().message(), HasSubstr(absl::StrCat("was ", kInvoices + 1)));
  for (const std::vector<NextNumber>& numbers :
       {std::vector{Next(kInvoices)}, std::vector{Next(0)}, std::vector{Next(UINT64_MAX)},
        std::vector{Next(50), Next(60)}, std::vector{Next(50), {kDefaultTenant, "NEW", 0}},
        std::vector{NextNumber{kDefaultTenant, "OTHER", 50}}}) {
    restored = RestoreBackup(Params(numbers));
    EXPECT_TRUE(absl::IsInvalidArgument(restored.status())) << restored.status();
  }
  EXPECT_FALSE(Exists(kRestored));
}

TEST_F(RestoreTest, AllSeriesSkipNumbersAtOnceAndNewOnesMayBegin) {
  RestoreParams params = Params({{kDefaultTenant, "NEW", 7}});
  params.skip_numbers = 100;
  const auto restored = RestoreBackup(params);
  ASSERT_TRUE(restored.ok()) << restored.status();
  EXPECT_THAT(restored->numbers, SizeIs(2));
  ExpectSound();
  EXPECT_EQ(Invoice(*Open(kRestored)).sequence(), kInvoices + 1 + 100);
}

TEST_F(RestoreTest, ARepeatedRestoreOfARestoredStoreJumpsAgain) {
  ASSERT_TRUE(RestoreBackup(Params({Next(10)})).ok());
  {
    const auto store = Open(kRestored);
    Invoice(*store);
    ASSERT_TRUE(store->backups()->Create().ok());  // beside those of the lost store
  }
  RestoreParams params = Params({Next(20)});
  params.data_dir = "/again";
  ASSERT_TRUE(RestoreBackup(params).ok());
  const auto report = VerifyRocksStore({.data_dir = "/again", .env = disk_.env()}, nullptr);
  ASSERT_TRUE(report.ok()) << report.status();
  EXPECT_EQ(report->differences(), 0) << report->ToString();
  EXPECT_EQ(Invoice(*Open("/again")).sequence(), 20);
}

TEST_F(RestoreTest, VerifyFindsAJumpBackwards) {
  ASSERT_TRUE(RestoreBackup(Params({Next(1000)})).ok());
  {
    const auto database = OpenDatabase(kRestored, disk_.env());
    const auto it = database->Iterate(ColumnFamily::kJournal);
    it->SeekToLast();
    JournalRecord record;
    ASSERT_TRUE(record.ParseFromString(it->value().ToString()));
    record.mutable_changes(0)->mutable_number_jump()->set_next(2);
    rocksdb::WriteBatch batch;
    batch.Put(database->handle(ColumnFamily::kJournal), it->key(), record.SerializeAsString());
    ASSERT_TRUE(database->Write(batch).ok());
  }
  const auto report = VerifyRocksStore({.data_dir = kRestored, .env = disk_.env()}, nullptr);
  ASSERT_TRUE(report.ok()) << report.status();
  EXPECT_THAT(report->ToString(), HasSubstr("jumps to 2"));
}

TEST_F(RestoreTest, ADirectoryThatIsNotEmptyIsRefused) {
  ASSERT_TRUE(disk_.env()->CreateDirIfMissing(kRestored).ok());
  ASSERT_TRUE(rocksdb::WriteStringToFile(disk_.env(), "x", absl::StrCat(kRestored, "/mine")).ok());
  const auto restored = RestoreBackup(Params({Next(50)}));
  EXPECT_TRUE(absl::IsFailedPrecondition(restored.status())) << restored.status();
  EXPECT_THAT(restored.status().message(), HasSubstr("mine"));
  const auto into_data = RestoreBackup(
      {.from = "/backup", .data_dir = "/data", .next_numbers = {Next(50)}, .env = disk_.env()});
  EXPECT_TRUE(absl::IsFailedPrecondition(into_data.status())) << into_data.status();
  ASSERT_TRUE(disk_.env()->DeleteFile(absl::StrCat(kRestored, "/mine")).ok());
  ASSERT_TRUE(disk_.env()->CreateDir(absl::StrCat(kRestored, "/lost+found")).ok());
  EXPECT_TRUE(RestoreBackup(Params({Next(50)})).ok());
}

TEST_F(RestoreTest, SaysWhichBackupIsNotThere) {
  RestoreParams params = Params({Next(50)});
  params.backup = 9;
  EXPECT_TRUE(absl::IsNotFound(RestoreBackup(params).status()));
  params.from = "/nothing";
  EXPECT_TRUE(absl::IsNotFound(RestoreBackup(params).status()));
}

// The power is cut after each number of writes in turn.
TEST_F(RestoreTest, AnInterruptedRestoreDoesNotOpenAndCanBeRepeated) {
  Random random;
  int interrupted = 0;
  for (int64_t writes = 0;; writes += random.Between(1, 4)) {
    disk_.CutPowerAfter(writes);
    const bool done = RestoreBackup(Params({Next(1000)})).ok();
    disk_.RestorePower(random);
    const bool begun = Exists(absl::StrCat(kRestored, "/RESTORING")) ||
                       Exists(absl::StrCat(kRestored, "/WATERMARK")) ||
                       Exists(absl::StrCat(kRestored, "/db"));
    if (!begun) continue;
    const auto opened = OpenRocksStore({.data_dir = kRestored, .env = disk_.env()});
    if (opened.ok()) {
      ASSERT_EQ(Invoice(**opened).sequence(), 1000) << "after " << writes << " writes";
      break;
    }
    ASSERT_FALSE(done) << opened.status();
    EXPECT_TRUE(absl::IsFailedPrecondition(opened.status())) << opened.status();
    ++interrupted;
  }
  EXPECT_GT(interrupted, 5);
  ExpectSound();
}

// The same for a backup: what was there before remains, and so does the store. A backup that was
// not finished may be listed, as damaged.
TEST_F(RestoreTest, AnInterruptedBackupLeavesTheEarlierOnes) {
  Random random;
  int interrupted = 0;
  uint32_t made = 0;
  for (int64_t writes = 0; made == 0; writes += random.Between(1, 4)) {
    {
      const auto store = Open("/data");
      ASSERT_NE(store, nullptr);
      disk_.CutPowerAfter(writes);
      const auto backup = store->backups()->Create();
      if (backup.ok()) made = backup->id;
    }
    disk_.RestorePower(random);
    interrupted += made == 0;
    const auto first = VerifyBackups("/backup", 1, disk_.env());
    ASSERT_TRUE(first.ok()) << first.status();
    ASSERT_TRUE(first->front().status.ok()) << first->front().status;
  }
  EXPECT_GT(interrupted, 5);
  const auto last = VerifyBackups("/backup", made, disk_.env());
  ASSERT_TRUE(last.ok()) << last.status();
  EXPECT_TRUE(last->front().status.ok()) << last->front().status;
  ASSERT_TRUE(RestoreBackup(Params({Next(1000)})).ok());
  ExpectSound();
}

}  // namespace
}  // namespace owo::storage
