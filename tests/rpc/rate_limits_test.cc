#include "service/rpc/rate_limits.h"

#include <gtest/gtest.h>

#include <thread>
#include <vector>

namespace owo::rpc {
namespace {

constexpr absl::Duration kFirst = absl::Hours(1000);
constexpr storage::TenantId kAda{7};
constexpr storage::TenantId kBob{8};

// Takes one token at a time, and returns how many the bucket gave.
int TakeAll(TokenBucket& bucket, absl::Duration now) {
  int taken = 0;
  while (bucket.Take(1, now) == absl::ZeroDuration()) ++taken;
  return taken;
}

TEST(TokenBucketTest, HoldsOneSecondsWorthAndFillsWithTime) {
  TokenBucket bucket(10);
  EXPECT_EQ(TakeAll(bucket, kFirst), 10);
  EXPECT_EQ(TakeAll(bucket, kFirst + absl::Milliseconds(99)), 0);
  EXPECT_EQ(TakeAll(bucket, kFirst + absl::Milliseconds(350)), 3);
  EXPECT_EQ(TakeAll(bucket, kFirst + absl::Milliseconds(400)), 1);  // parts of a token are kept
  EXPECT_EQ(TakeAll(bucket, kFirst + absl::Hours(1)), 10);          // never more than full
}

TEST(TokenBucketTest, SaysWhenToTryAgainAndMeansIt) {
  TokenBucket bucket(10);
  EXPECT_EQ(bucket.Take(10, kFirst), absl::ZeroDuration());
  const absl::Duration wait = bucket.Take(1, kFirst);
  EXPECT_EQ(wait, absl::Milliseconds(100));
  EXPECT_GT(bucket.Take(1, kFirst + wait - absl::Nanoseconds(1)), absl::ZeroDuration());
  EXPECT_EQ(bucket.Take(1, kFirst + wait), absl::ZeroDuration());
}

TEST(TokenBucketTest, AnyChargeIsAdmittedByOneTokenAndPaidLater) {
  TokenBucket bucket(10);
  EXPECT_EQ(TakeAll(bucket, kFirst), 10);
  const absl::Duration later = kFirst + absl::Milliseconds(100);
  EXPECT_EQ(bucket.Take(1000, later), absl::ZeroDuration());
  // 999 tokens are owed, and one is needed.
  EXPECT_EQ(bucket.Take(1, later), absl::Seconds(100));
  EXPECT_EQ(bucket.Take(1, later + absl::Seconds(100)), absl::ZeroDuration());
}

TEST(TokenBucketTest, TakesEveryRate) {
  TokenBucket none(0);
  EXPECT_EQ(none.Take(1'000'000, kFirst), absl::ZeroDuration());
  EXPECT_EQ(none.Take(1, kFirst), absl::ZeroDuration());
  TokenBucket slow(1);
  EXPECT_EQ(slow.Take(1'000'000, kFirst), absl::ZeroDuration());
  EXPECT_EQ(slow.Take(1, kFirst), absl::Seconds(1'000'000));
  TokenBucket fast(kRateMax);
  for (int i = 0; i < 1000; ++i) EXPECT_EQ(fast.Take(1'000'000, kFirst), absl::ZeroDuration());
  EXPECT_EQ(fast.Take(1, kFirst), absl::Nanoseconds(1));
}

TEST(TokenBucketTest, GivesEachTokenToOneThread) {
  TokenBucket bucket(10'000);
  std::atomic<int> taken = 0;
  {
    std::vector<std::jthread> threads;
    for (int i = 0; i < 4; ++i) {
      threads.emplace_back([&] { taken += TakeAll(bucket, kFirst); });
    }
  }
  EXPECT_EQ(taken, 10'000);
}

TEST(RateLimitsTest, TenantsDoNotShareABucket) {
  RateLimits limits({.calls_per_second = 1, .events_per_second = 2});
  EXPECT_TRUE(limits.enabled());
  EXPECT_EQ(limits.ChargeCall(kAda, kFirst), absl::ZeroDuration());
  EXPECT_GT(limits.ChargeCall(kAda, kFirst), absl::ZeroDuration());
  EXPECT_EQ(limits.ChargeCall(kBob, kFirst), absl::ZeroDuration());
  // Calls and events are limited separately.
  EXPECT_EQ(limits.ChargeEvents(kAda, 2, kFirst), absl::ZeroDuration());
  EXPECT_EQ(limits.ChargeEvents(kAda, 1, kFirst), absl::Milliseconds(500));
}

TEST(RateLimitsTest, ATenantsOwnLimitReplacesTheDefault) {
  RateLimits limits({.calls_per_second = 1});
  limits.SetTenant(kAda, {.calls_per_second = 3, .events_per_second = 5});
  EXPECT_EQ(limits.CallsPerSecond(kAda), 3);
  EXPECT_EQ(limits.EventsPerSecond(kAda), 5);
  EXPECT_EQ(limits.CallsPerSecond(kBob), 1);
  EXPECT_EQ(limits.EventsPerSecond(kBob), 0);
  limits.SetTenant(kAda, {.calls_per_second = 0});  // none, and for events the default
  EXPECT_EQ(limits.CallsPerSecond(kAda), 0);
  EXPECT_EQ(limits.EventsPerSecond(kAda), 0);
  limits.SetTenant(kAda, {});
  EXPECT_EQ(limits.CallsPerSecond(kAda), 1);
}

TEST(RateLimitsTest, IsEnabledOnceSomebodyHasALimit) {
  RateLimits limits({});
  EXPECT_FALSE(limits.enabled());
  limits.SetTenant(kAda, {.calls_per_second = 0});
  EXPECT_FALSE(limits.enabled());
  limits.SetTenant(kAda, {.events_per_second = 1});
  EXPECT_TRUE(limits.enabled());
}

}  // namespace
}  // namespace owo::rpc
