#include "service/rating/rate.h"

#include <optional>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace owo::rating {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

Decimal D(std::string_view text) { return Decimal::Parse(text).value(); }

int64_t CostOf(const Price& price, std::string_view billable) {
  return Cost(price, D(billable)).value();
}

Price PerUnit(std::string_view unit_price) { return {.unit_price = D(unit_price)}; }

Price Package(std::string_view unit_price, std::string_view billing_units) {
  return {.model = RatingModel::kPackage,
          .unit_price = D(unit_price),
          .billing_units = D(billing_units)};
}

Price UnitTiers(RatingModel model) {
  return {.model = model,
          .tiers = {{.up_to = D("30"), .unit_price = D("100")}, {.unit_price = D("50")}}};
}

Price FlatTiers(RatingModel model) {
  return {.model = model,
          .tiers = {{.up_to = D("30"), .flat_fee = D("1000")}, {.flat_fee = D("5000")}}};
}

TEST(CostTest, ThirtyOneUnitsOverTiersOfThirty) {
  EXPECT_EQ(CostOf(UnitTiers(RatingModel::kGraduated), "31"), 3050);
  EXPECT_EQ(CostOf(UnitTiers(RatingModel::kVolume), "31"), 1550);
  EXPECT_EQ(CostOf(FlatTiers(RatingModel::kGraduated), "31"), 6000);
  EXPECT_EQ(CostOf(FlatTiers(RatingModel::kVolume), "31"), 5000);
}

TEST(CostTest, TierBoundsAreInclusive) {
  EXPECT_EQ(CostOf(FlatTiers(RatingModel::kGraduated), "30"), 1000);
  EXPECT_EQ(CostOf(FlatTiers(RatingModel::kVolume), "30"), 1000);
  EXPECT_EQ(CostOf(FlatTiers(RatingModel::kGraduated), "30.000000000001"), 6000);
  EXPECT_EQ(CostOf(FlatTiers(RatingModel::kVolume), "30.000000000001"), 5000);
}

TEST(CostTest, NothingCostsNothing) {
  for (const Price& price : {PerUnit("7"), Package("7", "10"), FlatTiers(RatingModel::kGraduated),
                             FlatTiers(RatingModel::kVolume)}) {
    EXPECT_EQ(CostOf(price, "0"), 0);
  }
}

TEST(CostTest, StartedPackagesArePaidWhole) {
  const Price price = Package("500", "1000");
  EXPECT_EQ(CostOf(price, "0.000000000001"), 500);
  EXPECT_EQ(CostOf(price, "1000"), 500);
  EXPECT_EQ(CostOf(price, "1000.000000000001"), 1000);
  EXPECT_EQ(CostOf(Package("3", "0.1"), "0.3"), 9);
}

TEST(CostTest, RoundsOnceHalfAwayFromZero) {
  EXPECT_EQ(CostOf(PerUnit("0.5"), "1"), 1);
  EXPECT_EQ(CostOf(PerUnit("0.5"), "3"), 2);
  EXPECT_EQ(CostOf(PerUnit("0.499999999999"), "1"), 0);
  // Two tiers of 0.4 sum to 0.8: rounding each tier would give 0.
  const Price tiers{.model = RatingModel::kGraduated,
                    .tiers = {{.up_to = D("1"), .unit_price = D("0.4")}, {.unit_price = D("0.4")}}};
  EXPECT_EQ(CostOf(tiers, "2"), 1);
  // The product has 24 decimal places, and the last one decides.
  EXPECT_EQ(CostOf(PerUnit("0.500000000001"), "0.999999999998"), 0);
  EXPECT_EQ(CostOf(PerUnit("0.500000000001"), "0.999999999999"), 1);
}

TEST(CostTest, TokensAtFractionsOfACent) {
  EXPECT_EQ(CostOf(PerUnit("0.00025"), "21360000"), 5340);
  const Price tiers{
      .model = RatingModel::kGraduated,
      .tiers = {{.up_to = D("1000000"), .unit_price = D("0.001")}, {.unit_price = D("0.0008")}}};
  EXPECT_EQ(CostOf(tiers, "1000000"), 1000);
  EXPECT_EQ(CostOf(tiers, "3988750"), 3391);
}

