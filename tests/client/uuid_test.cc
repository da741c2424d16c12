#include "client/cpp/internal/uuid.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <regex>
#include <set>
#include <thread>
#include <utility>
#include <vector>

#include "absl/strings/str_replace.h"
#include "absl/time/clock.h"

namespace owo {
namespace {

int64_t UnixMillisOf(const std::string& uuid) {
  return std::stoll(absl::StrReplaceAll(uuid.substr(0, 13), {{"-", ""}}), nullptr, 16);
}

TEST(UuidTest, HasTheFormOfVersion7) {
  const std::regex form("[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}");
  for (int i = 0; i < 1000; ++i) {
    const std::string uuid = NewUuid();
    EXPECT_TRUE(std::regex_match(uuid, form)) << uuid;
  }
}

TEST(UuidTest, BeginsWithItsTime) {
  const int64_t before = absl::ToUnixMillis(absl::Now());
  const int64_t time = UnixMillisOf(NewUuid());
  // Ids that are made faster than their resolution run ahead of the clock, by a few milliseconds at
  // most.
  EXPECT_GE(time, before);
  EXPECT_LE(time, absl::ToUnixMillis(absl::Now()) + 1000);
}

// 2025-12-01T00:00:00.0005Z: half a millisecond is 0x800 of its 4,096 parts.
int64_t StandingClock() { return 1'764'547'200'000'500'000; }

TEST(UuidTest, TheFractionOfAMillisecondFollowsTheVersion) {
  EXPECT_EQ(UuidGenerator(StandingClock).New().substr(0, 18), "019ad735-8400-7800");
}

TEST(UuidTest, GrowsWhereTheClockStandsStill) {
  UuidGenerator generator(StandingClock);
  std::vector<std::string> uuids(10'000);
  std::generate(uuids.begin(), uuids.end(), [&] { return generator.New(); });
  EXPECT_TRUE(std::is_sorted(uuids.begin(), uuids.end()));
  // The ids run ahead of the clock: 2,048 fill the rest of the millisecond, the others the next
  // two.
  EXPECT_EQ(uuids.back().substr(0, 13), "019ad735-8402");
}

TEST(UuidTest, GrowsWhereTheClockGoesBack) {
  static int64_t nanos = StandingClock();
  UuidGenerator generator([] { return nanos -= 1'000'000; });
  std::vector<std::string> uuids(1000);
  std::generate(uuids.begin(), uuids.end(), [&] { return generator.New(); });
  EXPECT_TRUE(std::is_sorted(uuids.begin(), uuids.end()));
}

TEST(UuidTest, RandomBitsDiffer) {
  std::set<std::string> tails;
  for (int i = 0; i < 1000; ++i) tails.insert(NewUuid().substr(19));
  EXPECT_EQ(tails.size(), 1000);
}

TEST(UuidTest, AnIdMadeMeanwhileIsNotMadeAgain) {
  static std::vector<std::string> uuids;
  static UuidGenerator generator([] {
    // Simulates another caller that makes an id while this one reads the clock.
    static bool is_first = true;
    if (std::exchange(is_first, false)) uuids.push_back(generator.New());
    return StandingClock();
  });
  uuids.push_back(generator.New());
  EXPECT_LT(uuids[0].substr(0, 18), uuids[1].substr(0, 18));
}

TEST(UuidTest, ThreadsNeverShareAPlaceInTheOrder) {
  constexpr int kThreads = 4;
  constexpr int kEach = 20'000;
  UuidGenerator generator(StandingClock);
  std::vector<std::vector<std::string>> made(kThreads);
  std::vector<std::thread> threads;
  threads.reserve(kThreads);
  for (auto& uuids : made) {
    threads.emplace_back([&uuids, &generator] {
      for (int i = 0; i < kEach; ++i) uuids.push_back(generator.New());
    });
  }
  for (std::thread& thread : threads) thread.join();

  // Compares the ids without their random bits, which would hide duplicates.
  std::set<std::string> ordered_parts;
  for (const auto& uuids : made) {
    EXPECT_TRUE(std::is_sorted(uuids.begin(), uuids.end()));
    for (const std::string& uuid : uuids) ordered_parts.insert(uuid.substr(0, 18));
  }
  EXPECT_EQ(ordered_parts.size(), kThreads * kEach);
}

}  // namespace
}  // namespace owo
