// Chunks return the locations of events, from any position on, and refuse bytes that are not a
// chunk.

#include "storage/rocksdb/format/event_chunk.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/storage/rocksdb/chunks.h"
#include "tests/support/hex.h"
#include "tests/support/random.h"

namespace owo::storage {
namespace {

using ::testing::ElementsAreArray;

// Returns ascending locations, as in a counter: often adjacent, sometimes far apart.
std::vector<EventLocation> AnyLocations(Random& random, int64_t count) {
  std::vector<EventLocation> locations;
  EventLocation location{.sequence = random.OfAnySize() / 4};
  for (int64_t i = 0; i < count; ++i) {
    if (random.OneIn(3)) {
      location = {.sequence = location.sequence + 1 + random.OfAnySize() / 1'000'000};
    }
    location.index += 1 + (random.OneIn(2) ? 0 : random.OfAnySize() >> 44);
    locations.push_back(location);
  }
  return locations;
}

std::string Pack(const std::vector<EventLocation>& locations) {
  EventChunk chunk;
  for (const EventLocation& location : locations) chunk.Add(location, 5);
  EXPECT_EQ(chunk.size(), locations.size());
  std::string packed = chunk.Finish();
  EXPECT_TRUE(chunk.empty());
  return packed;
}

TEST(EventChunkTest, GivesBackEveryPartOfWhatWasAdded) {
  Random random;
  for (int round = 0; round < 500; ++round) {
    const auto locations = AnyLocations(random, random.Between(1, 50));
    const std::string packed = Pack(locations);
    ASSERT_EQ(ParseChunkHeader(packed)->size, locations.size());
    const auto skip = static_cast<uint64_t>(random.Between(0, 50));
    const auto limit = static_cast<size_t>(random.Between(0, 50));
    const auto first = std::min<size_t>(skip, locations.size());
    const auto end = std::min(first + limit, locations.size());
    ASSERT_THAT(ReadChunk(packed, skip, limit).value(),
                ElementsAreArray(locations.data() + first, locations.data() + end))
        << Hex(packed) << " " << skip << " " << limit;
  }
}

TEST(EventChunkTest, StartsAnewWhenItWasTaken) {
  EventChunk chunk;
  chunk.Add({.sequence = 300, .index = 7}, 9);
  const std::string packed = chunk.Finish();
  chunk.Add({.sequence = 300, .index = 7}, 9);
  EXPECT_EQ(chunk.Finish(), packed);
}

TEST(EventChunkTest, AnEventThatFollowsOnAnotherTakesTwoBytes) {
  EventChunk chunk;
  for (uint64_t i = 0; i < 1000; ++i) chunk.Add({.sequence = 1, .index = i}, 0);
  EXPECT_EQ(chunk.Finish().size(), 3 + 2 + 2 * 1000);
}

TEST(EventChunkTest, RefusesWhatIsCutOffOrGoesOn) {
  Random random;
  const std::string packed = Pack(AnyLocations(random, 20));
  for (size_t size = 0; size < packed.size(); ++size) {
    EXPECT_TRUE(absl::IsDataLoss(ReadChunk({packed.data(), size}, 0, 20).status())) << size;
  }
  EXPECT_TRUE(absl::IsDataLoss(ReadChunk(packed + '\0', 0, 20).status()));
}

TEST(EventChunkTest, RefusesNoneAndMoreThanAChunkHolds) {
  const std::string times(3, '\0');  // valid times, both 0
  EXPECT_TRUE(absl::IsDataLoss(ParseChunkHeader("").status()));
  EXPECT_TRUE(absl::IsDataLoss(ParseChunkHeader(times).status()));
  EXPECT_TRUE(absl::IsDataLoss(ParseChunkHeader(times + '\0').status()));
  for (const std::string& before : {std::string(), times}) {
    EXPECT_EQ(ParseChunkHeader(before + "\x80\x20")->size, kChunkEventsMax);
    EXPECT_TRUE(absl::IsDataLoss(ParseChunkHeader(before + "\x81\x20").status()));
  }
}

TEST(EventChunkTest, SaysTheLeastAndTheGreatestTimeOfItsEvents) {
  Random random;
  for (int round = 0; round < 500; ++round) {
    EventChunk chunk;
    TimeBounds times;
    for (int64_t i = random.Between(1, 20); i > 0; --i) {
      const auto time = static_cast<Micros>(random.OneIn(2) ? random.OfAnySize() : random.Word());
      times.least = std::min(times.least, time);
      times.greatest = std::max(times.greatest, time);
      chunk.Add({.sequence = static_cast<uint64_t>(100 - i)}, time);
    }
    const std::string packed = chunk.Finish();
    ASSERT_EQ(ParseChunkHeader(packed)->times, times) << Hex(packed);
    // A finished chunk leaves nothing for the next one.
    chunk.Add({.sequence = 1}, 7);
    ASSERT_EQ(ParseChunkHeader(chunk.Finish())->times, (TimeBounds{7, 7}));
  }
  const TimeBounds widest{INT64_MIN, INT64_MAX};
  EXPECT_EQ(ParseChunkHeader(PackChunk({{1, 0}, {1, 1}}, widest))->times, widest);
}

TEST(EventChunkTest, RefusesTimesThatAreNone) {
  std::string chunk(1, '\0');
  AppendVarint64(chunk, ZigZag(1));
  AppendVarint64(chunk, INT64_MAX);  // out of range by one
  AppendVarint64(chunk, 1);
  EXPECT_TRUE(absl::IsDataLoss(ParseChunkHeader(chunk).status()));
}

TEST(EventChunkTest, ReadsChunksOfFormerProgramsWhichSayNoTimes) {
  Random random;
  for (int round = 0; round < 100; ++round) {
    const auto locations = AnyLocations(random, random.Between(1, 50));
    const std::string former = WithoutTimes(Pack(locations));
    ASSERT_EQ(ParseChunkHeader(former)->size, locations.size());
    ASSERT_EQ(ParseChunkHeader(former)->times, std::nullopt);
    ASSERT_EQ(ReadChunk(former, 0, kChunkEventsMax).value(), locations);
  }
}

}  // namespace
}  // namespace owo::storage