TEST(CostTest, BeyondTheBoundIsAnError) {
  const Price price = PerUnit("1000");
  EXPECT_EQ(CostOf(price, "100000000000000"), kCostMax);
  EXPECT_EQ(CostOf(price, "100000000000000.000499999999"), kCostMax);
  EXPECT_EQ(Cost(price, D("100000000000000.0005")).status().code(), absl::StatusCode::kOutOfRange);
  EXPECT_EQ(Cost({.unit_price = kPriceMax}, kTotalMax).status().code(),
            absl::StatusCode::kOutOfRange);
  EXPECT_EQ(Cost({.model = RatingModel::kPackage,
                  .unit_price = kPriceMax,
                  .billing_units = Decimal::FromUnits(1)},
                 kTotalMax)
                .status()
                .code(),
            absl::StatusCode::kOutOfRange);
}

TEST(BillableMaxTest, IsTheLastQuantityWithinTheBound) {
  EXPECT_EQ(BillableMax(PerUnit("0")), kTotalMax);
  EXPECT_EQ(BillableMax(PerUnit("100")), kTotalMax);
  EXPECT_EQ(BillableMax(PerUnit("1000")), D("100000000000000.000499999999"));
  EXPECT_EQ(BillableMax(Package("0", "7")), kTotalMax);
  EXPECT_EQ(BillableMax(Package("1000", "0.5")), D("50000000000000"));
  EXPECT_EQ(BillableMax(Package("100", "5")), kTotalMax);
}

TEST(BillableMaxTest, CheapEndOfAVolumePriceDoesNotHideItsDearMiddle) {
  const Price price{.model = RatingModel::kVolume,
                    .tiers = {{.up_to = D("10"), .unit_price = D("1")},
                              {.up_to = D("900000000000000"), .unit_price = D("100000000000")},
                              {.unit_price = D("0.001")}}};
  EXPECT_EQ(BillableMax(price), D("1000000.000000000004"));
  EXPECT_TRUE(Cost(price, kTotalMax).ok());
}

TEST(BillableMaxTest, TierWhoseFirstUnitIsTooDearIsNotEntered) {
  const Price volume{.model = RatingModel::kVolume,
                     .tiers = {{.up_to = D("900000000000000")}, {.unit_price = kPriceMax}}};
  EXPECT_EQ(BillableMax(volume), D("900000000000000"));
  const Price graduated{
      .model = RatingModel::kGraduated,
      .tiers = {{.up_to = D("100000000000000"), .unit_price = D("1000")}, {.flat_fee = D("1")}}};
  EXPECT_EQ(BillableMax(graduated), D("100000000000000"));
}

TEST(BreakdownTest, GraduatedFillsTierByTier) {
  const Price price = FlatTiers(RatingModel::kGraduated);
  EXPECT_THAT(Breakdown(price, D("0")), IsEmpty());
  EXPECT_THAT(Breakdown(price, D("30")), ElementsAre(TierShare{0, D("30"), 1}));
  EXPECT_THAT(Breakdown(price, D("30.5")),
              ElementsAre(TierShare{0, D("30"), 1}, TierShare{1, D("0.5"), 1}));
}

TEST(BreakdownTest, VolumeHasOnlyTheTierReached) {
  const Price price = FlatTiers(RatingModel::kVolume);
  EXPECT_THAT(Breakdown(price, D("0")), IsEmpty());
  EXPECT_THAT(Breakdown(price, D("30")), ElementsAre(TierShare{0, D("30"), 1}));
  EXPECT_THAT(Breakdown(price, D("31")), ElementsAre(TierShare{1, D("31"), 1}));
}

TEST(BreakdownTest, ModelsWithoutTiersHaveNone) {
  EXPECT_THAT(Breakdown(PerUnit("1"), D("5")), IsEmpty());
  EXPECT_THAT(Breakdown(Package("1", "2"), D("5")), IsEmpty());
}

TEST(TierAmountTest, IsUnitsAndFees) {
  const Tier tier{.unit_price = D("0.25"), .flat_fee = D("1000.5")};
  EXPECT_EQ(TierAmount(tier, D("10"), 1), D("1003"));
  EXPECT_EQ(TierAmount(tier, D("10"), 0), D("2.5"));
  EXPECT_EQ(TierAmount(tier, D("-10"), -1), D("-1003"));
  EXPECT_EQ(TierAmount({.unit_price = D("0.000001")}, D("0.0000005"), 0).units(), 1);
  EXPECT_EQ(TierAmount({.unit_price = D("0.000001")}, D("-0.0000005"), 0).units(), -1);
  EXPECT_EQ(TierAmount({.unit_price = D("1000")}, D("100000000000000"), 0),
            Decimal::FromInteger(kCostMax));
}

