// Ids are looked up before their command is executed. Ids that were stored in between, or could not
// be read, must still be found.

#include "storage/rocksdb/ids/stored_ids.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <rocksdb/env.h>

#include <atomic>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "storage/rocksdb/format/keys.h"
#include "storage/rocksdb/ids/ids.h"
#include "storage/rocksdb/open.h"
#include "tests/support/rows.h"
#include "tests/support/store.h"

namespace owo::storage {
namespace {

using ::testing::ElementsAre;
using ::testing::Eq;
using ::testing::IsEmpty;
using ::testing::Optional;
using ::testing::Pair;

constexpr char kIdsData[] = "/data";
constexpr size_t kAlot = 1'000'000;

IdRow StoredRow(uint64_t sequence) { return {.fingerprint = 7, .sequence = sequence}; }

// With and without a filter of the stored ids.
class StoredIdsTest : public ::testing::TestWithParam<size_t> {
 protected:
  StoredIdsTest() : ids_(*database_, stored_, kAlot) {
    if (const auto rest = stored_.ToFill(); rest != nullptr) {
      while (stored_.Fill(*rest)) {
      }
    }
    EXPECT_EQ(stored_.filled(), GetParam() > 0);
  }

  void Put(std::string_view id, uint64_t sequence) {
    ids_.Put({kDefaultTenant, EventId::Of(id)}, StoredRow(sequence));
  }
  absl::StatusOr<std::optional<IdRow>> Find(std::string_view id,
                                            std::optional<uint64_t> version = std::nullopt) {
    return ids_.Find({kDefaultTenant, EventId::Of(id)}, version);
  }
  IdsFound FindAll(const std::vector<std::string>& ids) {
    TrackCommand command{.tenant = kDefaultTenant};
    for (const std::string& id : ids) command.events.push_back({.id = EventId::Of(id)});
    return stored_.FindAll(command);
  }
  void Store() {
    ASSERT_TRUE(ids_.Drain().ok());
    ASSERT_TRUE(ids_.OnCommit(kAlot, /*stale=*/0).ok());  // now only the tables have the ids
  }

