// Which rows one invoice takes if there are more than it can have.

#include "service/ledger/line_selection.h"

#include <gmock/gmock.h>

#include <algorithm>
#include <cstdint>
#include <limits>
#include <vector>

#include "absl/numeric/int128.h"
#include "service/rating/bounds.h"
#include "tests/support/random.h"

namespace owo::ledger {
namespace {

using storage::MinorUnits;

static_assert(rating::kTiersMax <= kLineTiersMax);  // a row always fits an empty invoice

RowSize RowOf(MinorUnits amount, size_t tiers = 0) { return {.amount = amount, .tiers = tiers}; }

void Add(std::vector<RowSize>& rows, size_t count, MinorUnits amount, size_t tiers = 0) {
  for (size_t i = 0; i < count; ++i) rows.push_back(RowOf(amount, tiers));
}

// The totals of the selected rows.
struct Taken {
  size_t lines = 0;
  size_t tiers = 0;
  absl::int128 total = 0;
};
Taken Sum(const std::vector<RowSize>& rows, const std::vector<bool>& taken) {
  Taken sum;
  for (size_t i = 0; i < rows.size(); ++i) {
    if (!taken[i]) continue;
    ++sum.lines;
    sum.tiers += rows[i].tiers;
    sum.total += rows[i].amount;
  }
  return sum;
}
Taken Select(const std::vector<RowSize>& rows) { return Sum(rows, SelectRows(rows)); }

TEST(LineSelectionTest, TakesAllThatFit) {
  EXPECT_EQ(SelectRows({}).size(), 0);
  std::vector<RowSize> rows;
  Add(rows, 500, 0);
  Add(rows, 499, -5);
  Add(rows, 1, 7, rating::kTiersMax);
  EXPECT_EQ(Select(rows).lines, kLinesMax);
}

TEST(LineSelectionTest, RowsThatCostNothingNeverDisplaceMoney) {
  std::vector<RowSize> rows;
  Add(rows, 2000, 0);
  Add(rows, 400, 1);
  Add(rows, 2000, 0);
  Add(rows, 400, -1);
  Add(rows, 1, 2);
  const std::vector<bool> taken = SelectRows(rows);
  const Taken sum = Sum(rows, taken);
  EXPECT_EQ(sum.lines, kLinesMax);
  EXPECT_EQ(sum.total, 2);
  for (size_t i = 0; i < rows.size(); ++i) EXPECT_TRUE(taken[i] || rows[i].amount == 0);
  // Of equal ones the first.
  EXPECT_TRUE(taken[198]);
  EXPECT_FALSE(taken[199]);
}

TEST(LineSelectionTest, TakesTheLargestAmounts) {
  std::vector<RowSize> rows;
  for (MinorUnits i = 1; i <= 1500; ++i) rows.push_back(RowOf(i));
  const std::vector<bool> taken = SelectRows(rows);
  for (size_t i = 0; i < rows.size(); ++i) EXPECT_EQ(taken[i], i >= 500) << i;
}

TEST(LineSelectionTest, CreditsThatWouldKeepMoneyBackWait) {
  std::vector<RowSize> rows;
  Add(rows, 600, -20);
  Add(rows, 10'000, 11);
  // 600 credits and 400 charges sum to -7,600, all rows to +98,000.
  const std::vector<bool> taken = SelectRows(rows);
  const Taken sum = Sum(rows, taken);
  EXPECT_GE(sum.lines, kLinesMax - 1);
  EXPECT_GT(sum.total, 0);
  EXPECT_LE(sum.total, 31);  // no more credits wait than necessary
}

TEST(LineSelectionTest, AloneALargeCreditDoesNotBlockWhatIsDue) {
  std::vector<RowSize> rows;
  Add(rows, 1, -1'500);
  Add(rows, 1'600, 1);
  const std::vector<bool> taken = SelectRows(rows);
  EXPECT_FALSE(taken[0]);
  EXPECT_EQ(Sum(rows, taken).total, 999);
}

TEST(LineSelectionTest, NothingIsInvoicedWhereTheWholeIsACredit) {
  std::vector<RowSize> rows;
  Add(rows, 1, 10'000);
  Add(rows, 2'000, -6);
  EXPECT_LE(Select(rows).total, 0);
  rows.assign(2'000, RowOf(-1));
  EXPECT_EQ(Select(rows).total, -1000);
}

TEST(LineSelectionTest, TiersAreBounded) {
  std::vector<RowSize> rows;
  Add(rows, 100, 5, 100);
  const Taken sum = Select(rows);
  EXPECT_EQ(sum.tiers, kLineTiersMax);
  EXPECT_EQ(sum.lines, kLineTiersMax / 100);
}

TEST(LineSelectionTest, ACreditOfManyTiersMakesRoomForManyCharges) {
  std::vector<RowSize> rows;
  Add(rows, 50, -1000, 100);
  Add(rows, 900, 999, 1);
  const std::vector<bool> taken = SelectRows(rows);
  const Taken sum = Sum(rows, taken);
  EXPECT_GT(sum.total, 0);
  EXPECT_LE(sum.tiers, kLineTiersMax);
  EXPECT_GT(std::count(taken.begin(), taken.begin() + 50, true), 25);
}

TEST(LineSelectionTest, SumsBeyondAnInt64AreMadeInParts) {
  std::vector<RowSize> rows;
  Add(rows, 100, rating::kCostMax);
  EXPECT_EQ(Select(rows).lines, 92);
  rows.clear();
  Add(rows, 100, -rating::kCostMax);
  EXPECT_EQ(Select(rows).lines, 92);
  // All rows together sum to one charge.
  Add(rows, 101, rating::kCostMax);
  EXPECT_EQ(Select(rows).lines, 201);
  EXPECT_EQ(Select(rows).total, rating::kCostMax);
  constexpr MinorUnits kLeast = std::numeric_limits<MinorUnits>::min();
  rows = {RowOf(-1), RowOf(kLeast)};
  EXPECT_EQ(Select(rows).total, kLeast);
}

// What the header says, in the plainest words.
std::vector<bool> PlainlySelected(const std::vector<RowSize>& rows) {
  std::vector<bool> taken(rows.size(), true);
  const auto fits = [&] {
    const Taken sum = Sum(rows, taken);
    return sum.lines <= kLinesMax && sum.tiers <= kLineTiersMax &&
           sum.total >= std::numeric_limits<int64_t>::min() &&
           sum.total <= std::numeric_limits<int64_t>::max();
  };
  if (fits()) return taken;
  const bool positive = Sum(rows, taken).total > 0;
  taken.assign(rows.size(), false);
  std::vector<size_t> order;
  for (size_t i = 0; i < rows.size(); ++i) order.push_back(i);
  const auto size = [&](size_t i) {
    return std::max(absl::int128(rows[i].amount), -absl::int128(rows[i].amount));
  };
  std::sort(order.begin(), order.end(),
            [&](size_t a, size_t b) { return size(a) != size(b) ? size(a) > size(b) : a < b; });
  size_t next = 0;
  for (; next < order.size(); ++next) {
    taken[order[next]] = true;
    if (fits()) continue;
    taken[order[next]] = false;
    break;
  }
  const auto right = [&] { return (Sum(rows, taken).total > 0) == positive; };
  while (!right()) {
    const auto against = std::find_if(order.rbegin(), order.rend(), [&](size_t i) {
      const MinorUnits amount = rows[i].amount;
      return taken[i] && (positive ? amount <= 0 : amount >= 0);
    });
    if (against == order.rend()) break;
    taken[*against] = false;
    for (; next < order.size() && !right(); ++next) {
      const MinorUnits amount = rows[order[next]].amount;
      if (positive ? amount <= 0 : amount >= 0) continue;
      taken[order[next]] = true;
      if (fits()) continue;
      taken[order[next]] = false;
      break;
    }
  }
  return taken;
}

TEST(LineSelectionTest, RandomRowsAreSelectedAsTheHeaderSays) {
  Random random;
  for (int round = 0; round < 25; ++round) {
    std::vector<RowSize> rows;
    const MinorUnits largest = random.OneIn(4) ? rating::kCostMax : random.Between(1, 1000);
    const int64_t shift = random.Between(-100, 100);  // more charges or more credits
    const bool tiers = random.OneIn(2);
    for (int64_t left = random.Between(900, 1600); left > 0; --left) {
      MinorUnits amount = random.OneIn(3) ? 0 : random.Between(0, largest);
      if (random.Between(-120, 120) > shift) amount = -amount / random.Between(1, 3);
      rows.push_back(RowOf(amount, tiers ? static_cast<size_t>(random.Between(0, 100)) : 0));
    }
    const std::vector<bool> taken = SelectRows(rows);
    ASSERT_EQ(taken, PlainlySelected(rows));
    const Taken all = Sum(rows, std::vector<bool>(rows.size(), true));
    EXPECT_EQ(Sum(rows, taken).total > 0, all.total > 0);
    EXPECT_LE(Sum(rows, taken).lines, kLinesMax);
    EXPECT_LE(Sum(rows, taken).tiers, kLineTiersMax);
  }
}

}  // namespace
}  // namespace owo::ledger
