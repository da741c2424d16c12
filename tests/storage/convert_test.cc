#include "storage/convert.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/support/random.h"

namespace owo::storage {
namespace {

Quantity AnyQuantity(Random& random) {
  return {static_cast<absl::int128>(absl::MakeUint128(random.OfAnySize() >> 40, random.Word())) *
          (random.OneIn(2) ? 1 : -1)};
}

CounterKey AnyKey(Random& random) {
  return {.customer = CustomerNo{random.OfAnySize()},
          .feature = FeatureNo{static_cast<uint32_t>(random.OfAnySize())},
          .period = {static_cast<IntervalCode>(random.Between(1, 7)),
                     static_cast<int64_t>(random.OfAnySize()) * (random.OneIn(2) ? 1 : -1)},
          .segment = static_cast<uint32_t>(random.OfAnySize())};
}

Coverage AnyCoverage(Random& random) {
  Coverage coverage{.usage = AnyQuantity(random),
                    .free = AnyQuantity(random),
                    .billable = AnyQuantity(random),
                    .amount = static_cast<int64_t>(random.Word())};
  uint64_t at = 0;
  for (int64_t i = random.Between(0, 4); i > 0; --i) {
    const uint64_t first = at + static_cast<uint64_t>(random.Between(1, 1000));
    at = first + static_cast<uint64_t>(random.Between(1, 1000));
    coverage.ranges.push_back({first, at});
  }
  for (uint32_t tier = 0; tier < random.Between(0, 3); ++tier) {
    coverage.tiers.push_back({tier, AnyQuantity(random), random.Between(-2, 2)});
  }
  return coverage;
}

Counter AnyCounter(Random& random) {
  return {.key = AnyKey(random),
          .terms = {.plan = PlanNo{static_cast<uint32_t>(random.OfAnySize())},
                    .plan_version = static_cast<uint32_t>(random.OfAnySize()),
                    .subscription = static_cast<uint32_t>(random.OfAnySize()),
                    .period_start = static_cast<int64_t>(random.Word()),
                    .period_end = static_cast<int64_t>(random.Word())},
          .total = AnyQuantity(random),
          .events = random.OfAnySize(),
          .covered = AnyCoverage(random),
          .open = random.OneIn(2)};
}

TEST(ConvertTest, QuantitiesComeBack) {
  Random random;
  for (int i = 0; i < 10'000; ++i) {
    const Quantity quantity = AnyQuantity(random);
    const auto back = UnpackQuantity(PackQuantity(quantity));
    ASSERT_TRUE(back.ok()) << back.status();
    ASSERT_EQ(*back, quantity);
  }
}

TEST(ConvertTest, NoBytesAreNoQuantityAndOthersAreRefused) {
  EXPECT_EQ(*UnpackQuantity(""), Quantity{});
  EXPECT_TRUE(absl::IsDataLoss(UnpackQuantity("\x80").status()));
  EXPECT_TRUE(absl::IsDataLoss(UnpackQuantity(PackQuantity({7}) + "x").status()));
}

TEST(ConvertTest, CountersComeBack) {
  Random random;
  for (int i = 0; i < 2'000; ++i) {
    const Counter counter = AnyCounter(random);
    CounterRecord record;
    ASSERT_TRUE(record.ParseFromString(ToRecord(counter).SerializeAsString()));
    const auto back = FromRecord(counter.key, record);
    ASSERT_TRUE(back.ok()) << back.status();
    ASSERT_EQ(*back, counter);
  }
}

TEST(ConvertTest, KeysComeBack) {
  Random random;
  for (int i = 0; i < 2'000; ++i) {
    const CounterKey key = AnyKey(random);
    CounterKeyRecord record;
    ASSERT_TRUE(record.ParseFromString(ToRecord(key).SerializeAsString()));
    ASSERT_EQ(FromRecord(record), key);
  }
}

TEST(ConvertTest, WhatIsNotCoverageIsRefused) {
  CoverageRecord half;
  half.add_ranges(3);
  EXPECT_TRUE(absl::IsDataLoss(FromRecord(half).status()));
  CoverageRecord quantity;
  quantity.set_billable("\xff");
  EXPECT_TRUE(absl::IsDataLoss(FromRecord(quantity).status()));
  CoverageRecord tier;
  tier.add_tiers()->set_quantity("\xff");
  EXPECT_TRUE(absl::IsDataLoss(FromRecord(tier).status()));
  CounterRecord counter;
  counter.set_total("\xff");
  EXPECT_TRUE(absl::IsDataLoss(FromRecord(CounterKey{}, counter).status()));
}

// Otherwise a missing row would parse as a record of defaults.
TEST(ConvertTest, NoBytesAreNoRecord) {
  EXPECT_TRUE(absl::IsDataLoss(ParseRow<CounterRecord>("").status()));
  EXPECT_TRUE(absl::IsDataLoss(ParseRow<AccountRecord>("").status()));
}

}  // namespace
}  // namespace owo::storage
