#include "service/rating/decimal.h"

#include <algorithm>
#include <string>

#include "absl/hash/hash.h"
#include "absl/numeric/int128.h"
#include "absl/status/status.h"
#include "gtest/gtest.h"
#include "service/rating/bounds.h"
#include "tests/rating/random.h"

namespace owo::rating {
namespace {

Decimal Parsed(std::string_view text) {
  const absl::StatusOr<Decimal> value = Decimal::Parse(text);
  EXPECT_TRUE(value.ok()) << text;
  return value.value_or(Decimal());
}

TEST(DecimalTest, ReadsDigitsAndTwelveDecimals) {
  EXPECT_EQ(Parsed("0").units(), 0);
  EXPECT_EQ(Parsed("1500"), Decimal::FromInteger(1500));
  EXPECT_EQ(Parsed("0.000015").units(), 15'000'000);
  EXPECT_EQ(Parsed("-12.5").units(), absl::int128(-12'500'000'000'000));
  EXPECT_EQ(Parsed("0.000000000001").units(), 1);
  EXPECT_EQ(Parsed("-0.000000000001").units(), -1);
  EXPECT_EQ(Parsed("00012.50"), Parsed("12.5"));
  EXPECT_EQ(Parsed(std::string(1000, '0') + "7"), Decimal::FromInteger(7));
}

TEST(DecimalTest, ZerosAtTheEndDoNotCountAsDigits) {
  EXPECT_EQ(Parsed("1.0000000000000"), Decimal::FromInteger(1));
  EXPECT_EQ(Parsed("0.0000000000010000").units(), 1);
  EXPECT_EQ(Parsed("-12.5" + std::string(1000, '0')), Parsed("-12.5"));
  EXPECT_EQ(Parsed("999999999999999.9999999999990"), Decimal::Max());
}

TEST(DecimalTest, MinusZeroIsZero) {
  for (const char* text : {"-0", "-0.0", "-000.000000000000", "-0.0000000000000"}) {
    EXPECT_TRUE(Parsed(text).IsZero()) << text;
    EXPECT_FALSE(Parsed(text).IsNegative()) << text;
    EXPECT_EQ(Parsed(text).ToString(), "0");
  }
}

TEST(DecimalTest, ReadsUpToTheBoundAndNoFurther) {
  EXPECT_EQ(Parsed("999999999999999.999999999999"), Decimal::Max());
  EXPECT_EQ(Parsed("-999999999999999.999999999999"), -Decimal::Max());
  EXPECT_FALSE(Decimal::Parse("1000000000000000").ok());
  EXPECT_FALSE(Decimal::Parse("-1000000000000000").ok());
  EXPECT_FALSE(Decimal::Parse(std::string(100, '9')).ok());
}

TEST(DecimalTest, RefusesWhatIsNoPlainDecimal) {
  for (const std::string text : {"",
                                 "-",
                                 "+1",
                                 "1.",
                                 ".5",
                                 "-.5",
                                 ".",
                                 "1e3",
                                 "1E3",
                                 "1e308",
                                 "NaN",
                                 "inf",
                                 "Infinity",
                                 " 1",
                                 "1 ",
                                 "1\n",
                                 "1,5",
                                 "1.2.3",
                                 "--1",
                                 "-+1",
                                 "0x10",
                                 "1_000",
                                 "1'000",
                                 "½",
                                 "\xd9\xa1",
                                 "1.0000000000001",
                                 "0.0000000000001"}) {
    const absl::StatusOr<Decimal> value = Decimal::Parse(text);
    EXPECT_EQ(value.status().code(), absl::StatusCode::kInvalidArgument) << text;
  }
  EXPECT_FALSE(Decimal::Parse(std::string_view("1\0", 2)).ok());
  EXPECT_FALSE(Decimal::Parse(std::string_view("\0", 1)).ok());
}

TEST(DecimalTest, ErrorRepeatsHostileTextShortAndEscaped) {
  const std::string message(Decimal::Parse(std::string(1'000'000, '\xff')).status().message());
  EXPECT_LT(message.size(), 400u);
  EXPECT_TRUE(std::ranges::all_of(message, [](char c) { return c >= ' ' && c <= '~'; })) << message;
}

TEST(DecimalTest, WritesTheShortestText) {
  EXPECT_EQ(Parsed("12.500").ToString(), "12.5");
  EXPECT_EQ(Parsed("100").ToString(), "100");
  EXPECT_EQ(Parsed("-0.10").ToString(), "-0.1");
  EXPECT_EQ(Decimal::FromUnits(1).ToString(), "0.000000000001");
  EXPECT_EQ(Decimal::Max().ToString(), "999999999999999.999999999999");
  EXPECT_EQ(Decimal::FromUnits(absl::Int128Max()).ToString(),
            "170141183460469231731687303.715884105727");
  EXPECT_EQ(Decimal::FromUnits(absl::Int128Min()).ToString(),
            "-170141183460469231731687303.715884105728");
}

TEST(DecimalTest, ShiftedTextKeepsAllDigits) {
  EXPECT_EQ(Parsed("0.00025").ToStringShifted(2), "0.0000025");
  EXPECT_EQ(Parsed("0.000000000001").ToStringShifted(4), "0.0000000000000001");
  EXPECT_EQ(Parsed("-150").ToStringShifted(2), "-1.5");
  EXPECT_EQ(Parsed("7").ToStringShifted(0), "7");
}

TEST(DecimalTest, AddsExactlyWhereBinaryFractionsDoNot) {
  EXPECT_EQ(Parsed("0.1") + Parsed("0.2"), Parsed("0.3"));
  Decimal sum;
  for (int i = 0; i < 1000; ++i) sum += Parsed("0.001");
  EXPECT_EQ(sum, Decimal::FromInteger(1));
  sum -= Parsed("1.5");
  EXPECT_EQ(sum, Parsed("-0.5"));
}

TEST(DecimalTest, IsOrderedBySize) {
  EXPECT_LT(Parsed("-1"), Parsed("-0.5"));
  EXPECT_LT(Parsed("9.99"), Parsed("10"));
  EXPECT_EQ(std::max(Parsed("2"), Parsed("10")), Parsed("10"));
  EXPECT_EQ(absl::HashOf(Parsed("1.0")), absl::HashOf(Parsed("1")));
  EXPECT_NE(absl::HashOf(Parsed("1")), absl::HashOf(Parsed("2")));
}

TEST(DecimalTest, TextRoundTrips) {
  Random random;
  for (int i = 0; i < 20'000; ++i) {
    const Decimal magnitude = random.Positive(27);
    const Decimal value = random.OneIn(2) ? magnitude : -magnitude;
    ASSERT_EQ(Parsed(value.ToString()), value);
  }
}

TEST(DecimalTest, BoundsAreThoseOfTheDesign) {
  EXPECT_EQ(kQuantityMax.ToString(), "1000000000000");
  EXPECT_EQ(kTotalMax.ToString(), "999999999999999.999999999999");
  EXPECT_EQ(kPriceMax.ToString(), "999999999999.999999999999");
}

TEST(DecimalDeathTest, SumOutOfRangeAborts) {
  const Decimal largest = Decimal::FromUnits(absl::Int128Max());
  const Decimal least = Decimal::FromUnits(absl::Int128Min());
  EXPECT_DEATH(largest + Decimal::FromUnits(1), "sum out of range");
  EXPECT_DEATH(least + Decimal::FromUnits(-1), "sum out of range");
  EXPECT_DEATH(least - Decimal::FromUnits(1), "difference out of range");
  EXPECT_DEATH(largest - Decimal::FromUnits(-1), "difference out of range");
  EXPECT_DEATH(-least, "difference out of range");
  EXPECT_EQ(largest + Decimal::FromUnits(0), largest);
  EXPECT_EQ(-largest - Decimal::FromUnits(1), least);
}

}  // namespace
}  // namespace owo::rating
