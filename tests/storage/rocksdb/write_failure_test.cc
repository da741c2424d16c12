// A failed write ends all writing: nothing more is acknowledged, and acknowledged data can still be
// read.

#include <gtest/gtest.h>

#include <atomic>
#include <functional>
#include <latch>

#include "storage/rocksdb/format/event_chunk.h"
#include "storage/rocksdb/format/keys.h"
#include "storage/rocksdb/open.h"
#include "tests/storage/rocksdb/chunks.h"
#include "tests/support/faulty_disk.h"
#include "tests/support/rows.h"
#include "tests/support/store.h"

namespace owo::storage {
namespace {

class WriteFailureTest : public ::testing::Test {
 protected:
  void Open() {
    auto store = OpenRocksStore({.data_dir = "/data",
                                 .backup = {.dir = backup_dir_},
                                 .on_failure =
                                     [this](const absl::Status& status) {
                                       ++failures_;
                                       failure_ = status;
                                     },
                                 .env = disk_.env()});
    ASSERT_TRUE(store.ok()) << store.status();
    store_ = *std::move(store);
  }
  void SetUp() override {
    Open();
    subject_ = AddSubject(*store_, "acme");
    TrackOne(*store_, subject_, subject_.Event("before", 5));
  }
  absl::Status TryTrack(std::string_view id) {
    return Track(*store_, subject_.Command({subject_.Event(id, 1)})).status();
  }

  FaultyDisk disk_;
  std::atomic<int> failures_ = 0;
  absl::Status failure_;  // set by the writing thread before it answers
  std::string backup_dir_;
  std::unique_ptr<Store> store_;
  Subject subject_;
};

TEST_F(WriteFailureTest, IsAnsweredAsUnknownAndToldOnce) {
  disk_.FailLogSyncs(true);
  EXPECT_TRUE(absl::IsUnavailable(TryTrack("failed")));
  EXPECT_EQ(failures_, 1);
  EXPECT_FALSE(failure_.ok());
}

TEST_F(WriteFailureTest, NoWriteIsAcceptedAfterItEvenIfTheDiskWorksAgain) {
  disk_.FailLogSyncs(true);
  EXPECT_TRUE(absl::IsUnavailable(TryTrack("failed")));
  disk_.FailLogSyncs(false);
  EXPECT_TRUE(absl::IsUnavailable(TryTrack("later")));
  EXPECT_TRUE(
      absl::IsUnavailable(Commit(*store_, Change(subject_, NewCustomer("later"))).status()));
  EXPECT_EQ(failures_, 1);
}

TEST_F(WriteFailureTest, ReadsServeWhatWasAcknowledged) {
  disk_.FailLogSyncs(true);
  EXPECT_TRUE(absl::IsUnavailable(TryTrack("failed")));
  EXPECT_EQ(ReadCounter(*store_, subject_, subject_.Counter()).total, Units(5));
  EXPECT_TRUE(store_->ReadCustomer(kReadAll, subject_.tenant, subject_.customer).ok());
}

TEST_F(WriteFailureTest, NoBackupIsMadeAfterIt) {
  store_.reset();
  backup_dir_ = "/backup";
  Open();
  EXPECT_TRUE(store_->backups()->Create().ok());
  disk_.FailLogSyncs(true);
  EXPECT_TRUE(absl::IsUnavailable(TryTrack("failed")));
  EXPECT_TRUE(absl::IsUnavailable(store_->backups()->Create().status()));
  EXPECT_EQ(ReadCounter(*store_, subject_, subject_.Counter()).total, Units(5));
}

TEST_F(WriteFailureTest, EventsThatNoChunkHasYetAreNotListed) {
  const auto list = [&] {
    return store_->ListEvents(kReadAll, subject_.tenant, subject_.Counter(),
                              {.range = {0, UINT64_MAX}});
  };
  EXPECT_EQ(list()->events.size(), 1);
  TrackOne(*store_, subject_, subject_.Event("unwritten", 5));
  disk_.FailLogSyncs(true);
  EXPECT_TRUE(absl::IsUnavailable(list().status()));
  EXPECT_TRUE(absl::IsUnavailable(list().status()));
  const auto written =
      store_->ListEvents(kReadAll, subject_.tenant, subject_.Counter(), {.range = {0, 1}});
  EXPECT_TRUE(written.ok() && written->events.size() == 1) << written.status();
  EXPECT_EQ(failures_, 1);
}

TEST_F(WriteFailureTest, EverythingThatWaitedIsAnsweredUnavailable) {
  std::latch held(1);
  std::latch release(1);
  store_->Track(subject_.Command({}), [&](auto) {
    held.count_down();
    release.wait();
  });
  held.wait();
  disk_.FailLogSyncs(true);
  constexpr int kWaiting = 50;
  std::atomic<int> unavailable = 0;
  for (int i = 0; i < kWaiting; ++i) {
    store_->Track(
        subject_.Command({subject_.Event("e" + std::to_string(i), 1)}),
        [&](const auto& outcomes) { unavailable += absl::IsUnavailable(outcomes.status()); });
  }
  release.count_down();
  store_.reset();
  EXPECT_EQ(unavailable, kWaiting);
  EXPECT_EQ(failures_, 1);
}

TEST_F(WriteFailureTest, OpeningAgainResolvesWhatWasUnknown) {
  disk_.FailLogSyncs(true);
  EXPECT_TRUE(absl::IsUnavailable(TryTrack("failed")));
  store_.reset();
  disk_.FailLogSyncs(false);
  Open();
  EXPECT_EQ(TrackOne(*store_, subject_, subject_.Event("failed", 1)).code, TrackCode::kCounted);
  EXPECT_TRUE(TrackOne(*store_, subject_, subject_.Event("before", 5)).duplicate);
  EXPECT_EQ(ReadCounter(*store_, subject_, subject_.Counter()).total, Units(6));
}

// The disk works, but rows have impossible values.
class DamagedRowsTest : public WriteFailureTest {
 protected:
  // Closes the store, lets `harm` change the rows of usage and of its events, and reopens it.
  void Damage(const std::function<void(rocksdb::WriteBatch&, rocksdb::ColumnFamilyHandle*,
                                       rocksdb::ColumnFamilyHandle*)>& harm) {
    store_.reset();
    {
      const auto database = OpenDatabase("/data", disk_.env());
      rocksdb::WriteBatch batch;
      harm(batch, database->handle(ColumnFamily::kUsage),
           database->handle(ColumnFamily::kUsageEvents));
      ASSERT_TRUE(database->Write(batch).ok());
    }
    Open();
  }
  absl::Status TryRead() {
    return store_->ReadAccount(kReadAll, subject_.tenant, subject_.customer, {}).status();
  }
  void ExpectWritingEnds(const TrackEvent& event) {
    EXPECT_TRUE(absl::IsUnavailable(Track(*store_, subject_.Command({event})).status()));
    EXPECT_TRUE(absl::IsDataLoss(failure_)) << failure_;
    EXPECT_EQ(failures_, 1);
    EXPECT_TRUE(store_->ReadCustomer(kReadAll, subject_.tenant, subject_.customer).ok());
  }