  const std::unique_ptr<rocksdb::Env> env_{rocksdb::NewMemEnv(rocksdb::Env::Default())};
  const std::unique_ptr<Database> database_ = OpenDatabase(kIdsData, env_.get());
  StoredIds stored_{*database_, GetParam()};
  Ids ids_;
};
INSTANTIATE_TEST_SUITE_P(Filters, StoredIdsTest, ::testing::Values(0, 1 << 16));

TEST_P(StoredIdsTest, TellsWhichOfACommandsIdsAreStoredAndWhere) {
  Put("a", 1);
  Put("b", 2);
  Store();
  Put("fresh", 3);
  const IdsFound found = FindAll({"fresh", "b", "new", "a", "b"});
  EXPECT_THAT(found.stored,
              ElementsAre(Pair(1, StoredRow(2)), Pair(3, StoredRow(1)), Pair(4, StoredRow(2))));
  EXPECT_EQ(found.version, stored_.version());
}

TEST_P(StoredIdsTest, ManyIdsAreAllFound) {
  std::vector<std::string> ids;
  for (uint64_t i = 0; i < 1000; ++i) Put(ids.emplace_back(absl::StrCat("id", i)), i);
  Store();
  const IdsFound found = FindAll(ids);
  ASSERT_EQ(found.stored.size(), ids.size());
  for (size_t i = 0; i < ids.size(); ++i) EXPECT_THAT(found.stored[i], Pair(i, StoredRow(i)));
}

// If the journal has an id twice, verify reports it; opening must not fail.
TEST_P(StoredIdsTest, AnIdThatWasCountedTwiceIsStoredOnce) {
  for (const uint64_t sequence : {1U, 2U, 3U}) {
    Put("twice", sequence);
    Put(absl::StrCat("other ", sequence), sequence);
  }
  Store();
  const auto found = Find("twice");
  ASSERT_TRUE(found.ok()) << found.status();
  EXPECT_THAT(*found, Optional(StoredRow(3)));
  EXPECT_THAT(FindAll({"other 1", "other 2", "other 3"}).stored, ::testing::SizeIs(3));
}

TEST_P(StoredIdsTest, TheFilterIsFilledWithWhatIsStored) {
  for (int i = 0; i < 5'000; ++i) Put(absl::StrCat("id ", i), 1);
  Store();
  StoredIds stored(*database_, GetParam());
  Ids ids(*database_, stored, kAlot);
  ids.FillFilter();
  if (GetParam() == 0) return;
  // Bounded by the timeout of ctest.
  while (!stored.filled()) absl::SleepFor(absl::Milliseconds(1));
  EXPECT_FALSE(stored.IsNew({kDefaultTenant, EventId::Of("id 4999")}));
  EXPECT_TRUE(stored.IsNew({kDefaultTenant, EventId::Of("another")}));
}

TEST_P(StoredIdsTest, AnIdThatBecameStoredSinceIsFound) {
  Put("a", 1);
  const IdsFound before = FindAll({"a"});
  EXPECT_THAT(before.stored, IsEmpty());
  EXPECT_THAT(*Find("a", before.version), Optional(StoredRow(1)));
  Store();
  EXPECT_NE(before.version, stored_.version());
  EXPECT_THAT(*Find("a", before.version), Optional(StoredRow(1)));
}

TEST_P(StoredIdsTest, WhatIsKnownNotToBeStoredIsNotLookedForAgain) {
  Put("a", 1);
  Store();
  EXPECT_THAT(*Find("a"), Optional(StoredRow(1)));
  EXPECT_THAT(*Find("a", stored_.version()), Eq(std::nullopt));
}

TEST_P(StoredIdsTest, ARowThatCannotBeReadIsLeftToTheWriter) {
  Put("a", 1);
  Put("b", 1);
  Store();
  rocksdb::WriteBatch damage;
  damage.Put(database_->handle(ColumnFamily::kIds),
             ToSlice(keys::Id(kDefaultTenant, EventId::Of("a"))), "?");
  ASSERT_TRUE(database_->Write(damage).ok());
  const IdsFound found = FindAll({"a", "b"});
  EXPECT_THAT(found.stored, ElementsAre(Pair(1, StoredRow(1))));
  EXPECT_EQ(found.version, std::nullopt);
  EXPECT_TRUE(absl::IsDataLoss(Find("a", found.version).status()));
}

TEST_P(StoredIdsTest, OfRepeatsBesideEachOtherOneIsCountedWhileRunsAreWritten) {
  constexpr int kCallers = 4;
  constexpr int kIds = 500;
  constexpr int kAtOnce = 5;
  auto opened = OpenRocksStore({.data_dir = "/counted",
                                .unflushed_events_max = 20,
                                .id_filter_bytes = GetParam(),
                                .env = env_.get()});
  ASSERT_TRUE(opened.ok()) << opened.status();
  storage::Store& store = **opened;
  const Subject subject = AddSubject(store, "acme");
  std::atomic<int> counted = 0;
  InParallel(kCallers, [&](int /*caller*/) {
    for (int id = 0; id < kIds; id += kAtOnce) {
      std::vector<TrackEvent> events;
      for (int i = id; i < id + kAtOnce; ++i) {
        events.push_back(subject.Event(absl::StrCat("e", i), 1));
      }
      for (const TrackOutcome& outcome : TrackAll(store, subject, std::move(events))) {
        counted += outcome.duplicate ? 0 : 1;
      }
    }
  });
  EXPECT_EQ(counted, kIds);
  EXPECT_EQ(ReadCounter(store, subject, subject.Counter()).total, Units(kIds));
}

}  // namespace
}  // namespace owo::storage
