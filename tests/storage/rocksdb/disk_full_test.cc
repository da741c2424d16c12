// A full disk refuses writes and serves reads. When there is space again, writes continue.

#include "storage/disk_full.h"

#include <gtest/gtest.h>

#include <atomic>
#include <chrono>
#include <set>
#include <thread>

#include "storage/rocksdb/commit/replay.h"
#include "storage/rocksdb/open.h"
#include "tests/support/faulty_disk.h"
#include "tests/support/long_run.h"
#include "tests/support/rows.h"
#include "tests/support/store.h"

namespace owo::storage {
namespace {

constexpr char kDiskFullData[] = "/data";
constexpr auto kTimeout = std::chrono::seconds(60);

class DiskFullTest : public ::testing::Test {
 protected:
  // Few events are kept in memory only, so that runs of ids are written as well.
  void Open(size_t unflushed_events_max = 20) {
    store_.reset();
    auto store = OpenRocksStore({.data_dir = kDiskFullData,
                                 .unflushed_events_max = unflushed_events_max,
                                 .cached_max = cached_max_,
                                 .on_failure = [this](const absl::Status&) { ++failures_; },
                                 .env = disk_.env()});
    ASSERT_TRUE(store.ok()) << store.status();
    store_ = *std::move(store);
  }
  absl::Status TryTrack(const std::string& id) {
    const auto outcomes = Track(*store_, subject_.Command({subject_.Event(id, 1)}));
    if (outcomes.ok()) acknowledged_.insert(id);
    return outcomes.status();
  }
  // Counts new events until one fails. Returns its status.
  absl::Status TrackUntilRefused() {
    for (;;) {
      last_ = "e" + std::to_string(events_++);
      if (absl::Status status = TryTrack(last_); !status.ok()) return status;
    }
  }
  void ExpectReads() {
    EXPECT_EQ(ReadCounter(*store_, subject_, subject_.Counter()).total,
              Units(static_cast<int64_t>(acknowledged_.size())));
    EXPECT_TRUE(store_->ReadCustomer(kReadAll, subject_.tenant, subject_.customer).ok());
  }
  // A failed event may turn out to be counted, but no counted event may disappear.
  void ExpectNothingWentAway() {
    const Quantity total = ReadCounter(*store_, subject_, subject_.Counter()).total;
    EXPECT_GE(total.units, Units(static_cast<int64_t>(acknowledged_.size())).units);
    EXPECT_TRUE(store_->ReadCustomer(kReadAll, subject_.tenant, subject_.customer).ok());
  }
  // Repeats the event until it is counted, and checks reads meanwhile.
  void TrackWhenThereIsSpace(const std::string& id) {
    const auto deadline = std::chrono::steady_clock::now() + kTimeout;
    absl::Status status;
    while (!(status = TryTrack(id)).ok()) {
      ASSERT_TRUE(IsDiskFull(status)) << status;
      ASSERT_LT(std::chrono::steady_clock::now(), deadline) << status;
      ExpectNothingWentAway();
      std::this_thread::sleep_for(std::chrono::milliseconds(5));
    }
  }
  void AwaitWritable() {
    const auto deadline = std::chrono::steady_clock::now() + kTimeout;
    while (!store_->Writable().ok()) {
      ASSERT_LT(std::chrono::steady_clock::now(), deadline) << store_->Writable();
      std::this_thread::sleep_for(std::chrono::milliseconds(5));
    }
  }
  void ExpectEverythingOnce() {
    for (const std::string& id : acknowledged_) {
      EXPECT_TRUE(TrackOne(*store_, subject_, subject_.Event(id, 1)).duplicate) << id;
    }
    ExpectReads();
    const auto listed = store_->ListEvents(kReadAll, subject_.tenant, subject_.Counter(),
                                           {.range = {0, UINT64_MAX}});
    ASSERT_TRUE(listed.ok()) << listed.status();
    std::set<std::string> ids;
    for (const StoredEvent& event : listed->events) ids.insert(event.id_text);
    EXPECT_EQ(ids, acknowledged_);
    EXPECT_EQ(listed->events.size(), acknowledged_.size());
  }
  void ExpectRowsAreTheJournals() {
    store_.reset();
    const auto database = OpenDatabase(kDiskFullData, disk_.env());
    const std::unique_ptr<rocksdb::Env> memory(rocksdb::NewMemEnv(rocksdb::Env::Default()));
    const auto replayed = OpenDatabase(kDiskFullData, memory.get());
    ASSERT_TRUE(ReplayJournal(*database, *replayed).ok());
    EXPECT_EQ(ReplayedRows(*replayed), ReplayedRows(*database));
  }

