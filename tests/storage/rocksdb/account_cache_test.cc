// What the writer loads into memory: accounts that count events, and nothing for refused events.

#include "storage/rocksdb/commit/account_cache.h"

#include <gtest/gtest.h>
#include <rocksdb/env.h>
#include <rocksdb/write_batch.h>

#include <memory>

#include "storage/rocksdb/format/keys.h"
#include "storage/rocksdb/open.h"
#include "tests/support/rows.h"
#include "tests/support/store.h"

namespace owo::storage {
namespace {

constexpr char kAccountData[] = "/data";

class AccountCacheTest : public ::testing::Test {
 protected:
  AccountCacheTest() {
    Open();
    counted_ = AddSubject(*store_, "counted");
    damaged_ = AddSubject(*store_, "damaged");
    EXPECT_EQ(TrackOne(*store_, counted_, counted_.Event("e1", 1)).code, TrackCode::kCounted);
    for (int life = 0; life < 2; ++life) Open();  // all rows are flushed, and nothing is replayed
    store_.reset();
    const auto database = OpenDatabase(kAccountData, memory_.get());
    rocksdb::WriteBatch batch;
    batch.Put(database->handle(ColumnFamily::kUsage),
              ToSlice(keys::Account(damaged_.tenant, damaged_.customer)), "\xff");
    EXPECT_TRUE(database->Write(batch).ok());
  }

  void Open() {
    store_.reset();
    auto store = OpenRocksStore({.data_dir = kAccountData, .env = memory_.get()});
    ASSERT_TRUE(store.ok()) << store.status();
    store_ = *std::move(store);
  }
  static TrackEvent Refused(const Subject& subject, std::string_view id) {
    TrackEvent event = subject.Event(id, 1);
    event.refusal = 1;
    event.target = nullptr;
    return event;
  }

  const std::unique_ptr<rocksdb::Env> memory_{rocksdb::NewMemEnv(rocksdb::Env::Default())};
  std::unique_ptr<Store> store_;
  Subject counted_;
  Subject damaged_;  // its account's row does not parse
};

TEST_F(AccountCacheTest, AGenerationIsReadWithoutTheAccount) {
  const auto database = OpenDatabase(kAccountData, memory_.get());
  StagedBatch staged(*database);
  AccountSnapshots snapshots;
  AccountCache cache(staged, snapshots);
  cache.Start(100);
  const auto generation = [&](CustomerNo customer) {
    const auto read = cache.Generation(counted_.tenant, customer);
    EXPECT_TRUE(read.ok()) << read.status();
    return read.value_or(UINT64_MAX);
  };
  EXPECT_EQ(generation(counted_.customer), 1);
  EXPECT_EQ(generation(damaged_.customer), 1);
  EXPECT_EQ(generation(CustomerNo{99}), 0);
  EXPECT_EQ(cache.size(), 0);
  EXPECT_FALSE(cache.Account(damaged_.tenant, damaged_.customer).ok());

  // An account in memory may be newer than its rows.
  const auto account = cache.Account(counted_.tenant, counted_.customer);
  ASSERT_TRUE(account.ok()) << account.status();
  EXPECT_EQ(cache.size(), 2);  // the account and its open counter
  cache.SetGeneration(**account, 7);
  EXPECT_EQ(generation(damaged_.customer), 1);
  EXPECT_EQ(generation(counted_.customer), 7);
}

TEST_F(AccountCacheTest, ARefusedEventDoesNotLoadItsAccount) {
  Open();
  std::vector<TrackEvent> events = {Refused(damaged_, "r1"), counted_.Event("e2", 1),
                                    Refused(counted_, "r2"), Refused(damaged_, "r3")};
  events.push_back(Refused(damaged_, "r4"));
  events.back().customer_generation = 2;
  Subject nobody = damaged_;
  nobody.customer = CustomerNo{99};
  for (const Subject& subject : {nobody, damaged_}) {
    events.push_back(Refused(subject, "r5"));
    events.back().customer_generation = 0;
  }
  const std::vector<TrackOutcome> outcomes = TrackAll(*store_, counted_, std::move(events));
  ASSERT_EQ(outcomes.size(), 7);
  EXPECT_EQ(outcomes[0].code, TrackCode::kRefused);
  EXPECT_EQ(outcomes[1].code, TrackCode::kCounted);
  EXPECT_EQ(outcomes[2].code, TrackCode::kRefused);
  EXPECT_EQ(outcomes[3].code, TrackCode::kRefused);
  EXPECT_EQ(outcomes[4].code, TrackCode::kStale);
  EXPECT_EQ(outcomes[5].code, TrackCode::kRefused);
  EXPECT_EQ(outcomes[6].code, TrackCode::kStale);  // not by the generation of the one before
  EXPECT_TRUE(store_->Writable().ok()) << store_->Writable();
}

}  // namespace
}  // namespace owo::storage
