// Properties of every price and every quantity, tested with random ones.

#include <algorithm>
#include <cstdint>
#include <map>
#include <numeric>
#include <optional>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "gtest/gtest.h"
#include "service/rating/rate.h"
#include "tests/rating/plain_number.h"
#include "tests/rating/random.h"

namespace owo::rating {
namespace {

constexpr int kPriceDigits = 24;  // below 10^12
constexpr int kTotalDigits = 27;  // below 10^15

Decimal RandomAmount(Random& random, int digits) {
  return random.OneIn(4) ? Decimal() : random.Positive(digits);
}

// `price_digits` and `bound_digits` limit the prices and the bounds of tiers.
Price RandomPrice(Random& random, int price_digits, int bound_digits) {
  Price price{.model = static_cast<RatingModel>(random.Between(0, 3))};
  if (!IsTiered(price.model)) {
    price.unit_price = RandomAmount(random, price_digits);
    if (price.model == RatingModel::kPackage) price.billing_units = random.Positive(bound_digits);
    return price;
  }
  std::vector<Decimal> bounds(static_cast<size_t>(random.Between(0, 5)));
  std::ranges::generate(bounds, [&] { return random.Positive(bound_digits); });
  std::ranges::sort(bounds);
  bounds.erase(std::unique(bounds.begin(), bounds.end()), bounds.end());
  price.tiers.resize(bounds.size() + 1);
  for (size_t i = 0; i < price.tiers.size(); ++i) {
    if (i < bounds.size()) price.tiers[i].up_to = bounds[i];
    price.tiers[i].unit_price = RandomAmount(random, price_digits);
    price.tiers[i].flat_fee = RandomAmount(random, price_digits);
  }
  return price;
}

PlainNumber Plain(Decimal value) {
  EXPECT_FALSE(value.IsNegative());
  const std::string text = value.ToString();
  const size_t point = std::min(text.find('.'), text.size());
  std::string digits = text.substr(0, point);
  std::string fraction = point < text.size() ? text.substr(point + 1) : "";
  fraction.resize(Decimal::kFractionDigits, '0');
  return PlainNumber(digits + fraction);
}

// C(b) by its definition, in decimal text arithmetic.
PlainNumber PlainCost(const Price& price, Decimal billable) {
  const PlainNumber one(absl::StrCat(Decimal::kUnitsPerOne));
  PlainNumber cost("0");
  PlainNumber lower("0");
  const PlainNumber b = Plain(billable);
  if (billable.IsZero()) return cost;
  if (price.model == RatingModel::kPerUnit) cost = b * Plain(price.unit_price);
  if (price.model == RatingModel::kPackage) {
    cost = b.DividedRoundingUp(Plain(price.billing_units)) * Plain(price.unit_price) * one;
  }
  for (const Tier& tier : price.tiers) {
    const bool ends_here = !tier.up_to || !(Plain(*tier.up_to) < b);
    const PlainNumber upper = ends_here ? b : Plain(*tier.up_to);
    const PlainNumber fee = Plain(tier.flat_fee) * one;
    if (price.model == RatingModel::kGraduated) {
      cost = cost + (upper - lower) * Plain(tier.unit_price) + fee;
    } else if (ends_here) {
      cost = b * Plain(tier.unit_price) + fee;
    }
    if (ends_here) break;
    lower = upper;
  }
  return cost.WithoutLastDigits(24);
}

// Returns a quantity at, next to, or anywhere around the bounds of the price.
Decimal RandomBillable(Random& random, const Price& price, int digits) {
  Decimal billable = random.Positive(digits);
  if (!price.tiers.empty() && random.OneIn(2)) {
    const auto i = random.Between(0, static_cast<int64_t>(price.tiers.size()) - 1);
    billable = price.tiers[static_cast<size_t>(i)].up_to.value_or(billable) +
               Decimal::FromUnits(random.Between(-1, 1));
  }
  return std::clamp(billable, Decimal(), kTotalMax);
}

TEST(RateLawTest, CostIsThatOfPlainReckoning) {
  Random random;
  int in_bounds = 0;
  for (int i = 0; i < 20'000; ++i) {
    const int digits = static_cast<int>(random.Between(12, kTotalDigits));
    const Price price = RandomPrice(random, std::min(digits, kPriceDigits), digits);
    ASSERT_FALSE(Validate(price).has_value());
    const Decimal billable = RandomBillable(random, price, digits);
    const PlainNumber expected = PlainCost(price, billable);
    const absl::StatusOr<int64_t> cost = Cost(price, billable);
    if (PlainNumber(absl::StrCat(kCostMax)) < expected) {
      ASSERT_EQ(cost.status().code(), absl::StatusCode::kOutOfRange);
    } else {
      ++in_bounds;
      ASSERT_TRUE(cost.ok()) << cost.status();
      ASSERT_EQ(absl::StrCat(*cost), expected.ToString())
          << InWords(price, *Currency::Parse("USD"), "") << " for " << billable;
    }
  }
  EXPECT_GT(in_bounds, 10'000);
}

// Covers a growing, sometimes shrinking, total step by step; each step charges the difference to
// what is already charged, as invoices do. The result must equal that of a single step.
TEST(RateLawTest, RatingOneUnitAtATimeEqualsRatingAtOnce) {
  Random random;
  for (int round = 0; round < 300; ++round) {
    const Price price = RandomPrice(random, 18, 14);
    Decimal total;
    Decimal covered;
    int64_t charged = 0;
    std::map<size_t, TierShare> shares;
    for (int step = 0; step < 100; ++step) {
      const Decimal change = random.OneIn(3) ? Decimal::FromInteger(1) : random.Positive(13);
      total = random.OneIn(5) ? total - change : total + change;
      total = std::clamp(total, Decimal(), BillableMax(price));
      charged += Cost(price, total).value() - Cost(price, covered).value();
      for (const TierShare& share : Breakdown(price, total)) {
        shares[share.tier].quantity += share.quantity;
        shares[share.tier].flat_fees += share.flat_fees;
      }
      for (const TierShare& share : Breakdown(price, covered)) {
        shares[share.tier].quantity -= share.quantity;
        shares[share.tier].flat_fees -= share.flat_fees;
      }
      covered = total;
    }
    ASSERT_EQ(absl::StrCat(charged), PlainCost(price, total).ToString());
    for (const TierShare& share : Breakdown(price, total)) {
      ASSERT_EQ(shares[share.tier].quantity, share.quantity);
      ASSERT_EQ(shares[share.tier].flat_fees, share.flat_fees);
      shares.erase(share.tier);
    }
    for (const auto& [tier, share] : shares) {
      ASSERT_TRUE(share.quantity.IsZero() && share.flat_fees == 0) << tier;
    }
  }
}

TEST(RateLawTest, TiersOfABreakdownAddUpToTheCost) {
  Random random;
  for (int i = 0; i < 5'000; ++i) {
    const Price price = RandomPrice(random, 20, 18);
    if (!IsTiered(price.model)) continue;
    const Decimal billable = RandomBillable(random, price, 18);
    Decimal amount;
    Decimal quantity;
    for (const TierShare& share : Breakdown(price, billable)) {
      ASSERT_EQ(share.flat_fees, 1);
      ASSERT_GT(share.quantity, Decimal());
      quantity += share.quantity;
      amount += TierAmount(price.tiers[share.tier], share.quantity, share.flat_fees);
    }
    ASSERT_EQ(quantity, billable);
    // Each of at most six amounts is off by at most half of 10^-12, the cost by at most half of 1.
    const Decimal difference = amount - Decimal::FromInteger(Cost(price, billable).value());
    const absl::int128 bound = Decimal::kUnitsPerOne / 2 + 3;
    ASSERT_LE(difference.units(), bound);
    ASSERT_GE(difference.units(), -bound);
  }
}

TEST(RateLawTest, EveryQuantityUpToBillableMaxIsWithinTheBoundAndTheNextIsNot) {
  Random random;
  int bounded_by_cost = 0;
  for (int i = 0; i < 10'000; ++i) {
    const Price price = RandomPrice(random, kPriceDigits, kTotalDigits);
    const Decimal max = BillableMax(price);
    ASSERT_GE(max, Decimal());
    ASSERT_LE(max, kTotalMax);
    ASSERT_TRUE(Cost(price, max).ok()) << max;
    for (int j = 0; j < 5; ++j) {
      ASSERT_TRUE(Cost(price, std::min(max, RandomBillable(random, price, kTotalDigits))).ok());
    }
    if (max == kTotalMax) continue;
    ++bounded_by_cost;
    ASSERT_FALSE(Cost(price, max + Decimal::FromUnits(1)).ok()) << max;
  }
  EXPECT_GT(bounded_by_cost, 1'000);
}

TEST(RateLawTest, CostNeverFallsAsUnitsAreAddedExceptForVolume) {
  Random random;
  for (int i = 0; i < 10'000; ++i) {
    const Price price = RandomPrice(random, 18, 18);
    if (price.model == RatingModel::kVolume) continue;
    const Decimal max = BillableMax(price);
    const Decimal less = std::min(max, RandomBillable(random, price, 18));
    const Decimal more = std::min(max, less + random.Positive(15));
    ASSERT_LE(Cost(price, less).value(), Cost(price, more).value());
  }
}

std::vector<SegmentUsage> RandomSegments(Random& random) {
  std::vector<SegmentUsage> segments(static_cast<size_t>(random.Between(1, 6)));
  for (SegmentUsage& segment : segments) {
    segment.total = RandomAmount(random, 16);
    segment.usage_based = random.OneIn(5);
    if (!random.OneIn(5)) segment.included = RandomAmount(random, 16);
  }
  return segments;
}

Decimal Sum(const std::vector<Decimal>& values) {
  return std::accumulate(values.begin(), values.end(), Decimal());
}

TEST(RateLawTest, FreeUnitsNeverExceedTheLargestAllowance) {
  Random random;
  for (int i = 0; i < 20'000; ++i) {
    const std::vector<SegmentUsage> segments = RandomSegments(random);
    const std::vector<Decimal> free = FreeUnits(segments);
    ASSERT_EQ(free.size(), segments.size());
    Decimal granted;
    Decimal largest;
    for (size_t k = 0; k < segments.size(); ++k) {
      ASSERT_GE(free[k], Decimal());
      ASSERT_LE(free[k], segments[k].total);
      if (segments[k].usage_based) {
        ASSERT_EQ(free[k], Decimal());
      } else if (!segments[k].included) {
        ASSERT_EQ(free[k], segments[k].total);
      } else {
        granted += free[k];
        largest = std::max(largest, *segments[k].included);
        ASSERT_LE(granted, largest);
        // Usage is not free only if the allowance in force was used up.
        ASSERT_TRUE(free[k] == segments[k].total || granted >= *segments[k].included);
      }
    }
  }
}

// Under one allowance, neither the division into segments nor their order matters.
TEST(RateLawTest, FreeUnitsOfOneAllowanceDoNotDependOnOrder) {
  Random random;
  for (int i = 0; i < 5'000; ++i) {
    std::vector<SegmentUsage> segments = RandomSegments(random);
    const Decimal included = RandomAmount(random, 16);
    SegmentUsage whole{.included = included};
    for (SegmentUsage& segment : segments) {
      segment.usage_based = false;
      segment.included = included;
      whole.total += segment.total;
    }
    const Decimal at_once = FreeUnits({&whole, 1})[0];
    ASSERT_EQ(Sum(FreeUnits(segments)), at_once);
    std::ranges::reverse(segments);
    ASSERT_EQ(Sum(FreeUnits(segments)), at_once);
  }
}

}  // namespace
}  // namespace owo::rating