  Random random_;
  FaultyDisk disk_;
  std::atomic<int> failures_ = 0;
  std::unique_ptr<Store> store_;
  Subject subject_;
  size_t cached_max_ = OpenOptions().cached_max;
  int events_ = 0;
  std::string last_;
  std::set<std::string> acknowledged_;
};

TEST_F(DiskFullTest, RefusesWritesAndServesReadsUntilThereIsSpaceAgain) {
  Open(/*unflushed_events_max=*/1'000'000);  // so that the log runs out of space
  subject_ = AddSubject(*store_, "acme");
  ASSERT_TRUE(TryTrack("before").ok());
  disk_.FillAfter(0);
  // The outcome of the event during which the disk became full is unknown; later ones never began.
  EXPECT_TRUE(absl::IsUnavailable(TrackUntilRefused()));
  for (int i = 0; i < 3; ++i) {
    EXPECT_TRUE(IsDiskFull(TryTrack("refused")));
    ExpectReads();
  }
  disk_.Free();
  TrackWhenThereIsSpace("refused");
  TrackWhenThereIsSpace(last_);
  ExpectEverythingOnce();
  EXPECT_EQ(failures_, 0);
}

TEST_F(DiskFullTest, AQuotaThatIsUsedUpIsAFullDisk) {
  Open();
  subject_ = AddSubject(*store_, "acme");
  ASSERT_TRUE(TryTrack("before").ok());
  disk_.FillAfter(0, FaultyDisk::Full::kByQuota);
  EXPECT_TRUE(absl::IsUnavailable(TrackUntilRefused()));
  EXPECT_TRUE(IsDiskFull(TryTrack("refused")));
  disk_.Free();
  TrackWhenThereIsSpace("refused");
  TrackWhenThereIsSpace(last_);
  ExpectEverythingOnce();
  EXPECT_EQ(failures_, 0);
}

TEST_F(DiskFullTest, AStoreThatWasJustOpenedMeetsItToo) {
  Open();
  subject_ = AddSubject(*store_, "acme");
  ASSERT_TRUE(TryTrack("before").ok());
  Open();
  disk_.FillAfter(0);
  EXPECT_TRUE(absl::IsUnavailable(TrackUntilRefused()));
  EXPECT_TRUE(IsDiskFull(TryTrack("refused")));
  disk_.Free();
  TrackWhenThereIsSpace("refused");
  ExpectEverythingOnce();
}

TEST_F(DiskFullTest, WritingGoesOnWhereTheDiskIsFullAgainWhileTheDatabaseIsOpenedAnew) {
  Open();
  subject_ = AddSubject(*store_, "acme");
  for (int round = 0; round < (IsLongRun() ? 200 : 5); ++round) {
    disk_.FillAfter(0);
    EXPECT_TRUE(absl::IsUnavailable(TrackUntilRefused()));
    disk_.FillAfter(random_.Between(1, 30));
    const auto deadline = std::chrono::steady_clock::now() + kTimeout;
    while (!disk_.is_full() && !TryTrack(last_).ok()) {
      ASSERT_LT(std::chrono::steady_clock::now(), deadline);
      std::this_thread::sleep_for(std::chrono::milliseconds(5));
    }
    ExpectNothingWentAway();
    disk_.Free();
    TrackWhenThereIsSpace("after " + std::to_string(round));
    TrackWhenThereIsSpace(last_);
    if (HasFatalFailure()) FAIL() << "in round " << round;
  }
  ExpectEverythingOnce();
  EXPECT_EQ(failures_, 0);
}

// If a compaction wrote to a log that failed on a full disk, RocksDB would fail permanently.
TEST(BackgroundFailureTest, IsNotRecoveredFromAndNothingIsMergedAfterIt) {
  FaultyDisk disk;
  const auto database = OpenDatabase(kDiskFullData, disk.env());
  rocksdb::WriteBatch row;
  rocksdb::ColumnFamilyHandle* const family = database->handle(ColumnFamily::kJournal);
  row.Put(family, "key", "value");
  ASSERT_TRUE(database->Write(row).ok());
  disk.FillAfter(0);
  EXPECT_TRUE(database->db().Flush({}, family).IsNoSpace());
  disk.Free();
  std::atomic<bool> cancelled = false;
  EXPECT_TRUE(IsDiskFull(database->Compact(ColumnFamily::kJournal, "z", cancelled)));
  EXPECT_TRUE(IsDiskFull(database->Write(row)));
  bool replayed = false;
  ASSERT_TRUE(database
                  ->Resume([&] {
                    EXPECT_FALSE(database->in_use().ReaderTryLock()) << "readers see the old rows";
                    replayed = true;
                    return absl::OkStatus();
                  })
                  .ok());
  EXPECT_TRUE(replayed);
  EXPECT_TRUE(database->Compact(ColumnFamily::kJournal, "z", cancelled).ok());
  EXPECT_TRUE(database->Write(row).ok());

  bool recover = true;
  BackgroundFailure().OnErrorRecoveryBegin(rocksdb::BackgroundErrorReason::kFlush,
                                           rocksdb::Status::NoSpace(), &recover);
  EXPECT_FALSE(recover);
}

// If a compaction fails on a full disk, writes continue until there are too many tables. The write
// that would then have to wait for the compaction fails without that reason.
TEST(StalledWriteTest, SaysThatTheDiskIsFull) {
  bool stalled = false;
  // Limits close to what the second table needs. RocksDB pauses for a second after each failure.
  for (int64_t growth = 2; growth < 6; ++growth) {
    FaultyDisk disk;
    const auto database = OpenDatabase(kDiskFullData, disk.env());
    rocksdb::ColumnFamilyHandle* const family = database->handle(ColumnFamily::kMeta);
    ASSERT_TRUE(database->db()
                    .SetOptions(family, {{"level0_file_num_compaction_trigger", "2"},
                                         {"level0_slowdown_writes_trigger", "2"},
                                         {"level0_stop_writes_trigger", "2"}})
                    .ok());
    rocksdb::WriteBatch row;
    row.Put(family, "key", "value");
    ASSERT_TRUE(database->Write(row).ok());
    ASSERT_TRUE(database->db().Flush({}, family).ok());
    ASSERT_TRUE(database->Write(row).ok());
    disk.FillAfter(growth);
    database->db().Flush({}, family).PermitUncheckedError();
    const rocksdb::Status refused = database->db().Write({}, &row);
    stalled = stalled || refused.IsIncomplete();
    if (refused.ok()) continue;
    EXPECT_TRUE(IsDiskFull(database->Write(row))) << refused.ToString();
    disk.Free();
    std::atomic<bool> cancelled = false;
    EXPECT_EQ(database->Compact(ColumnFamily::kJournal, "z", cancelled).ok(),
              refused.IsIncomplete());
  }
  EXPECT_TRUE(stalled);
}

TEST_F(DiskFullTest, WritingGoesOnWhereverTheDiskBecameFull) {
  Open();
  subject_ = AddSubject(*store_, "acme");
  for (int round = 0; round < (IsLongRun() ? 500 : 8); ++round) {
    const auto by = random_.OneIn(3) ? FaultyDisk::Full::kByQuota : FaultyDisk::Full::kDisk;
    disk_.FillAfter(random_.Between(0, 120), by);
    EXPECT_TRUE(absl::IsUnavailable(TrackUntilRefused()));
    // A duplicate if its commit was durable, and only something after it failed.
    const absl::Status again = TryTrack(last_);
    EXPECT_TRUE(again.ok() || IsDiskFull(again)) << again;
    disk_.Free();
    TrackWhenThereIsSpace("after " + std::to_string(round));
    TrackWhenThereIsSpace(last_);
    if (HasFatalFailure()) FAIL() << "in round " << round;
  }
  ExpectEverythingOnce();
  EXPECT_EQ(failures_, 0);
  ExpectRowsAreTheJournals();
}

TEST_F(DiskFullTest, ALossOfPowerWhileItIsFullLosesNothing) {
  Open();
  subject_ = AddSubject(*store_, "acme");
  for (int round = 0; round < 5; ++round) {
    disk_.FillAfter(random_.Between(0, 60));
    EXPECT_TRUE(absl::IsUnavailable(TrackUntilRefused()));
    disk_.CutPowerAfter(0);
    store_.reset();
    disk_.RestorePower(random_);
    disk_.Free();
    Open();
    TrackWhenThereIsSpace(last_);
    ExpectEverythingOnce();
    if (HasFailure()) FAIL() << "in round " << round;
  }
}

// Reopening drops what was only in memory, and the replay of the journal restores it step by step.
TEST_F(DiskFullTest, WhatIsReadMeanwhileIsNeverOlder) {
  constexpr int kCustomers = 40;
  constexpr int kEvents = 25;
  cached_max_ = 10;
  Open(/*unflushed_events_max=*/1'000'000);
  std::vector<Subject> subjects;
  for (int i = 0; i < kCustomers; ++i) {
    subjects.push_back(AddSubject(*store_, "customer " + std::to_string(i)));
  }
  for (int round = 0; round < 3; ++round) {
    for (int i = 0; i < kEvents; ++i) {
      for (const Subject& subject : subjects) {
        const std::string id = std::to_string(events_++);
        ASSERT_FALSE(TrackOne(*store_, subject, subject.Event(Kept(id), 1)).duplicate);
      }
    }
    std::atomic<bool> ended = false;
    std::jthread reader([&] {
      while (!ended) {
        for (const Subject& subject : subjects) {
          const Quantity total = ReadCounter(*store_, subject, subject.Counter()).total;
          EXPECT_GE(total.units, Units(int64_t{kEvents} * (round + 1)).units);
        }
      }
    });
    subject_ = subjects.front();
    disk_.FillAfter(0);
    EXPECT_FALSE(TrackUntilRefused().ok());
    disk_.Free();
    AwaitWritable();
    ended = true;
  }
}

// A subscription whose commit failed did not happen, and hides none that did.
TEST_F(DiskFullTest, SubscriptionsToAPlanAreKnownAfterwards) {
  Open();
  subject_ = AddSubject(*store_, "acme");
  const auto put = [this](auto change) { return Commit(*store_, Change(subject_, change)); };
  const auto generation = [this] {
    const auto catalog = store_->ReadCatalog(kReadAll, subject_.tenant);
    EXPECT_TRUE(catalog.ok()) << catalog.status();
    return catalog.ok() ? catalog->generation() : 0;
  };
  const auto position = [this] {
    const auto sequence = store_->CommitSequence(kReadAll, subject_.tenant);
    EXPECT_TRUE(sequence.ok()) << sequence.status();
    return sequence.value_or(0);
  };
  int commits = 0;
  const auto subscribe = [&] {
    auto read = store_->ReadCustomer(kReadAll, subject_.tenant, subject_.customer);
    EXPECT_TRUE(read.ok()) << read.status();
    // Spans several sectors, so that a failed commit leaves only some of them in the log.
    (*read->record.mutable_metadata())["padding"] =
        std::string(4000, static_cast<char>('a' + ++commits % 26));
    return put(PutCustomer{.record = read->record,
                           .contract = read->contract,
                           .subscribes = {{PlanNo{1}, generation()}}});
  };
  const auto without_since = [&](uint64_t sequence) {
    return put(PutCatalog{.generation = generation(), .not_subscribed = {{PlanNo{1}}, sequence}});
  };
  for (int growths = 0; growths < 4; ++growths) {
    const uint64_t before = position();
    ASSERT_TRUE(subscribe().ok());
    disk_.FillAfter(growths);
    while (subscribe().ok()) {  // the log has some space left
    }
    disk_.Free();
    AwaitWritable();
    EXPECT_EQ(without_since(before)->code, MutationCode::kConflict) << growths;
    EXPECT_EQ(without_since(position())->code, MutationCode::kCommitted) << growths;
  }
}

}  // namespace
}  // namespace owo::storage