// Returns the unit price of a line with these tiers.
std::optional<Decimal> PriceOf(const Price& price, const std::vector<TierShare>& shares) {
  Decimal quantity;
  for (const TierShare& share : shares) quantity += share.quantity;
  return UnitPrice(price, quantity, shares);
}

TEST(UnitPriceTest, OfPricesWithoutTiersIsThatOfOneUnit) {
  EXPECT_EQ(UnitPrice(PerUnit("0.25"), D("6"), {}), D("0.25"));
  EXPECT_EQ(UnitPrice(PerUnit("0.25"), D("-6"), {}), D("0.25"));
  EXPECT_EQ(UnitPrice(Package("500", "1000"), D("1500"), {}), D("0.5"));
  EXPECT_EQ(UnitPrice(Package("1", "3"), D("1"), {}), D("0.333333333333"));
  EXPECT_EQ(UnitPrice(Package("2", "3"), D("1"), {}), D("0.666666666667"));
}

TEST(UnitPriceTest, IsAbsentWithoutUnits) {
  EXPECT_EQ(UnitPrice(PerUnit("0.25"), D("0"), {}), std::nullopt);
  EXPECT_EQ(UnitPrice(Package("500", "1000"), D("0"), {}), std::nullopt);
  const Price price = UnitTiers(RatingModel::kGraduated);
  EXPECT_EQ(PriceOf(price, {}), std::nullopt);
  EXPECT_EQ(PriceOf(price, {{0, D("5"), 1}, {1, D("-5"), -1}}), std::nullopt);
}

TEST(UnitPriceTest, IsThePriceThatAllUnitsHave) {
  for (const RatingModel model : {RatingModel::kGraduated, RatingModel::kVolume}) {
    const Price price = UnitTiers(model);
    EXPECT_EQ(PriceOf(price, {{0, D("30"), 1}}), D("100"));
    EXPECT_EQ(PriceOf(price, {{0, D("-4"), 0}}), D("100"));
    EXPECT_EQ(PriceOf(price, {{1, D("1"), 1}}), D("50"));
  }
}

TEST(UnitPriceTest, AFlatFeeIsNotThePriceOfAUnit) {
  const Price price{.model = RatingModel::kGraduated,
                    .tiers = {{.up_to = D("30"), .unit_price = D("2"), .flat_fee = D("7")},
                              {.unit_price = D("3"), .flat_fee = D("9")}}};
  EXPECT_EQ(PriceOf(price, {{0, D("5"), 1}}), D("2"));
  // A credited fee, without units of its tier.
  EXPECT_EQ(PriceOf(price, {{0, D("5"), 0}, {1, D("0"), -1}}), D("2"));
}

TEST(UnitPriceTest, TiersOfOnePriceAreOnePrice) {
  const Price price{.model = RatingModel::kGraduated,
                    .tiers = {{.up_to = D("30"), .unit_price = D("2"), .flat_fee = D("7")},
                              {.up_to = D("60"), .unit_price = D("2")},
                              {.unit_price = D("3")}}};
  EXPECT_EQ(PriceOf(price, {{0, D("30"), 1}, {1, D("30"), 1}}), D("2"));
  EXPECT_EQ(PriceOf(price, {{0, D("30"), 1}, {1, D("30"), 1}, {2, D("40"), 1}}), D("2.47"));
}

TEST(UnitPriceTest, IsElseTheAverageOfUnitsAndFees) {
  const Price price = UnitTiers(RatingModel::kVolume);
  EXPECT_EQ(PriceOf(price, {{0, D("30"), 1}, {1, D("1"), 1}}), D("98.387096774194"));
  // 31 units at 50 replace 30 at 100, and the reverse.
  EXPECT_EQ(PriceOf(price, {{0, D("-30"), -1}, {1, D("31"), 1}}), D("-1450"));
  EXPECT_EQ(PriceOf(price, {{0, D("30"), 1}, {1, D("-31"), -1}}), D("-1450"));
  const Price fees{.model = RatingModel::kGraduated,
                   .tiers = {{.up_to = D("10"), .unit_price = D("3"), .flat_fee = D("7")},
                             {.unit_price = D("1.5")}}};
  EXPECT_EQ(PriceOf(fees, {{0, D("10"), 1}, {1, D("10"), 1}}), D("2.6"));
}

