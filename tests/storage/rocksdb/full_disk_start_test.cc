// A store that is opened on a full disk serves everything that was acknowledged, refuses writes,
// and accepts them when there is space, whichever write of the opening fails.

#include <gtest/gtest.h>

#include <chrono>
#include <set>
#include <thread>

#include "storage/disk_full.h"
#include "storage/rocksdb/commit/replay.h"
#include "storage/rocksdb/format/keys.h"
#include "storage/rocksdb/open.h"
#include "tests/support/faulty_disk.h"
#include "tests/support/long_run.h"
#include "tests/support/rows.h"
#include "tests/support/store.h"

namespace owo::storage {
namespace {

constexpr char kFullData[] = "/data";
constexpr auto kRoomTimeout = std::chrono::seconds(60);
constexpr int kEventsOfALife = 30;
constexpr int64_t kGrowthsMax = 400;  // more than opening needs

class FullDiskStartTest : public ::testing::Test {
 protected:
  void Open(size_t unflushed_events_max = 20) {
    store_.reset();
    auto store = OpenRocksStore({.data_dir = kFullData,
                                 .unflushed_events_max = unflushed_events_max,
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
  void TrackSome() {
    for (int i = 0; i < kEventsOfALife; ++i) {
      ASSERT_TRUE(TryTrack("e" + std::to_string(events_++)).ok());
    }
  }
  // Leaves a journal tail to replay: not all rows were flushed.
  void Kill() {
    disk_.CutPowerAfter(0);
    store_.reset();
    disk_.RestorePower(random_);
  }
  // Expects all events, including those whose rows were not flushed.
  void ExpectReads() {
    const auto count = static_cast<int64_t>(acknowledged_.size());
    EXPECT_EQ(ReadCounter(*store_, subject_, subject_.Counter()).total, Units(count));
    EXPECT_TRUE(store_->ReadCustomer(kReadAll, subject_.tenant, subject_.customer).ok());
    const auto listed = store_->ListEvents(kReadAll, subject_.tenant, subject_.Counter(),
                                           {.range = {0, UINT64_MAX}});
    ASSERT_TRUE(listed.ok()) << listed.status();
    std::set<std::string> ids;
    for (const StoredEvent& event : listed->events) ids.insert(event.id_text);
    EXPECT_EQ(ids, acknowledged_);
  }
  void ExpectRefused() {
    EXPECT_TRUE(IsDiskFull(store_->Writable())) << store_->Writable();
    EXPECT_TRUE(IsDiskFull(TryTrack("refused " + std::to_string(++refusals_))));
    EXPECT_TRUE(IsDiskFull(Commit(*store_, Change(subject_, NewCustomer("late"))).status()));
  }
  void TrackWhenThereIsRoom(const std::string& id) {
    const auto deadline = std::chrono::steady_clock::now() + kRoomTimeout;
    absl::Status status;
    while (!(status = TryTrack(id)).ok()) {
      ASSERT_TRUE(IsDiskFull(status)) << status;
      ASSERT_LT(std::chrono::steady_clock::now(), deadline) << status;
      std::this_thread::sleep_for(std::chrono::milliseconds(5));
    }
    EXPECT_TRUE(store_->Writable().ok());
  }
  void ExpectRowsAreTheJournals() {
    store_.reset();
    const auto database = OpenDatabase(kFullData, disk_.env());
    const std::unique_ptr<rocksdb::Env> memory(rocksdb::NewMemEnv(rocksdb::Env::Default()));
    const auto replayed = OpenDatabase(kFullData, memory.get());
    ASSERT_TRUE(ReplayJournal(*database, *replayed).ok());
    EXPECT_EQ(ReplayedRows(*replayed), ReplayedRows(*database));
  }

  Random random_;
  FaultyDisk disk_;
  std::atomic<int> failures_ = 0;
  std::unique_ptr<Store> store_;
  Subject subject_;
  int events_ = 0;
  int refusals_ = 0;
  std::set<std::string> acknowledged_;
};

TEST_F(FullDiskStartTest, ReadsEverythingRefusesWritesAndTakesThemWhenThereIsRoom) {
  for (const auto full : {FaultyDisk::Full::kDisk, FaultyDisk::Full::kByQuota}) {
    Open();
    if (acknowledged_.empty()) subject_ = AddSubject(*store_, "acme");
    TrackSome();
    Kill();
    disk_.FillAfter(0, full);
    Open();
    ExpectReads();
    ExpectRefused();
    disk_.Free();
    TrackWhenThereIsRoom("room " + std::to_string(++refusals_));
    TrackSome();
    ExpectReads();
    EXPECT_TRUE(TrackOne(*store_, subject_, subject_.Event("e0", 1)).duplicate);
  }
  EXPECT_EQ(failures_, 0);
  ExpectRowsAreTheJournals();
}

// Data that a process wrote but did not sync is still readable after the process ended. A new
// process that reports it must have made it durable.
TEST_F(FullDiskStartTest, WhatItSaysIsCountedIsDurable) {
  Open();
  subject_ = AddSubject(*store_, "acme");
  TrackSome();
  disk_.FailLogSyncs(true);
  EXPECT_FALSE(TryTrack("unsynced").ok());
  store_.reset();
  disk_.FailLogSyncs(false);
  disk_.FillAfter(0);
  Open();
  const auto repeated = Track(*store_, subject_.Command({subject_.Event("unsynced", 1)}));
  ASSERT_TRUE(repeated.ok()) << repeated.status();
  acknowledged_.insert("unsynced");
  ExpectReads();
  Kill();
  disk_.Free();
  Open();
  ExpectReads();
}

TEST_F(FullDiskStartTest, WhicheverWriteOfOpeningFindsNoRoom) {
  Open();
  subject_ = AddSubject(*store_, "acme");
  int64_t refused = 0;
  const int64_t step = IsLongRun() ? 1 : 5;
  for (int64_t growths = 0; growths < kGrowthsMax; growths += step) {
    TrackSome();
    Kill();
    disk_.FillAfter(growths);
    Open();
    if (store_->Writable().ok()) break;  // the opening had enough space
    ++refused;
    ExpectReads();
    ExpectRefused();
    ExpectReads();
    disk_.Free();
    TrackWhenThereIsRoom("after " + std::to_string(growths));
    ExpectReads();
    if (HasFailure()) FAIL() << "after " << growths << " writes";
  }
  disk_.Free();
  Open();  // the disk may have become full later, which another test covers
  TrackWhenThereIsRoom("at the end");
  ExpectReads();
  EXPECT_GT(refused * step, 20) << "opening wrote less than that";
  EXPECT_EQ(failures_, 0);
  ExpectRowsAreTheJournals();
}

// Something else takes the room that there was, after opening has begun.
TEST_F(FullDiskStartTest, AfterAnOpeningThatFoundTooLittleRoomItReadsEverything) {
  Open();
  subject_ = AddSubject(*store_, "acme");
  TrackSome();
  Kill();
  disk_.FillAfter(0);
  Open();
  ExpectReads();
  const auto deadline = std::chrono::steady_clock::now() + kRoomTimeout;
  const auto await = [&](const auto& condition) {
    while (!condition()) {
      ASSERT_LT(std::chrono::steady_clock::now(), deadline);
      std::this_thread::sleep_for(std::chrono::milliseconds(5));
    }
  };
  for (int64_t growths = 2; growths < (IsLongRun() ? 60 : 8); growths += 2) {
    disk_.FillAfter(growths);
    ASSERT_NO_FATAL_FAILURE(await([&] { return disk_.is_full(); }));
    ASSERT_FALSE(store_->Writable().ok()) << growths;
  }
  ASSERT_NO_FATAL_FAILURE(await([&] {
    return store_
        ->ListEvents(kReadAll, subject_.tenant, subject_.Counter(), {.range = {0, UINT64_MAX}})
        .ok();
  }));
  ExpectReads();
  ExpectRefused();
  disk_.Free();
  TrackWhenThereIsRoom("room " + std::to_string(++refusals_));
  ExpectReads();
  EXPECT_EQ(failures_, 0);
}

TEST_F(FullDiskStartTest, AStopAndAnotherStartWhileItIsFullChangeNothing) {
  Open();
  subject_ = AddSubject(*store_, "acme");
  TrackSome();
  Kill();
  disk_.FillAfter(0);
  for (int start = 0; start < 3; ++start) {
    Open();
    ExpectReads();
    ExpectRefused();
  }
  Kill();
  Open();
  ExpectReads();
  disk_.Free();
  TrackWhenThereIsRoom("room " + std::to_string(++refusals_));
  ExpectReads();
}

// Opening truncates a torn commit, which needs space.
TEST_F(FullDiskStartTest, ALogThatEndsInATornCommitIsRead) {
  Open();
  subject_ = AddSubject(*store_, "acme");
  for (int round = 0; round < (IsLongRun() ? 200 : 10); ++round) {
    TrackSome();
    std::vector<TrackEvent> events;
    std::set<std::string> torn;
    for (int i = 0; i < 500; ++i) {  // spans several sectors
      torn.insert("torn " + std::to_string(round) + " " + std::to_string(i));
    }
    for (const std::string& id : torn) events.push_back(subject_.Event(Kept(id), 1));
    disk_.CutPowerAfter(1);  // the commit is written, and its sync fails
    EXPECT_FALSE(Track(*store_, subject_.Command(std::move(events))).ok());
    store_.reset();
    disk_.RestorePower(random_);
    disk_.FillAfter(0);
    Open();
    const Quantity total = ReadCounter(*store_, subject_, subject_.Counter()).total;
    if (total != Units(static_cast<int64_t>(acknowledged_.size()))) acknowledged_.merge(torn);
    ExpectReads();
    ExpectRefused();
    disk_.Free();
    TrackWhenThereIsRoom("round " + std::to_string(round));
    ExpectReads();
    if (HasFailure()) FAIL() << "in round " << round;
  }
}

TEST_F(FullDiskStartTest, AStoreThatCouldNotBeMadeYetIsMadeWhenThereIsRoom) {
  disk_.FillAfter(0);
  Open();
  EXPECT_TRUE(IsDiskFull(store_->Writable()));
  EXPECT_EQ(store_->FindCustomer(kReadAll, kDefaultTenant, "acme").value(), std::nullopt);
  EXPECT_TRUE(IsDiskFull(Commit(*store_, Change(subject_, FirstCatalog())).status()));
  disk_.Free();
  const auto deadline = std::chrono::steady_clock::now() + kRoomTimeout;
  while (!store_->Writable().ok()) {
    ASSERT_LT(std::chrono::steady_clock::now(), deadline);
    std::this_thread::sleep_for(std::chrono::milliseconds(5));
  }
  subject_ = AddSubject(*store_, "acme");
  TrackSome();
  Kill();
  Open();
  ExpectReads();
}

}  // namespace
}  // namespace owo::storage
