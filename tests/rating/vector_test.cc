// All test vectors of rating: what is billable after the allowance, and what it costs.

#include <cstdint>
#include <iterator>
#include <ostream>
#include <string_view>
#include <vector>

#include "gtest/gtest.h"
#include "service/rating/price.h"
#include "service/rating/rate.h"

namespace owo::rating {
namespace {

struct TierTexts {
  std::string_view up_to;
  std::string_view unit_price;
  std::string_view flat_fee = "0";
};

struct Vector {
  std::string_view name;
  std::string_view included;
  RatingModel model;
  std::string_view unit_price;
  std::string_view billing_units;
  std::vector<TierTexts> tiers;
  std::string_view usage;
  std::string_view billable;
  int64_t cost;
};

void PrintTo(const Vector& vector, std::ostream* out) { *out << vector.name; }

using enum RatingModel;

#include "tests/rating/vectors.inc"

Price PriceOf(const Vector& vector) {
  Price price{.model = vector.model,
              .unit_price = Decimal::Parse(vector.unit_price).value(),
              .billing_units = Decimal::Parse(vector.billing_units).value()};
  for (const TierTexts& texts : vector.tiers) {
    Tier& tier = price.tiers.emplace_back();
    if (!texts.up_to.empty()) tier.up_to = Decimal::Parse(texts.up_to).value();
    tier.unit_price = Decimal::Parse(texts.unit_price).value();
    tier.flat_fee = Decimal::Parse(texts.flat_fee).value();
  }
  return price;
}

class VectorTest : public testing::TestWithParam<Vector> {};

TEST_P(VectorTest, BillableUnitsAndCostAreAsStated) {
  const Vector& vector = GetParam();
  const Price price = PriceOf(vector);
  ASSERT_FALSE(Validate(price).has_value());

  SegmentUsage segment{.total = Decimal::Parse(vector.usage).value(),
                       .usage_based = vector.included.empty()};
  if (!segment.usage_based) segment.included = Decimal::Parse(vector.included).value();
  const Decimal billable = segment.total - FreeUnits({&segment, 1})[0];
  EXPECT_EQ(billable, Decimal::Parse(vector.billable).value());
  EXPECT_LE(billable, BillableMax(price));
  EXPECT_EQ(Cost(price, billable).value(), vector.cost);
}

INSTANTIATE_TEST_SUITE_P(All, VectorTest, testing::ValuesIn(kVectors));

TEST(VectorsTest, AllAreThere) { EXPECT_EQ(std::size(kVectors), 91u); }

}  // namespace
}  // namespace owo::rating
