#include "storage/coverage.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <set>

#include "tests/support/random.h"

namespace owo::storage {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

using Ordinals = std::set<uint64_t>;

// Returns the ordinals in the ranges, one by one.
Ordinals InRanges(const std::vector<OrdinalRange>& ranges) {
  Ordinals ordinals;
  for (const OrdinalRange& range : ranges) {
    for (uint64_t i = range.first; i < range.end; ++i) ordinals.insert(i);
  }
  return ordinals;
}

// Returns the canonical ranges of a set: disjoint, ascending, not adjacent.
std::vector<OrdinalRange> RangesOf(const Ordinals& ordinals) {
  std::vector<OrdinalRange> ranges;
  for (const uint64_t i : ordinals) {
    if (ranges.empty() || ranges.back().end != i) ranges.push_back({i, i});
    ++ranges.back().end;
  }
  return ranges;
}

Coverage Line(std::vector<OrdinalRange> ranges, int64_t amount = 0) {
  const Quantity usage{amount};
  return {.usage = usage, .billable = usage, .amount = amount, .ranges = std::move(ranges)};
}

// Splits the events into lines. Each event belongs to one line, or to none.
std::vector<Coverage> AnyLines(Random& random, uint64_t events) {
  std::vector<Ordinals> parts(static_cast<size_t>(random.Between(1, 8)) + 1);
  for (uint64_t i = 0; i < events; ++i) {
    parts[static_cast<size_t>(random.Between(0, static_cast<int64_t>(parts.size()) - 1))].insert(i);
  }
  parts.pop_back();  // covered by no line
  std::vector<Coverage> lines;
  for (const Ordinals& part : parts) {
    Coverage& line = lines.emplace_back(Line(RangesOf(part), random.Between(-50, 50)));
    line.free = {random.Between(0, 50)};
    const auto tier = static_cast<uint32_t>(random.Between(0, 3));
    line.tiers = {{tier, line.usage, random.Between(-1, 1)}, {tier + 1, {1}, 0}};
  }
  return lines;
}

void Shuffle(Random& random, std::vector<Coverage>& lines) {
  for (size_t i = lines.size(); i > 1; --i) {
    std::swap(lines[i - 1],
              lines[static_cast<size_t>(random.Between(0, static_cast<int64_t>(i) - 1))]);
  }
}

TEST(CoverageTest, LinesInAnyOrderLeaveExactlyWhatTheyCover) {
  Random random;
  for (int round = 0; round < 300; ++round) {
    const auto events = static_cast<uint64_t>(random.Between(1, 60));
    std::vector<Coverage> lines = AnyLines(random, events);
    Coverage sum;
    Ordinals covered;
    for (const Coverage& line : lines) {
      ASSERT_TRUE(AddCoverage(sum, line, events).ok());
      covered.merge(InRanges(line.ranges));
      ASSERT_EQ(sum.ranges, RangesOf(covered));
    }
    Ordinals uncovered;
    for (uint64_t i = 0; i < events; ++i) {
      if (!covered.contains(i)) uncovered.insert(i);
    }
    ASSERT_EQ(Uncovered(sum.ranges, events), RangesOf(uncovered));

    Shuffle(random, lines);
    for (const Coverage& line : lines) {
      ASSERT_TRUE(RemoveCoverage(sum, line).ok());
      for (const uint64_t i : InRanges(line.ranges)) covered.erase(i);
      ASSERT_EQ(sum.ranges, RangesOf(covered));
    }
    ASSERT_EQ(sum, Coverage{});
  }
}

TEST(CoverageTest, AnyOrderOfAddingGivesTheSameSum) {
  Random random;
  for (int round = 0; round < 100; ++round) {
    std::vector<Coverage> lines = AnyLines(random, 40);
    Coverage first;
    for (const Coverage& line : lines) ASSERT_TRUE(AddCoverage(first, line, 40).ok());
    Shuffle(random, lines);
    Coverage second;
    for (const Coverage& line : lines) ASSERT_TRUE(AddCoverage(second, line, 40).ok());
    ASSERT_EQ(first, second);
  }
}

TEST(CoverageTest, AnEventIsNotCoveredTwice) {
  Coverage sum;
  ASSERT_TRUE(AddCoverage(sum, Line({{2, 5}}, 7), 10).ok());
  const Coverage before = sum;
  for (const OrdinalRange overlap : {OrdinalRange{4, 6}, {0, 3}, {2, 5}, {3, 4}, {0, 10}}) {
    EXPECT_TRUE(absl::IsDataLoss(AddCoverage(sum, Line({overlap}, 1), 10)));
    EXPECT_EQ(sum, before);
  }
}

TEST(CoverageTest, AnEventThatWasNotCountedIsNotCovered) {
  Coverage sum;
  EXPECT_TRUE(absl::IsDataLoss(AddCoverage(sum, Line({{2, 11}}, 1), 10)));
  EXPECT_EQ(sum, Coverage{});
  EXPECT_TRUE(AddCoverage(sum, Line({{2, 10}}, 1), 10).ok());
}

TEST(CoverageTest, WhatIsNotCoveredIsNotGivenBack) {
  Coverage sum;
  ASSERT_TRUE(AddCoverage(sum, Line({{2, 5}, {7, 9}}, 7), 10).ok());
  const Coverage before = sum;
  for (const OrdinalRange outside : {OrdinalRange{1, 3}, {4, 6}, {5, 7}, {3, 8}, {9, 10}}) {
    EXPECT_TRUE(absl::IsDataLoss(RemoveCoverage(sum, Line({outside}, 1))));
    EXPECT_EQ(sum, before);
  }
}

TEST(CoverageTest, RangesThatTouchBecomeOne) {
  Coverage sum;
  ASSERT_TRUE(AddCoverage(sum, Line({{0, 2}, {4, 6}}), 10).ok());
  ASSERT_TRUE(AddCoverage(sum, Line({{2, 4}}), 10).ok());
  EXPECT_THAT(sum.ranges, ElementsAre(OrdinalRange{0, 6}));
  ASSERT_TRUE(RemoveCoverage(sum, Line({{1, 3}})).ok());
  EXPECT_THAT(sum.ranges, ElementsAre(OrdinalRange{0, 1}, OrdinalRange{3, 6}));
}

TEST(CoverageTest, EventsAfterTheLastAreNotUncovered) {
  EXPECT_THAT(Uncovered({}, 0), IsEmpty());
  EXPECT_THAT(Uncovered({}, 3), ElementsAre(OrdinalRange{0, 3}));
  EXPECT_THAT(Uncovered({{0, 5}}, 5), IsEmpty());
  EXPECT_THAT(Uncovered({{1, 2}, {4, 5}}, 6),
              ElementsAre(OrdinalRange{0, 1}, OrdinalRange{2, 4}, OrdinalRange{5, 6}));
}

TEST(CoverageTest, DifferencesOfTiersLeaveOutWhatCancels) {
  const std::vector<TierUse> now = {{0, {30}, 1}, {1, {5}, 1}};
  const std::vector<TierUse> covered = {{0, {30}, 1}, {2, {4}, 1}};
  EXPECT_THAT(Difference(now, covered), ElementsAre(TierUse{1, {5}, 1}, TierUse{2, {-4}, -1}));
  EXPECT_THAT(Difference(now, now), IsEmpty());
}

}  // namespace
}  // namespace owo::storage
