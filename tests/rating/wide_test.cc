#include "service/rating/wide.h"

#include "absl/numeric/int128.h"
#include "gtest/gtest.h"
#include "tests/rating/random.h"

namespace owo::rating {
namespace {

constexpr absl::int128 kMax = absl::Int128Max();
constexpr absl::int128 kMin = absl::Int128Min();

Wide W(int64_t value) { return Wide(value); }

TEST(WideTest, RoundsHalvesAwayFromZero) {
  EXPECT_EQ(DivideHalfAwayFromZero(W(5), W(2)), W(3));
  EXPECT_EQ(DivideHalfAwayFromZero(W(-5), W(2)), W(-3));
  EXPECT_EQ(DivideHalfAwayFromZero(W(5), W(-2)), W(-3));
  EXPECT_EQ(DivideHalfAwayFromZero(W(-5), W(-2)), W(3));
  EXPECT_EQ(DivideHalfAwayFromZero(W(4), W(3)), W(1));
  EXPECT_EQ(DivideHalfAwayFromZero(W(-4), W(3)), W(-1));
  EXPECT_EQ(DivideHalfAwayFromZero(W(1), W(2)), W(1));
  EXPECT_EQ(DivideHalfAwayFromZero(W(-1), W(3)), W(0));
  EXPECT_EQ(DivideHalfAwayFromZero(W(0), W(7)), W(0));
}

TEST(WideTest, TowardZeroDropsTheFraction) {
  EXPECT_EQ(DivideTowardZero(W(5), W(2)), W(2));
  EXPECT_EQ(DivideTowardZero(W(-5), W(2)), W(-2));
  EXPECT_EQ(DivideTowardZero(W(1), Wide::Product(kMax, kMax)), W(0));
}

TEST(WideTest, OrderIsThatOfTheNumbers) {
  EXPECT_LT(W(-1), W(0));
  EXPECT_LT(Wide::Product(kMax, kMin), Wide(kMin));
  EXPECT_LT(Wide(kMax), Wide::Product(kMax, 2));
  EXPECT_LT(Wide::Product(kMin, kMax), Wide::Product(kMin, kMax - 1));
  EXPECT_GT(Wide::Product(kMin, kMin), Wide::Product(kMax, kMax));
}

TEST(WideTest, FitsIn128BitsExactlyWhereItShould) {
  EXPECT_EQ(Wide(kMax).ToInt128(), kMax);
  EXPECT_EQ(Wide(kMin).ToInt128(), kMin);
  EXPECT_EQ((Wide(kMax) + W(1)).ToInt128(), std::nullopt);
  EXPECT_EQ((Wide(kMin) - W(1)).ToInt128(), std::nullopt);
  EXPECT_EQ((Wide(kMax) + W(1) - W(1)).ToInt128(), kMax);
}

TEST(WideTest, DivisionUndoesMultiplication) {
  Random random;
  for (int i = 0; i < 50'000; ++i) {
    const absl::int128 a = random.Int128();
    const absl::int128 b = random.Int128();
    const Wide product = Wide::Product(a, b);
    ASSERT_EQ(product, Wide::Product(b, a));
    ASSERT_EQ(-product, Wide::Product(a, -Decimal::FromUnits(b >> 1).units()) +
                            Wide::Product(a, -Decimal::FromUnits(b - (b >> 1)).units()));
    if (b == 0) continue;
    ASSERT_EQ(DivideTowardZero(product, Wide(b)), Wide(a));
    ASSERT_EQ(DivideHalfAwayFromZero(product, Wide(b)), Wide(a));
  }
}

// Divides a·b + r by b, with a remainder r below, at and above one half of b.
TEST(WideTest, RemainderDecidesTheRounding) {
  Random random;
  for (int i = 0; i < 50'000; ++i) {
    const Decimal a = random.Positive(36);
    const absl::int128 half = random.Positive(36).units();
    const absl::int128 b = 2 * half;
    const Wide product = Wide::Product(a.units(), b);
    const Wide below = product + Wide(half - 1);
    const Wide at = product + Wide(half);
    const Wide up = Wide(a.units()) + W(1);
    ASSERT_EQ(DivideHalfAwayFromZero(below, Wide(b)), Wide(a.units()));
    ASSERT_EQ(DivideHalfAwayFromZero(at, Wide(b)), up);
    ASSERT_EQ(DivideHalfAwayFromZero(-below, Wide(b)), -Wide(a.units()));
    ASSERT_EQ(DivideHalfAwayFromZero(-at, Wide(b)), -up);
    ASSERT_EQ(DivideTowardZero(at, Wide(b)), Wide(a.units()));
    ASSERT_EQ(DivideTowardZero(product - W(1), Wide(b)), Wide(a.units()) - W(1));
  }
}

TEST(WideDeathTest, OverflowAndDivisionByZeroAbort) {
  const Wide large = Wide::Product(kMin, kMin);  // 2^254
  EXPECT_DEATH(large + large, "sum out of range");
  EXPECT_DEATH(-large - large - large, "difference out of range");
  EXPECT_DEATH(DivideTowardZero(large, W(0)), "division by zero");
}

}  // namespace
}  // namespace owo::rating
