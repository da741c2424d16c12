// The English description of a plan in a sync's answer: everything that decides costs and limits.

#include <gtest/gtest.h>

#include <string>

#include "tests/support/ledger.h"

namespace owo::ledger {
namespace {

std::string Words(const PlanFeatureSpec& feature, const std::string& unit = "call") {
  return InWords(feature.terms, *rating::Currency::Parse("USD"), unit);
}

TEST(CatalogWordsTest, SayAllowanceThenPrice) {
  EXPECT_EQ(Words(PerUnit("f", "1000", "2")),
            "1,000 calls free each month, then 0.02 USD (2 minor units) per call");
  EXPECT_EQ(Words(PerUnit("f", "1", "2"), ""),
            "1 unit free each month, then 0.02 USD (2 minor units) per unit");
  EXPECT_EQ(Words(Package("f", "2.5", "1", "1000"), "GB"),
            "2.5 GB free each month, then 0.01 USD (1 minor unit) per started 1,000 GB");
}

TEST(CatalogWordsTest, SayTheBound) {
  EXPECT_EQ(Words(AtMostOver(PerUnit("f", "1000", "2"), "5000")),
            "1,000 calls free each month, then 0.02 USD (2 minor units) per call, "
            "at most 5,000 billable calls");
  EXPECT_EQ(Words(AtMostOver(UsageBased("f", "2"), "1")),
            "0.02 USD (2 minor units) per call, counted from zero each month, "
            "at most 1 billable call");
}

TEST(CatalogWordsTest, SayWhatIsBlockedAndWhatIsFree) {
  EXPECT_EQ(Words(Blocking("f", "5"), "seat"), "5 seats free each month, then blocked");
  EXPECT_EQ(Words(Blocking("f", "0"), "seat"), "0 seats free each month, then blocked");
  EXPECT_EQ(Words(Blocking("f", kUnlimited)), "unlimited and free");
  EXPECT_EQ(Words(PerUnit("f", kUnlimited, "2")), "unlimited and free");
}

TEST(CatalogWordsTest, SayTheReset) {
  using enum rating::Interval;
  EXPECT_EQ(Words(Resetting(Blocking("f", "5"), kHour)), "5 calls free each hour, then blocked");
  EXPECT_EQ(Words(Resetting(Blocking("f", "5"), kDay)), "5 calls free each day, then blocked");
  EXPECT_EQ(Words(Resetting(Blocking("f", "5"), kWeek)), "5 calls free each week, then blocked");
  EXPECT_EQ(Words(Resetting(Blocking("f", "5"), kQuarter)),
            "5 calls free each quarter, then blocked");
  EXPECT_EQ(Words(Resetting(PerUnit("f", "5", "2"), kYear)),
            "5 calls free each year, then 0.02 USD (2 minor units) per call");
  EXPECT_EQ(Words(Resetting(PerUnit("f", "5", "2"), kNever)),
            "5 calls free over the whole subscription, then 0.02 USD (2 minor units) per call");
  EXPECT_EQ(Words(Resetting(UsageBased("f", "2"), kNever)),
            "0.02 USD (2 minor units) per call, counted over the whole subscription");
}

TEST(CatalogWordsTest, SayEveryTier) {
  EXPECT_EQ(Words(AtMostOver(Graduated("f", "10", {"30: 100", ": 50 + 7"}), "90")),
            "10 calls free each month, then graduated, each tier prices the units inside it: "
            "up to 30, 1 USD (100 minor units) per call; "
            "above 30, 0.5 USD (50 minor units) per call plus 0.07 USD (7 minor units) once, "
            "at most 90 billable calls");
}

}  // namespace
}  // namespace owo::ledger
