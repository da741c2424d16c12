// Reads that must not wait: what they find is what others find, or they say that they cannot.

#include "storage/memory_only.h"

#include <gtest/gtest.h>

#include "storage/rocksdb/open.h"
#include "tests/support/store.h"
#include "tests/support/temp_dir.h"

namespace owo::storage {
namespace {

template <typename Reading>
auto FromMemory(const Reading& read) {
  const MemoryOnly here;
  return read();
}

class MemoryOnlyTest : public ::testing::Test {
 protected:
  // Everything stands in tables, and none of them was read.
  void SetUp() override {
    for (int life = 0; life < 3; ++life) {
      store_.reset();
      auto store = OpenRocksStore({.data_dir = dir_.path()});
      ASSERT_TRUE(store.ok()) << store.status();
      store_ = *std::move(store);
      if (life == 0) {
        subject_ = AddSubject(*store_, "acme");
        TrackOne(*store_, subject_, subject_.Event("event", 1));
      }
    }
  }

  const TempDir dir_;
  std::unique_ptr<Store> store_;
  Subject subject_;
};

TEST_F(MemoryOnlyTest, ARowIsReadFromDiskByOthersFirst) {
  const auto read = [this] { return store_->FindCustomer(kDefaultTenant, "acme"); };
  EXPECT_TRUE(NeedsDisk(FromMemory(read).status()));
  EXPECT_EQ(read().value(), subject_.customer);
  EXPECT_EQ(FromMemory(read).value(), subject_.customer);
}

TEST_F(MemoryOnlyTest, RowsInOrderAreReadFromDiskByOthersFirst) {
  const auto read = [this] { return store_->ListCustomers(kDefaultTenant, "", 10); };
  EXPECT_TRUE(NeedsDisk(FromMemory(read).status()));
  EXPECT_EQ(read().value().size(), 1);
  EXPECT_EQ(FromMemory(read).value().size(), 1);
}

TEST_F(MemoryOnlyTest, AnAccountIsReadFromDiskByOthersFirst) {
  const std::vector<CounterKey> asked = {subject_.Counter()};
  const auto read = [&] { return store_->ReadAccount(kDefaultTenant, subject_.customer, asked); };
  EXPECT_TRUE(NeedsDisk(FromMemory(read).status()));
  EXPECT_EQ(read().value().asked[0]->total, Units(1));
  EXPECT_EQ(FromMemory(read).value().asked[0]->total, Units(1));
}

TEST_F(MemoryOnlyTest, WhatIsNotThereIsLookedForByOthersFirst) {
  const auto read = [this] { return store_->FindCustomer(kDefaultTenant, "nobody"); };
  const auto found = FromMemory(read);
  EXPECT_TRUE(NeedsDisk(found.status()) || *found == std::nullopt);
  EXPECT_EQ(read().value(), std::nullopt);
  EXPECT_EQ(FromMemory(read).value(), std::nullopt);
}

// They may stand in no chunk yet: then a commit is waited for.
TEST_F(MemoryOnlyTest, EventsAreAlwaysReadByOthers) {
  const auto read = [this] {
    return store_->ListEvents(kDefaultTenant, subject_.Counter(), {0, 1}, 10);
  };
  EXPECT_EQ(read().value().size(), 1);
  EXPECT_TRUE(NeedsDisk(FromMemory(read).status()));
}

}  // namespace
}  // namespace owo::storage
