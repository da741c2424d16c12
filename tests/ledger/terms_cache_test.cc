// What the terms cache keeps, and its bound in bytes.

#include <gtest/gtest.h>

#include <memory>
#include <utility>
#include <vector>

#include "service/ledger/catalog_cache.h"

namespace owo::ledger {
namespace {

VersionTermsPtr TermsWith(size_t tiers) {
  auto version = std::make_shared<VersionTerms>();
  auto terms = std::make_shared<Terms>();
  terms->price.tiers.resize(tiers);
  version->usage = std::make_shared<const std::vector<UsageTerms>>(1);
  version->features.push_back(std::move(terms));
  return version;
}

TermsCache::Key Version(uint32_t version) {
  return {storage::kDefaultTenant, storage::PlanNo{1}, version};
}

TEST(TermsCacheTest, WhatItCountsFollowsTheTiers) {
  constexpr size_t kTiers = 10'000;
  const size_t with = TermsWith(kTiers)->Bytes();
  const size_t without = TermsWith(0)->Bytes();
  EXPECT_EQ(with - without, kTiers * sizeof(rating::Tier));
  EXPECT_GT(without, sizeof(Terms) + sizeof(VersionTerms));
}

TEST(TermsCacheTest, KeepsTheVersionsUsedLastWithinItsBytes) {
  const size_t one = TermsWith(100)->Bytes();
  TermsCache cache(3 * one);
  for (uint32_t version = 1; version <= 3; ++version) {
    cache.Insert(Version(version), TermsWith(100));
  }
  EXPECT_EQ(cache.bytes(), 3 * one);
  EXPECT_NE(cache.Find(Version(1)), nullptr);  // now version 2 is the least recently used
  cache.Insert(Version(4), TermsWith(100));
  EXPECT_EQ(cache.bytes(), 3 * one);
  EXPECT_EQ(cache.Find(Version(2)), nullptr);
  for (const uint32_t kept : {1U, 3U, 4U}) EXPECT_NE(cache.Find(Version(kept)), nullptr) << kept;
}

TEST(TermsCacheTest, LeavesRoomToOthersButKeepsHalf) {
  const size_t one = TermsWith(100)->Bytes();
  TermsCache cache(4 * one);
  const auto fill = [&] {
    for (uint32_t version = 1; version <= 4; ++version) {
      cache.Insert(Version(version), TermsWith(100));
    }
  };
  fill();
  cache.Leave(one);
  EXPECT_EQ(cache.bytes(), 3 * one);
  cache.Leave(100 * one);
  EXPECT_EQ(cache.bytes(), 2 * one);
  fill();
  EXPECT_EQ(cache.bytes(), 2 * one);
}

TEST(TermsCacheTest, KeepsTheLastVersionHoweverLargeItIs) {
  TermsCache cache(0);
  cache.Insert(Version(1), TermsWith(10));
  EXPECT_NE(cache.Find(Version(1)), nullptr);
  cache.Insert(Version(2), TermsWith(1000));
  EXPECT_EQ(cache.Find(Version(1)), nullptr);
  EXPECT_NE(cache.Find(Version(2)), nullptr);
  EXPECT_EQ(cache.bytes(), TermsWith(1000)->Bytes());
}

TEST(TermsCacheTest, AVersionThatIsReadTwiceIsCountedOnce) {
  TermsCache cache(1 << 20);
  const VersionTermsPtr first = TermsWith(10);
  cache.Insert(Version(1), first);
  cache.Insert(Version(1), TermsWith(10));
  EXPECT_EQ(cache.Find(Version(1)), first);
  EXPECT_EQ(cache.bytes(), first->Bytes());
}

TEST(TermsCacheTest, TermsInUseOutliveTheirPlaceInTheCache) {
  TermsCache cache(0);
  cache.Insert(Version(1), TermsWith(10));
  const TermsPtr used = cache.Find(Version(1))->features.at(0);
  cache.Insert(Version(2), TermsWith(10));
  EXPECT_EQ(used->price.tiers.size(), 10);
  EXPECT_EQ(used.use_count(), 1);  // the other terms of the version were freed
}

}  // namespace
}  // namespace owo::ledger
