// A batch is checked in order, with the same results as its events one by one.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <vector>

#include "tests/support/ledger.h"

namespace owo::ledger {
namespace {

using enum TrackCode;
using ::testing::ElementsAre;

std::vector<TrackCode> Codes(const std::vector<TrackResult>& results) {
  std::vector<TrackCode> codes;
  for (const TrackResult& result : results) codes.push_back(result.code);
  return codes;
}

CatalogSpec BatchCatalog() {
  return CatalogOf(PlanOf("pro", {Blocking("seats", "10"), PerUnit("calls", "5", "10")}));
}

TEST(BatchTest, EarlierEventsCountForLaterOnes) {
  TestLedger ledger(BatchCatalog());
  ledger.AddCustomer("ada", "pro");
  const auto results = Must(ledger.Track(
      {EventOf("ada", "seats", "6"), EventOf("ada", "seats", "5"), EventOf("ada", "seats", "4"),
       EventOf("ada", "seats", "1"), EventOf("ada", "calls", "5"), EventOf("ada", "calls", "1")}));
  EXPECT_THAT(Codes(results), ElementsAre(kTracked, kLimitExceeded, kTracked, kLimitExceeded,
                                          kTracked, kTrackedOverage));
  EXPECT_EQ(results[2].period->usage, D("10"));
  EXPECT_EQ(results[3].period->usage, D("10"));
}

TEST(BatchTest, OneBadEventFailsNoOther) {
  TestLedger ledger(BatchCatalog());
  ledger.AddCustomer("ada", "pro");
  Must(ledger.Create({.id = "bob"}));
  const auto results = Must(ledger.Track(
      {EventOf("ada", "calls", "1", "first"), EventOf("nobody", "calls", "1"),
       EventOf("ada", "no-such", "1"), EventOf("bob", "calls", "1"),
       EventOf("ada", "calls", "1", "", "2027-01-01T00:00:00Z"), EventOf("ada", "calls", "-1"),
       EventOf("ada", "calls", "2", "first"), EventOf("ada", "calls", "1")}));
  EXPECT_THAT(Codes(results), ElementsAre(kTracked, kRejected, kRejected, kNoActiveSubscription,
                                          kRejected, kRejected, kRejected, kTracked));
  EXPECT_THAT(results[1].error, RefusedAs(Reason::kCustomerNotFound));
  EXPECT_THAT(results[2].error, RefusedAs(Reason::kFeatureNotFound));
  EXPECT_THAT(results[4].error, RefusedAs(Reason::kEventInFuture));
  EXPECT_THAT(results[5].error, RefusedAs(Reason::kQuantityOutOfRange));
  EXPECT_THAT(results[6].error, RefusedAs(Reason::kEventIdReused));
  EXPECT_EQ(results[7].period->usage, D("2"));
}

TEST(BatchTest, AnEventTwiceInOneBatchCountsOnce) {
  TestLedger ledger(BatchCatalog());
  ledger.AddCustomer("ada", "pro");
  const auto results =
      Must(ledger.Track({EventOf("ada", "calls", "3", "e"), EventOf("ada", "calls", "3", "e"),
                         EventOf("ada", "calls", "3.0", "e")}));
  EXPECT_FALSE(results[0].duplicate);
  EXPECT_TRUE(results[1].duplicate && results[1].recorded);
  EXPECT_TRUE(results[2].duplicate);
  EXPECT_EQ(results[2].period->usage, D("3"));
}

TEST(BatchTest, TheWholeBatchAgainCountsNothing) {
  TestLedger ledger(BatchCatalog());
  ledger.AddCustomer("ada", "pro");
  std::vector<UsageEvent> events;
  for (int i = 0; i < 1000; ++i) {
    events.push_back(EventOf("ada", "calls", "1", "event " + std::to_string(i)));
  }
  for (const TrackResult& result : Must(ledger.Track(events))) EXPECT_FALSE(result.duplicate);
  for (const TrackResult& result : Must(ledger.Track(events))) EXPECT_TRUE(result.duplicate);
  EXPECT_EQ(ledger.Unbilled("ada"), 995 * 10);
}

TEST(BatchTest, CustomersAreNamedByEmailToo) {
  TestLedger ledger(BatchCatalog());
  Must(ledger.Create({.id = "ada", .email = "Ada@Example.com"}));
  ledger.MoveTo("ada", "pro");
  const auto results =
      Must(ledger.Track({EventOf("ada@example.COM", "calls", "1"), EventOf("ada", "calls", "1")}));
  EXPECT_EQ(results[1].period->usage, D("2"));
}

// The plan changes in the middle of a month, so that the limit of "seats" is shared by two
// counters; "daily" has one.
class LimitCheckBatchTest : public ::testing::Test {
 protected:
  LimitCheckBatchTest() {
    ledger_.SetNow("2026-11-05T00:00:00Z");
    ledger_.AddCustomer("ada", "a");
    ledger_.SetNow("2026-11-15T00:00:00Z");
    ledger_.MoveTo("ada", "b");
  }
  static std::vector<PlanFeatureSpec> Features() {
    return {Blocking("seats", "10"), Resetting(Blocking("daily", "100"), rating::Interval::kDay)};
  }

