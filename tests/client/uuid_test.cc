#include "client/cpp/uuid.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <regex>
#include <set>
#include <thread>
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
  // Ids made faster than their resolution run ahead of the clock, by a few milliseconds at most.
  EXPECT_GE(time, before);
  EXPECT_LE(time, absl::ToUnixMillis(absl::Now()) + 1000);
}

TEST(UuidTest, GrowsAlsoWithinAMillisecond) {
  std::vector<std::string> uuids(100'000);
  std::generate(uuids.begin(), uuids.end(), NewUuid);
  EXPECT_TRUE(std::is_sorted(uuids.begin(), uuids.end(), std::less_equal<>()));
}

TEST(UuidTest, RandomBitsDiffer) {
  std::set<std::string> tails;
  for (int i = 0; i < 1000; ++i) tails.insert(NewUuid().substr(19));
  EXPECT_EQ(tails.size(), 1000);
}

TEST(UuidTest, ThreadsNeverShareAPlaceInTheOrder) {
  constexpr int kThreads = 4;
  constexpr int kEach = 20'000;
  std::vector<std::vector<std::string>> made(kThreads);
  std::vector<std::thread> threads;
  for (auto& uuids : made) {
    threads.emplace_back([&uuids] {
      for (int i = 0; i < kEach; ++i) uuids.push_back(NewUuid());
    });
  }
  for (std::thread& thread : threads) thread.join();

  // Without their random bits, which would hide that two are the same.
  std::set<std::string> ordered_parts;
  for (const auto& uuids : made) {
    EXPECT_TRUE(std::is_sorted(uuids.begin(), uuids.end()));
    for (const std::string& uuid : uuids) ordered_parts.insert(uuid.substr(0, 18));
  }
  EXPECT_EQ(ordered_parts.size(), kThreads * kEach);
}

}  // namespace
}  // namespace owo
