#include "service/server_memory.h"

#include <gtest/gtest.h>

namespace owo::service {
namespace {

// The parts, each with its known memory per entry, use no more than the given memory in total.
TEST(ServerMemoryTest, ThePartsMakeTheWhole) {
  for (int mib = kMemoryMibMin; mib <= 1 << 16; mib += mib / 7) {
    const MemoryBudget budget = DivideMemory(mib);
    const size_t taken = budget.unflushed_events_max * 140 + budget.cached_max * 640 +
                         budget.memtable_bytes + budget.cache_bytes + budget.id_filter_bytes +
                         budget.customers_bytes + budget.terms_bytes + budget.transport_bytes +
                         budget.read_bytes + budget.write_bytes;
    EXPECT_LE(taken, static_cast<size_t>(mib) << 20) << mib;
    EXPECT_GE(taken, (static_cast<size_t>(mib) << 20) / 2) << mib;
  }
}

TEST(ServerMemoryTest, TheDefaultIsWhatTheStoreIsTunedFor) {
  const MemoryBudget budget = DivideMemory(512);
  EXPECT_EQ(budget.unflushed_events_max, 900'000);
  EXPECT_EQ(budget.cached_max, 157'286);
  EXPECT_EQ(budget.memtable_bytes, 64U << 20);
  EXPECT_EQ(budget.cache_bytes, 64U << 20);
  EXPECT_EQ(budget.id_filter_bytes, 32U << 20);
  EXPECT_EQ(budget.customers_bytes, 56U << 20);
  EXPECT_EQ(budget.terms_bytes, 8U << 20);
  EXPECT_EQ(budget.transport_bytes, 32U << 20);
  EXPECT_EQ(budget.read_bytes, 16U << 20);
  EXPECT_EQ(budget.write_bytes, 16U << 20);
}

TEST(ServerMemoryTest, TheLeastLeavesRoomForEveryPart) {
  const MemoryBudget budget = DivideMemory(kMemoryMibMin);
  EXPECT_GE(budget.unflushed_events_max, 200'000);
  EXPECT_GE(budget.cached_max, 39'000);
  EXPECT_GE(budget.customers_bytes, 14U << 20);
  EXPECT_GE(budget.terms_bytes, 2U << 20);      // of two of the largest versions of a plan
  EXPECT_GE(budget.transport_bytes, 8U << 20);  // two of the largest messages
  EXPECT_GE(budget.read_bytes, 4U << 20);
  EXPECT_GE(budget.write_bytes, 4U << 20);
}

TEST(ServerMemoryTest, MoreThanTheMostChangesNothingAboutHowLongOpeningTakes) {
  EXPECT_EQ(DivideMemory(1 << 16).unflushed_events_max, 900'000);
}

}  // namespace
}  // namespace owo::service