// Neither the tiers' amounts nor the line's are rounded before the average.
TEST(UnitPriceTest, TheAverageIsRoundedOnce) {
  const Price small{
      .model = RatingModel::kGraduated,
      .tiers = {{.up_to = D("1"), .unit_price = D("0.000001")}, {.unit_price = D("0.000003")}}};
  EXPECT_EQ(PriceOf(small, {{0, D("1"), 1}, {1, D("1"), 1}}), D("0.000002"));
  const Price tiny{
      .model = RatingModel::kGraduated,
      .tiers = {{.up_to = D("1"), .unit_price = D("0.000000000001")}, {.unit_price = D("0")}}};
  // 0.25 and 0.5 units of 10^-12.
  EXPECT_EQ(PriceOf(tiny, {{0, D("0.25"), 1}, {1, D("0.75"), 1}}), D("0"));
  EXPECT_EQ(PriceOf(tiny, {{0, D("0.25"), 1}, {1, D("0.25"), 1}}), D("0.000000000001"));
  EXPECT_EQ(PriceOf(tiny, {{0, D("-0.25"), -1}, {1, D("0.75"), 1}}), D("-0.000000000001"));
}

TEST(UnitPriceTest, AnAverageStaysWithinADecimal) {
  const Price price{.model = RatingModel::kGraduated,
                    .tiers = {{.up_to = D("1"), .unit_price = D("1000000000")}, {}}};
  const auto of = [&](std::string_view dear, std::string_view free) {
    return PriceOf(price, {{0, D(dear), 0}, {1, D(free), 0}});
  };
  EXPECT_EQ(of("1", "-0.999999999999"), Decimal::Max());
  EXPECT_EQ(of("-1", "1.000000000001"), -Decimal::Max());
}

TEST(FreeUnitsTest, AllowanceIsGrantedOncePerPeriod) {
  // Included 100, used 5,000, upgrade to 10,000, used 10,000 more: 4,900 and 100 are billable.
  const std::vector<SegmentUsage> upgrade = {{.total = D("5000"), .included = D("100")},
                                             {.total = D("10000"), .included = D("10000")}};
  EXPECT_THAT(FreeUnits(upgrade), ElementsAre(D("100"), D("9900")));
  const std::vector<SegmentUsage> downgrade = {{.total = D("5000"), .included = D("10000")},
                                               {.total = D("5000"), .included = D("100")}};
  EXPECT_THAT(FreeUnits(downgrade), ElementsAre(D("5000"), D("0")));
}

TEST(FreeUnitsTest, UnlimitedIsFreeAndCountsAgainstNoOther) {
  const std::vector<SegmentUsage> segments = {{.total = D("5000")},
                                              {.total = D("150"), .included = D("100")}};
  EXPECT_THAT(FreeUnits(segments), ElementsAre(D("5000"), D("100")));
}

TEST(FreeUnitsTest, UsageBasedHasNone) {
  const std::vector<SegmentUsage> segments = {
      {.total = D("50"), .usage_based = true, .included = D("100")},
      {.total = D("50"), .usage_based = true},
      {.total = D("150"), .included = D("100")}};
  EXPECT_THAT(FreeUnits(segments), ElementsAre(D("0"), D("0"), D("100")));
  EXPECT_THAT(FreeUnits({}), IsEmpty());
}

TEST(FreeUnitsTest, AllowanceOfZeroIsNotUnlimited) {
  const std::vector<SegmentUsage> segments = {{.total = D("5"), .included = D("0")}};
  EXPECT_THAT(FreeUnits(segments), ElementsAre(D("0")));
}

TEST(RateDeathTest, QuantitiesOutOfBoundsAbort) {
  const Decimal above = kTotalMax + Decimal::FromUnits(1);
  EXPECT_DEATH((void)Cost(PerUnit("1"), D("-1")), "billable out of bounds");
  EXPECT_DEATH((void)Cost(PerUnit("1"), above), "billable out of bounds");
  EXPECT_DEATH(Breakdown(UnitTiers(RatingModel::kVolume), D("-1")), "billable out of bounds");
  const std::vector<SegmentUsage> negative = {{.total = D("-1")}};
  EXPECT_DEATH(FreeUnits(negative), "total must not be negative");
}

}  // namespace
}  // namespace owo::rating
