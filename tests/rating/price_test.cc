#include "service/rating/price.h"

#include <optional>
#include <string>
#include <vector>

#include "gtest/gtest.h"
#include "service/rating/bounds.h"

namespace owo::rating {
namespace {

Decimal Number(std::string_view text) { return Decimal::Parse(text).value(); }

Price Graduated(std::vector<Tier> tiers) {
  return {.model = RatingModel::kGraduated, .tiers = std::move(tiers)};
}

// Returns the field that is wrong, or "".
std::string WrongField(const Price& price) {
  const std::optional<FieldError> error = Validate(price);
  if (!error) return "";
  EXPECT_NE(error->message, "");
  return error->field;
}

TEST(PriceTest, AcceptsEachModel) {
  EXPECT_EQ(WrongField({}), "");
  EXPECT_EQ(WrongField({.unit_price = Number("0.000000000001")}), "");
  EXPECT_EQ(WrongField({.unit_price = kPriceMax}), "");
  EXPECT_EQ(WrongField({.model = RatingModel::kPackage, .billing_units = Number("0.5")}), "");
  EXPECT_EQ(WrongField(Graduated({{.unit_price = Number("1")}})), "");
  EXPECT_EQ(WrongField(Graduated({{.up_to = Number("30")}, {.up_to = Number("30.5")}, {}})), "");
  EXPECT_EQ(WrongField({.model = RatingModel::kVolume, .tiers = {{.flat_fee = kPriceMax}}}), "");
}

TEST(PriceTest, PricesHaveBounds) {
  const Decimal above = kPriceMax + Decimal::FromUnits(1);
  EXPECT_EQ(WrongField({.unit_price = Number("-0.1")}), "unit_price");
  EXPECT_EQ(WrongField({.unit_price = above}), "unit_price");
  EXPECT_EQ(WrongField(Graduated({{.unit_price = Number("-1")}})), "tiers[0].unit_price");
  EXPECT_EQ(WrongField(Graduated({{.up_to = Number("1")}, {.unit_price = above}})),
            "tiers[1].unit_price");
  EXPECT_EQ(WrongField(Graduated({{.flat_fee = above}})), "tiers[0].flat_fee");
  EXPECT_EQ(WrongField(Graduated({{.flat_fee = Number("-1")}})), "tiers[0].flat_fee");
}

TEST(PriceTest, PackagesHaveAPositiveSizeAndOnlyThey) {
  const auto package = [](Decimal size) {
    return Price{.model = RatingModel::kPackage, .billing_units = size};
  };
  EXPECT_EQ(WrongField(package(Number("0"))), "billing_units");
  EXPECT_EQ(WrongField(package(Number("-1"))), "billing_units");
  EXPECT_EQ(WrongField(package(kTotalMax)), "");
  EXPECT_EQ(WrongField(package(kTotalMax + Number("1"))), "billing_units");
  EXPECT_EQ(WrongField({.unit_price = Number("1"), .billing_units = Number("100")}),
            "billing_units");
}

TEST(PriceTest, TiersAscendAndOnlyTheLastIsUnbounded) {
  EXPECT_EQ(WrongField(Graduated({{.up_to = Number("0")}, {}})), "tiers[0].up_to");
  EXPECT_EQ(WrongField(Graduated({{.up_to = Number("-5")}, {}})), "tiers[0].up_to");
  EXPECT_EQ(WrongField(Graduated({{.up_to = Number("30")}, {.up_to = Number("10")}, {}})),
            "tiers[1].up_to");
  EXPECT_EQ(WrongField(Graduated({{.up_to = Number("30")}, {.up_to = Number("30")}, {}})),
            "tiers[1].up_to");
  EXPECT_EQ(WrongField(Graduated({{.up_to = Number("30")}, {}, {}})), "tiers[1].up_to");
  EXPECT_EQ(WrongField(Graduated({{.up_to = Number("30")}, {.up_to = Number("100")}})),
            "tiers[1].up_to");
  EXPECT_EQ(WrongField(Graduated({{.up_to = kTotalMax + Number("1")}, {}})), "tiers[0].up_to");
}

TEST(PriceTest, ErrorGivesValueAndBound) {
  const std::optional<FieldError> error =
      Validate(Graduated({{.up_to = Number("30")}, {.up_to = Number("10.5")}, {}}));
  ASSERT_TRUE(error.has_value());
  EXPECT_NE(error->message.find("10.5"), std::string::npos) << error->message;
  EXPECT_NE(error->message.find("30"), std::string::npos) << error->message;
}

TEST(PriceTest, TiersAreOneToAHundred) {
  EXPECT_EQ(WrongField(Graduated({})), "tiers");
  std::vector<Tier> tiers;
  for (int64_t i = 1; i < 100; ++i) tiers.push_back({.up_to = Decimal::FromInteger(i)});
  tiers.emplace_back();
  EXPECT_EQ(WrongField(Graduated(tiers)), "");
  tiers.insert(tiers.begin(), {.up_to = Number("0.5")});
  EXPECT_EQ(WrongField(Graduated(tiers)), "tiers");
}

TEST(PriceTest, TiersAndUnitPriceExcludeEachOther) {
  EXPECT_EQ(WrongField({.unit_price = Number("1"), .tiers = {{}}}), "tiers");
  EXPECT_EQ(WrongField({.model = RatingModel::kPackage, .tiers = {{}}}), "tiers");
  EXPECT_EQ(WrongField({.model = RatingModel::kVolume, .unit_price = Number("1"), .tiers = {{}}}),
            "unit_price");
}

TEST(PriceTest, WordsGiveMinorUnitsAndTheCurrency) {
  const Currency usd = Currency::Parse("USD").value();
  EXPECT_EQ(InWords({.unit_price = Number("0.00025")}, usd, "token"),
            "0.0000025 USD (0.00025 minor units) per token");
  EXPECT_EQ(InWords({.unit_price = Number("3")}, Currency::Parse("JPY").value(), ""),
            "3 JPY (3 minor units) per unit");
  EXPECT_EQ(InWords({.model = RatingModel::kPackage,
                     .unit_price = Number("500"),
                     .billing_units = Number("1000")},
                    Currency::Parse("KWD").value(), "message"),
            "0.5 KWD (500 minor units) per started 1,000 messages");
}

TEST(PriceTest, WordsNameEveryTier) {
  const Currency usd = Currency::Parse("USD").value();
  EXPECT_EQ(InWords(Graduated({{.up_to = Number("30"), .unit_price = Number("100")},
                               {.up_to = Number("99.5"), .flat_fee = Number("5000")},
                               {.unit_price = Number("50")}}),
                    usd, "seat"),
            "graduated, each tier prices the units inside it: "
            "up to 30, 1 USD (100 minor units) per seat; "
            "above 30 up to 99.5, 0 USD (0 minor units) per seat plus 50 USD (5,000 minor units) "
            "once; "
            "above 99.5, 0.5 USD (50 minor units) per seat");
  EXPECT_EQ(
      InWords({.model = RatingModel::kVolume, .tiers = {{.unit_price = Number("2")}}}, usd, "call"),
      "volume, the tier reached prices all units: "
      "any quantity, 0.02 USD (2 minor units) per call");
}

TEST(PriceTest, DigitsAreGrouped) {
  const std::pair<const char*, const char*> cases[] = {
      {"0", "0"},
      {"999", "999"},
      {"1000", "1,000"},
      {"-1000", "-1,000"},
      {"-100", "-100"},
      {"1234567.0001", "1,234,567.0001"},
      {"999999999999999.000000000001", "999,999,999,999,999.000000000001"}};
  for (const auto& [number, text] : cases) EXPECT_EQ(Grouped(Number(number)), text);
}

TEST(PriceTest, UnitsAreNamedByTheirCount) {
  const std::pair<const char*, const char*> cases[] = {
      {"call", "calls"},    {"query", "queries"},     {"day", "days"},    {"batch", "batches"},
      {"class", "classes"}, {"box", "boxes"},         {"calls", "calls"}, {"GB", "GB"},
      {"kb", "kb"},         {"API call", "API calls"}};
  for (const auto& [one, many] : cases) {
    EXPECT_EQ(UnitsInWords(Number("1"), one), one);
    for (const char* const count : {"0", "0.5", "2", "1000"}) {
      EXPECT_EQ(UnitsInWords(Number(count), one), many);
    }
  }
}

}  // namespace
}  // namespace owo::rating
