#include "storage/rocksdb/ids/recent_ids.h"

#include <gtest/gtest.h>

#include <string>

#include "absl/strings/str_cat.h"

namespace owo::storage {
namespace {

IdKey KeyOf(int number, TenantId tenant = kDefaultTenant) {
  return {tenant, EventId::Of(absl::StrCat("event ", number))};
}
IdRow RowOf(int number) {
  return {.fingerprint = static_cast<uint64_t>(number) * 3,
          .sequence = static_cast<uint64_t>(number)};
}

// Many more ids than the initial capacity, so that the table grows.
TEST(RecentIdsTest, FindsWhatItHasAndNothingElse) {
  constexpr int kIds = 20'000;
  RecentIds recent(10);
  for (int i = 0; i < kIds; ++i) {
    ASSERT_EQ(recent.Find(KeyOf(i)), nullptr) << i;
    recent.Put(KeyOf(i), RowOf(i));
  }
  for (int i = 0; i < kIds; ++i) {
    const IdRow* const row = recent.Find(KeyOf(i));
    ASSERT_NE(row, nullptr) << i;
    ASSERT_EQ(*row, RowOf(i));
    ASSERT_EQ(recent.Find(KeyOf(i + kIds)), nullptr) << i;
  }
}

TEST(RecentIdsTest, AnIdBelongsToItsTenant) {
  RecentIds recent(10);
  recent.Put(KeyOf(1, TenantId{1}), RowOf(1));
  EXPECT_EQ(recent.Find(KeyOf(1, TenantId{2})), nullptr);
  recent.Put(KeyOf(1, TenantId{2}), RowOf(2));
  EXPECT_EQ(*recent.Find(KeyOf(1, TenantId{1})), RowOf(1));
  EXPECT_EQ(*recent.Find(KeyOf(1, TenantId{2})), RowOf(2));
}

// Ids are distinguished even if everything that the table stores of their hashes is equal.
TEST(RecentIdsTest, TellsIdsWithOneHashApart) {
  IdKey a = KeyOf(1);
  IdKey b = KeyOf(2);
  IdKey c = KeyOf(3);
  a.hash = b.hash = c.hash = ~uint64_t{0};  // the last slot of the table; the next one is the first
  RecentIds recent(10);
  recent.Put(a, RowOf(1));
  recent.Put(b, RowOf(2));
  EXPECT_EQ(*recent.Find(a), RowOf(1));
  EXPECT_EQ(*recent.Find(b), RowOf(2));
  EXPECT_EQ(recent.Find(c), nullptr);
}

TEST(RecentIdsTest, KeepsTheOrderOfArrivalUntilItIsCleared) {
  RecentIds recent(10);
  for (const int i : {3, 1, 2}) recent.Put(KeyOf(i), RowOf(i));
  ASSERT_EQ(recent.size(), 3);
  EXPECT_EQ(recent.entries()[0].row, RowOf(3));
  EXPECT_EQ(recent.entries()[2].id, KeyOf(2).id);
  recent.Clear();
  EXPECT_TRUE(recent.empty());
  EXPECT_EQ(recent.Find(KeyOf(3)), nullptr);
  recent.Put(KeyOf(3), RowOf(4));
  EXPECT_EQ(*recent.Find(KeyOf(3)), RowOf(4));

  for (int i = 10; i < 100; ++i) recent.Put(KeyOf(i), RowOf(i));  // more than the initial capacity
  recent.Clear();
  for (int i = 10; i < 100; ++i) ASSERT_EQ(recent.Find(KeyOf(i)), nullptr);
  recent.Put(KeyOf(10), RowOf(5));
  EXPECT_EQ(*recent.Find(KeyOf(10)), RowOf(5));
}

}  // namespace
}  // namespace owo::storage
