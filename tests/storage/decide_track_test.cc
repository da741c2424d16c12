// The rules of counting, one row for each, and each rule at its bound.

#include "storage/decide_track.h"

#include <gtest/gtest.h>

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "tests/support/store.h"

namespace owo::storage {
namespace {

using Code = TrackCode;

// What a row of the table changes: an event of 5 for a counter at 10 that may have 100.
struct Case {
  Target target{.total_max = Units(100)};
  TrackEvent event{.quantity = Units(5), .customer_generation = 7};
  uint64_t resolved = 3;  // the catalog's generation
  TrackState state{
      .catalog_generation = 3, .customer_generation = 7, .usage_version = 40, .total = Units(10)};

  Code Decide() {
    event.target = event.refusal == 0 ? &target : nullptr;
    return DecideTrack(event, resolved, state);
  }
};

struct Row {
  std::string what;
  Code code;
  std::function<void(Case&)> set;
};

TEST(DecideTrackTest, DecidesByTheFirstRuleThatApplies) {
  const std::vector<Row> rows = {
      {"nothing is in the way", Code::kCounted, [](Case&) {}},
      {"an older catalog", Code::kStale, [](Case& c) { c.resolved = 2; }},
      {"a newer catalog", Code::kStale, [](Case& c) { c.resolved = 4; }},
      {"an older customer", Code::kStale, [](Case& c) { c.event.customer_generation = 6; }},
      {"a newer customer", Code::kStale, [](Case& c) { c.event.customer_generation = 8; }},
      {"refused", Code::kRefused, [](Case& c) { c.event.refusal = 1; }},
      {"refused on an older catalog", Code::kStale,
       [](Case& c) { c.event.refusal = 1, c.resolved = 2; }},
      {"the expected version", Code::kCounted,
       [](Case& c) { c.target.expected_usage_version = 40; }},
      {"an older version", Code::kConflict, [](Case& c) { c.target.expected_usage_version = 39; }},
      {"a newer version", Code::kConflict, [](Case& c) { c.target.expected_usage_version = 41; }},
      {"an older version of an older customer", Code::kStale,
       [](Case& c) { c.target.expected_usage_version = 39, c.event.customer_generation = 6; }},
      {"an older version, over the limit", Code::kConflict,
       [](Case& c) { c.target.expected_usage_version = 39, c.target.limit = Units(1); }},
      {"over the limit", Code::kOverLimit, [](Case& c) { c.target.limit = Units(14); }},
      {"out of range and over the limit", Code::kOutOfRange,
       [](Case& c) { c.target.total_max = Units(14), c.target.limit = Units(14); }},
      {"over the limit, which does not apply", Code::kCounted,
       [](Case& c) { c.target.limit = Units(14), c.event.unlimited = true; }},
  };
  for (const Row& row : rows) {
    Case c;
    row.set(c);
    EXPECT_EQ(c.Decide(), row.code) << row.what;
  }
}

struct Compared {
  int64_t total;
  int64_t quantity;
  std::optional<int64_t> limit;
  std::optional<int64_t> allowance;
  bool unlimited;
  Code code;
};

TEST(DecideTrackTest, ComparesTheTotalWithEachBound) {
  const std::vector<Compared> rows = {
      {10, 90, {}, {}, false, Code::kCounted},  // just total_max
      {10, 91, {}, {}, false, Code::kOutOfRange},  {10, 91, {}, {}, true, Code::kOutOfRange},
      {10, -10, {}, {}, false, Code::kCounted},    {10, -11, {}, {}, false, Code::kBelowZero},
      {10, -11, 0, 0, true, Code::kBelowZero},     {10, 5, 15, {}, false, Code::kCounted},
      {10, 6, 15, {}, false, Code::kOverLimit},    {10, 6, 15, {}, true, Code::kCounted},
      {20, 0, 15, {}, false, Code::kCounted},   // adds nothing
      {20, -1, 15, {}, false, Code::kCounted},  // takes back
      {20, 1, -1, {}, false, Code::kOverLimit},    {10, 5, {}, 15, false, Code::kCounted},
      {10, 6, {}, 15, false, Code::kCountedOver},  {10, 6, 15, 12, false, Code::kOverLimit},
      {20, -1, {}, 15, false, Code::kCountedOver}, {20, 0, {}, 15, false, Code::kCountedOver},
  };
  for (const Compared& row : rows) {
    Target target{.total_max = Units(100)};
    if (row.limit.has_value()) target.limit = Units(*row.limit);
    if (row.allowance.has_value()) target.allowance = Units(*row.allowance);
    EXPECT_EQ(CompareTotal(target, Units(row.total), Units(row.quantity), row.unlimited), row.code)
        << row.total << " + " << row.quantity;
  }
}

TEST(DecideTrackTest, AKnownIdIsADuplicateOfTheSameContentOnly) {
  const TrackOutcome repeat = OutcomeOfKnown(true, /*over=*/false, /*stale=*/false, Units(9));
  EXPECT_EQ(repeat.code, Code::kCounted);
  EXPECT_TRUE(repeat.duplicate);
  EXPECT_FALSE(repeat.stale);
  EXPECT_EQ(repeat.total, Units(9));
  EXPECT_EQ(OutcomeOfKnown(true, /*over=*/true, /*stale=*/true, {}).code, Code::kCountedOver);
  EXPECT_TRUE(OutcomeOfKnown(true, /*over=*/true, /*stale=*/true, {}).stale);
  const TrackOutcome reused = OutcomeOfKnown(false, /*over=*/true, /*stale=*/false, {});
  EXPECT_EQ(reused.code, Code::kIdReused);
  EXPECT_FALSE(reused.duplicate);
}

TEST(DecideTrackTest, ACounterIsClosedUpToItsBoundWhileNoInvoiceCoversIt) {
  Target target;
  EXPECT_FALSE(ClosesCounter(target, {}, nullptr));
  target.closed_up_to = Units(10);
  const Coverage none;
  const Coverage some{.usage = Units(1)};
  EXPECT_TRUE(ClosesCounter(target, Units(10), nullptr));
  EXPECT_TRUE(ClosesCounter(target, Units(10), &none));
  EXPECT_FALSE(ClosesCounter(target, Units(10), &some));
  EXPECT_FALSE(ClosesCounter(target, Units(10) + Quantity{1}, nullptr));
}

TEST(DecideTrackTest, LaterSegmentsAreThoseBehindTheEventsOwn) {
  const auto later = [](uint32_t segment, uint32_t segments) {
    return LaterSegments({.counter = {.segment = segment}, .group_segments = segments});
  };
  EXPECT_EQ(later(0, 0), 0);
  EXPECT_EQ(later(0, 1), 0);
  EXPECT_EQ(later(0, 4), 3);
  EXPECT_EQ(later(2, 4), 1);
  EXPECT_EQ(later(3, 4), 0);
  EXPECT_EQ(later(7, 4), 0);
}

}  // namespace
}  // namespace owo::storage
