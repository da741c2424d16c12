#include "storage/rocksdb/commit/counter_slots.h"

#include <gtest/gtest.h>

#include <vector>

namespace owo::storage {
namespace {

CounterKey SlotKey(uint32_t feature, uint32_t segment = 0) {
  return {.customer = CustomerNo{1},
          .feature = FeatureNo{feature},
          .period = {IntervalCode::kMonth, 20758},
          .segment = segment};
}

TEST(CounterSlotsTest, AreInOrderWhateverTheyWereInsertedIn) {
  CounterSlots slots;
  for (const uint32_t feature : {5U, 1U, 9U, 3U, 7U}) {
    EXPECT_EQ(slots.Insert({.key = SlotKey(feature)}).counter.key, SlotKey(feature));
  }
  ASSERT_EQ(slots.size(), 5);
  for (size_t i = 0; i < slots.size(); ++i) {
    EXPECT_EQ(slots[i].counter.key, SlotKey(static_cast<uint32_t>(2 * i + 1)));
    EXPECT_EQ(slots.IndexOf(slots[i]), i);
    EXPECT_EQ(slots.Find(slots[i].counter.key), &slots[i]);
  }
  for (const uint32_t feature : {0U, 2U, 10U}) EXPECT_EQ(slots.Find(SlotKey(feature)), nullptr);
  EXPECT_EQ(slots.Find(SlotKey(5, 1)), nullptr);
}

// The hinted index may belong to another counter by then, or to none.
TEST(CounterSlotsTest, AWrongExpectationChangesNothing) {
  CounterSlots slots;
  for (const uint32_t feature : {2U, 4U, 6U}) slots.Insert({.key = SlotKey(feature)});
  for (size_t expected = 0; expected < 5; ++expected) {
    for (const uint32_t feature : {1U, 2U, 4U, 5U, 6U}) {
      slots.UseHint(expected);
      const CounterSlot* const found = slots.Find(SlotKey(feature));
      ASSERT_EQ(found != nullptr, feature % 2 == 0) << feature;
      if (found == nullptr) continue;
      ASSERT_EQ(found->counter.key, SlotKey(feature));
    }
  }
  const size_t index = slots.IndexHint(SlotKey(4));
  slots.Insert({.key = SlotKey(3)});
  slots.UseHint(index);
  EXPECT_EQ(slots.Find(SlotKey(4))->counter.key, SlotKey(4));
}

}  // namespace
}  // namespace owo::storage
