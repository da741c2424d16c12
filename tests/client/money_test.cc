#include "client/cpp/money.h"

#include <gtest/gtest.h>

#include <limits>

namespace owo {
namespace {

TEST(FormatMoneyTest, HasTheDecimalPlacesOfTheCurrency) {
  EXPECT_EQ(FormatMoney(8731, "USD", 2), "USD 87.31");
  EXPECT_EQ(FormatMoney(8731, "JPY", 0), "JPY 8731");
  EXPECT_EQ(FormatMoney(8731, "KWD", 3), "KWD 8.731");
}

TEST(FormatMoneyTest, FillsUpWithZeros) {
  EXPECT_EQ(FormatMoney(0, "USD", 2), "USD 0.00");
  EXPECT_EQ(FormatMoney(5, "USD", 2), "USD 0.05");
  EXPECT_EQ(FormatMoney(50, "USD", 2), "USD 0.50");
  EXPECT_EQ(FormatMoney(50, "CLF", 4), "CLF 0.0050");
}

TEST(FormatMoneyTest, ShowsCredits) {
  EXPECT_EQ(FormatMoney(-5, "USD", 2), "USD -0.05");
  EXPECT_EQ(FormatMoney(-8731, "JPY", 0), "JPY -8731");
}

TEST(FormatMoneyTest, ReachesTheLimits) {
  EXPECT_EQ(FormatMoney(std::numeric_limits<int64_t>::max(), "USD", 2), "USD 92233720368547758.07");
  EXPECT_EQ(FormatMoney(std::numeric_limits<int64_t>::min(), "USD", 2),
            "USD -92233720368547758.08");
}

}  // namespace
}  // namespace owo
