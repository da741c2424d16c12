// Which stores open, and which are refused.

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>

#include "storage/rocksdb/format/keys.h"
#include "storage/rocksdb/open.h"
#include "tests/support/faulty_disk.h"
#include "tests/support/long_run.h"
#include "tests/support/rows.h"
#include "tests/support/store.h"
#include "tests/support/temp_dir.h"

namespace owo::storage {
namespace {

TEST(OpenStoreTest, MakesTheDirectoryAndThoseAboveIt) {
  const TempDir dir;
  const std::string data_dir = dir.path() + "/a/b";
  ASSERT_TRUE(OpenRocksStore({.data_dir = data_dir}).ok());
  EXPECT_TRUE(std::filesystem::is_directory(data_dir));
}

TEST(OpenStoreTest, SaysThatItCannotMakeTheDirectory) {
  const TempDir dir;
  std::ofstream(dir.path() + "/file") << "not a directory";
  const auto opened = OpenRocksStore({.data_dir = dir.path() + "/file/data"});
  EXPECT_TRUE(absl::IsFailedPrecondition(opened.status())) << opened.status();
}

TEST(OpenStoreTest, OneStoreAtATimeHasADirectoryOpen) {
  const TempDir dir;
  auto first = OpenRocksStore({.data_dir = dir.path()});
  ASSERT_TRUE(first.ok()) << first.status();
  EXPECT_TRUE(absl::IsUnavailable(OpenRocksStore({.data_dir = dir.path()}).status()));
  first->reset();
  EXPECT_TRUE(OpenRocksStore({.data_dir = dir.path()}).ok());
}

// A store of format 6 has neither tenant profiles nor keys; it becomes one of this format with the
// first row that is written.
TEST(OpenStoreTest, OpensTheFormatBeforeThereWereKeys) {
  const FaultyDisk disk;
  const OpenOptions options{.data_dir = "/data", .env = disk.env()};
  ASSERT_TRUE(OpenRocksStore(options).ok());
  const auto format = [&] {
    return OpenDatabase("/data", disk.env())->Get(ColumnFamily::kMeta, keys::kFormat).value();
  };
  {
    const auto database = OpenDatabase("/data", disk.env());
    rocksdb::WriteBatch batch;
    batch.Put(ToSlice(keys::kFormat), "6");
    ASSERT_TRUE(database->Write(batch).ok());
  }
  ASSERT_TRUE(OpenRocksStore(options).ok());
  EXPECT_EQ(format(), "6") << "it was only opened";
  {
    auto store = OpenRocksStore(options);
    ASSERT_TRUE(store.ok()) << store.status();
    EXPECT_EQ((*store)->AccessGeneration(kReadAll).value(), 0);
    AddSubject(**store, "acme");
  }
  EXPECT_EQ(format(), "7");
}

TEST(OpenStoreTest, RefusesAnotherFormat) {
  for (const char* const format : {"1", "2", "8"}) {
    const FaultyDisk disk;
    const OpenOptions options{.data_dir = "/data", .env = disk.env()};
    ASSERT_TRUE(OpenRocksStore(options).ok());
    {
      const auto database = OpenDatabase("/data", disk.env());
      rocksdb::WriteBatch batch;
      batch.Put(ToSlice(keys::kFormat), format);
      ASSERT_TRUE(database->Write(batch).ok());
    }
    EXPECT_TRUE(absl::IsFailedPrecondition(OpenRocksStore(options).status())) << format;
  }
}

TEST(OpenStoreTest, WritesOneJournalRecordForACommitAndNoneForNothing) {
  const FaultyDisk disk;
  const OpenOptions options{.data_dir = "/data", .env = disk.env()};
  {
    auto store = OpenRocksStore(options);
    ASSERT_TRUE(store.ok()) << store.status();
    const Subject subject = AddSubject(**store, "acme");
    TrackAll(**store, subject, {subject.Event("e1", 1), subject.Event("e2", 1)});
    TrackOne(**store, subject, subject.Event("e1", 1));
    TrackOne(**store, subject, subject.Event("below zero", -9));
  }
  const auto database = OpenDatabase("/data", disk.env());
  const Rows journal = RowsOf(*database, ColumnFamily::kJournal);
  EXPECT_EQ(journal.size(), 3);  // catalog, customer, events
}

// The replay start never moves back, because records before it may have been dropped.
TEST(OpenStoreTest, AfterACleanStartOnlyWhatIsNewIsReplayed) {
  Random random;
  FaultyDisk disk;
  const OpenOptions options{.data_dir = "/data", .env = disk.env()};
  Subject subject;
  for (int life = 0; life < 2; ++life) {
    auto store = OpenRocksStore(options);
    ASSERT_TRUE(store.ok()) << store.status();
    if (life == 0) subject = AddSubject(**store, "acme");
    TrackOne(**store, subject, subject.Event(std::to_string(life), 1));
    if (life == 1) disk.CutPowerAfter(0);
  }
  disk.RestorePower(random);
  const auto database = OpenDatabase("/data", disk.env());
  const auto row = database->Get(ColumnFamily::kMeta, keys::kReplayStart);
  ASSERT_TRUE(row.ok() && row->has_value());
  ReplayStartRecord replay_start;
  ASSERT_TRUE(replay_start.ParseFromString(**row));
  EXPECT_EQ(replay_start.first_sequence(), 4);  // after catalog, customer and the first event
}

// The journal has an event whose counter cannot be read at the moment.
TEST(OpenStoreTest, AnOpeningThatFailsLeavesTheJournalToTheNext) {
  Random random;
  FaultyDisk disk;
  const OpenOptions options{.data_dir = "/data", .env = disk.env()};
  Subject subject;
  for (int life = 0; life < 2; ++life) {
    auto store = OpenRocksStore(options);
    ASSERT_TRUE(store.ok()) << store.status();
    if (life == 0) subject = AddSubject(**store, "acme");
    if (life == 1) TrackOne(**store, subject, subject.Event("e1", 1));
    if (life == 1) disk.CutPowerAfter(0);
  }
  disk.RestorePower(random);
  const std::string contract = keys::Contract(subject.tenant, subject.customer);
  std::string value = "\xff";
  const auto swap_contract = [&] {
    const auto database = OpenDatabase("/data", disk.env());
    const auto row = database->Get(ColumnFamily::kCustomers, contract);
    ASSERT_TRUE(row.ok() && row->has_value());
    rocksdb::WriteBatch batch;
    batch.Put(database->handle(ColumnFamily::kCustomers), contract, value);
    ASSERT_TRUE(database->Write(batch).ok());
    value = **row;
  };
  swap_contract();
  ASSERT_FALSE(OpenRocksStore(options).ok());
  swap_contract();
  auto store = OpenRocksStore(options);
  ASSERT_TRUE(store.ok()) << store.status();
  EXPECT_TRUE(TrackOne(**store, subject, subject.Event("e1", 1)).duplicate);
  EXPECT_EQ(ReadCounter(**store, subject, subject.Counter()).total, Units(1));
}

// The power fails at each single write of the first opening.
TEST(OpenStoreTest, AnOpeningThatWasCutShortDoesNotHinderTheNext) {
  Random random;
  int64_t writes = 0;
  {
    const FaultyDisk disk;
    ASSERT_TRUE(OpenRocksStore({.data_dir = "/data", .env = disk.env()}).ok());
    writes = disk.writes();
  }
  ASSERT_GT(writes, 10);
  for (int64_t cut = 0; cut < writes; cut += kSanitized ? 5 : 1) {
    FaultyDisk disk;
    disk.CutPowerAfter(cut);
    const bool opened = OpenRocksStore({.data_dir = "/data", .env = disk.env()}).ok();
    disk.RestorePower(random);
    auto store = OpenRocksStore({.data_dir = "/data", .env = disk.env()});
    ASSERT_TRUE(store.ok()) << "cut after " << cut << ", opened " << opened << ": "
                            << store.status();
    const Subject subject = AddSubject(**store, "acme");
    EXPECT_EQ(TrackOne(**store, subject, subject.Event("e1", 1)).code, TrackCode::kCounted);
  }
}

}  // namespace
}  // namespace owo::storage
