#include "tests/bench/event_ids.h"

#include <gtest/gtest.h>

#include <regex>
#include <set>
#include <string>

namespace owo::bench {
namespace {

constexpr uint64_t kFirstMs = 0x0198'7654'3210;

std::string At(const EventIds& ids, uint64_t n) {
  std::string id(EventIds::kLength, ' ');
  ids.Write(n, id.data());
  return id;
}

TEST(EventIdsTest, TimeOrderedOnesAreUuidsThatIncrease) {
  const EventIds ids(EventIds::Version::kTimeOrdered, 1, kFirstMs);
  const std::regex uuid("01987654-3[0-9a-f]{3}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}");
  std::string last;
  for (uint64_t n = 0; n < 5'000; ++n) {
    const std::string id = At(ids, n);
    EXPECT_TRUE(std::regex_match(id, uuid)) << id;
    EXPECT_LT(last, id);
    last = id;
  }
  EXPECT_EQ(At(ids, 0).substr(0, 19), "01987654-3210-7000-");
  EXPECT_EQ(At(ids, 2'500).substr(0, 19), "01987654-3212-7800-");
}

TEST(EventIdsTest, RandomOnesAreUuidsThatDiffer) {
  const EventIds ids(EventIds::Version::kRandom, 1, kFirstMs);
  const std::regex uuid("[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}");
  std::set<std::string> seen;
  std::set<char> first;
  for (uint64_t n = 0; n < 5'000; ++n) {
    const std::string id = At(ids, n);
    EXPECT_TRUE(std::regex_match(id, uuid)) << id;
    EXPECT_TRUE(seen.insert(id).second) << id;
    first.insert(id[0]);
  }
  EXPECT_EQ(first.size(), 16U);
}

TEST(EventIdsTest, TheSameNumberHasTheSameIdAgain) {
  const EventIds ids(EventIds::Version::kRandom, 1, kFirstMs);
  EXPECT_EQ(At(ids, 7), At(ids, 7));
}

TEST(EventIdsTest, FreshOnesDifferFromOthers) {
  constexpr auto kVersion = EventIds::Version::kRandom;
  EXPECT_NE(At(FreshIds(kVersion), 7), At(FreshIds(kVersion), 7));
}

}  // namespace
}  // namespace owo::bench
