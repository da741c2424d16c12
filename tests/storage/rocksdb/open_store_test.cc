// What opens, and what is refused.

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>

#include "storage/rocksdb/keys.h"
#include "storage/rocksdb/open.h"
#include "tests/support/faulty_disk.h"
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

TEST(OpenStoreTest, RefusesAnotherFormat) {
  for (const char* const format : {"1", "2", "5"}) {
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
  const Rows journal = RowsOf(*database, Space::kJournal);
  EXPECT_EQ(journal.size(), 3);  // catalog, customer, events
}

// The power fails at every single write of the first opening.
TEST(OpenStoreTest, AnOpeningThatWasCutShortDoesNotHinderTheNext) {
  Random random;
  int64_t writes = 0;
  {
    const FaultyDisk disk;
    ASSERT_TRUE(OpenRocksStore({.data_dir = "/data", .env = disk.env()}).ok());
    writes = disk.writes();
  }
  ASSERT_GT(writes, 10);
  for (int64_t cut = 0; cut < writes; ++cut) {
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