  const std::string counter_ =
      keys::Counter(kDefaultTenant, CounterKey{CustomerNo{1}, FeatureNo{1}, kNovember, 0});
  const std::string account_ = keys::Account(kDefaultTenant, CustomerNo{1});
};

TEST_F(DamagedRowsTest, ACounterThatDoesNotParseEndsWritingAndIsNotRead) {
  Damage([&](auto& batch, auto* usage, auto*) { batch.Put(usage, ToSlice(counter_), "damaged"); });
  EXPECT_TRUE(absl::IsDataLoss(TryRead()));
  ExpectWritingEnds(subject_.Event("next", 1));
}

TEST_F(DamagedRowsTest, AnOpenCounterThatIsMissingIsNotReadAsNothing) {
  Damage([&](auto& batch, auto* usage, auto*) { batch.Delete(usage, ToSlice(counter_)); });
  EXPECT_TRUE(absl::IsDataLoss(TryRead()));
}

TEST_F(DamagedRowsTest, EventsWhoseChunkIsMissingOrElsewhereAreNotListed) {
  TrackOne(*store_, subject_, subject_.Event("e2", 1));
  const auto list = [&] {
    return store_
        ->ListEvents(kReadAll, subject_.tenant, subject_.Counter(), {.range = {0, UINT64_MAX}})
        .status();
  };
  EXPECT_TRUE(list().ok()) << list();
  const std::string chunk = keys::EventChunk(subject_.tenant, subject_.Counter(), 2);
  Damage([&](auto& batch, auto*, auto* events) { batch.Put(events, ToSlice(chunk), "damaged"); });
  EXPECT_TRUE(absl::IsDataLoss(list())) << list();
  const std::string packed = PackChunk({{3, 0}, {3, 1}}, {kNow, kNow});
  Damage([&](auto& batch, auto*, auto* events) {
    batch.Put(events, ToSlice(chunk), ToSlice(packed));
  });
  EXPECT_TRUE(absl::IsDataLoss(list())) << list();
  Damage([&](auto& batch, auto*, auto* events) { batch.Delete(events, ToSlice(chunk)); });
  EXPECT_TRUE(absl::IsDataLoss(list())) << list();
}

TEST_F(DamagedRowsTest, AnAccountThatDoesNotListItsOpenCounterEndsWriting) {
  Damage([&](auto& batch, auto* usage, auto*) { batch.Delete(usage, ToSlice(account_)); });
  TrackEvent settling = subject_.Event("next", 1);
  TargetOf(settling).closed_up_to = Units(100);
  ExpectWritingEnds(settling);
}

}  // namespace
}  // namespace owo::storage