  TestLedger ledger_{CatalogOf({PlanOf("a", Features()), PlanOf("b", Features())})};
};

TEST_F(LimitCheckBatchTest, EarlierEventsCountForLaterOnes) {
  const auto results = Must(ledger_.Track(
      {EventOf("ada", "seats", "4", "", "2026-11-06T00:00:00Z"), EventOf("ada", "seats", "7"),
       EventOf("ada", "seats", "6"), EventOf("ada", "seats", "1")}));
  EXPECT_THAT(Codes(results), ElementsAre(kTracked, kLimitExceeded, kTracked, kLimitExceeded));
}

TEST_F(LimitCheckBatchTest, ARepeatInFrontDoesNotChangeTheOrder) {
  ASSERT_EQ(ledger_.TrackOne(EventOf("ada", "seats", "5", "known")).code, kTracked);
  const auto results =
      Must(ledger_.Track({EventOf("ada", "seats", "5", "known"), EventOf("ada", "seats", "5"),
                          EventOf("ada", "daily", "1"), EventOf("ada", "seats", "1")}));
  EXPECT_TRUE(results[0].duplicate);
  EXPECT_THAT(Codes(results), ElementsAre(kTracked, kTracked, kTracked, kLimitExceeded));
}

TEST_F(LimitCheckBatchTest, TheWholeBatchAgainCountsNothing) {
  std::vector<UsageEvent> events;
  for (int i = 0; i < 1000; ++i) {
    events.push_back(EventOf("ada", "seats", "0.01", "event " + std::to_string(i)));
  }
  for (const TrackResult& result : Must(ledger_.Track(events))) EXPECT_FALSE(result.duplicate);
  events.push_back(EventOf("ada", "seats", "0.01"));
  const auto again = Must(ledger_.Track(events));
  for (int i = 0; i < 1000; ++i) EXPECT_TRUE(again[i].duplicate);
  EXPECT_EQ(again[1000].code, kLimitExceeded);
  EXPECT_EQ(again[1000].period->usage, D("10"));
}

// Events that an earlier round of a batch counted are reported as counted even if a later round
// fails: a caller that repeated the whole batch without its own ids would count them twice.
TEST(BatchTest, WhatFailsLaterTakesNothingBack) {
  TestLedger ledger(BatchCatalog());
  ledger.AddCustomer("ada", "pro");
  ledger.AddCustomer("bob", "pro");
  Must(ledger.Update("ada", {.spend_cap = 1000}));
  ledger.store().BeforeNextTrack([&ledger] {
    Must(ledger.Update("ada", {.spend_cap = 900}));  // ada's event must be checked again
    ledger.store().RefuseTrackAfter(1, absl::ResourceExhaustedError("too many writes"));
  });
  const auto results =
      Must(ledger.Track({EventOf("bob", "calls", "1"), EventOf("ada", "calls", "1")}));
  EXPECT_THAT(Codes(results), ElementsAre(kTracked, kRejected));
  EXPECT_TRUE(absl::IsResourceExhausted(results[1].error)) << results[1].error;
  EXPECT_EQ(ledger.History("bob").rows.at(0).counter.events, 1);
  EXPECT_THAT(ledger.History("ada").rows, testing::IsEmpty());
}

TEST(BatchTest, WhatFailsAtOnceFailsTheCall) {
  TestLedger ledger(BatchCatalog());
  ledger.AddCustomer("ada", "pro");
  ledger.store().RefuseTrackAfter(0, absl::ResourceExhaustedError("too many writes"));
  const auto results = ledger.Track({EventOf("ada", "calls", "1"), EventOf("ada", "calls", "1")});
  EXPECT_TRUE(absl::IsResourceExhausted(results.status())) << results.status();
}

}  // namespace
}  // namespace owo::ledger
