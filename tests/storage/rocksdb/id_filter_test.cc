#include "storage/rocksdb/ids/id_filter.h"

#include <gtest/gtest.h>

#include <random>
#include <vector>

namespace owo::storage {
namespace {

TEST(IdFilterTest, HasWhatWasAddedAndLittleElse) {
  std::mt19937_64 hashes(1);
  IdFilter filter(1 << 20);
  std::vector<uint64_t> added;
  while (added.size() * 10 < filter.bits()) filter.Add(added.emplace_back(hashes()));
  for (const uint64_t hash : added) ASSERT_TRUE(filter.MayHave(hash));
  int wrong = 0;
  for (int i = 0; i < 100'000; ++i) wrong += filter.MayHave(hashes()) ? 1 : 0;
  EXPECT_LT(wrong, 2'000);
  EXPECT_GT(wrong, 0);
}

TEST(IdFilterTest, TakesWhatIsAPowerOfTwo) {
  EXPECT_EQ(IdFilter(0).bits(), 512);
  EXPECT_EQ(IdFilter(1000).bits(), 512 * 8);
  EXPECT_EQ(IdFilter(1024).bits(), 1024 * 8);
}

TEST(IdFilterTest, WhenItIsFullItTellsNothing) {
  std::mt19937_64 hashes(2);
  IdFilter filter(64);
  for (int i = 0; i < 10'000; ++i) filter.Add(hashes());
  EXPECT_TRUE(filter.MayHave(hashes()));
}

}  // namespace
}  // namespace owo::storage
