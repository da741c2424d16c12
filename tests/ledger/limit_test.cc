// Limits hold exactly under concurrent calls. Usage that has already happened can be recorded
// regardless.

#include <gtest/gtest.h>

#include <atomic>

#include "tests/support/ledger.h"
#include "tests/support/store.h"

namespace owo::ledger {
namespace {

using rating::Interval;

CatalogSpec LimitCatalog() {
  return CatalogOf(PlanOf(
      "pro", {Blocking("seats", "10"), AtMostOver(PerUnit("calls", "5", "10"), "3"),
              Blocking("free", kUnlimited), Resetting(Blocking("daily", "2"), Interval::kDay)}));
}

// A limit of 10, and 40 callers with one call each.
TEST(LimitTest, BlockingLimitHoldsAgainstFortyCallers) {
  TestLedger ledger(LimitCatalog());
  ledger.AddCustomer("ada", "pro");
  std::atomic<int> allowed = 0;
  storage::InParallel(40, [&](int) {
    const TrackResult result = ledger.Use("ada", "seats", "1");
    if (result.allowed()) {
      EXPECT_TRUE(result.recorded);
      ++allowed;
    } else {
      EXPECT_EQ(result.code, TrackCode::kLimitExceeded);
      EXPECT_FALSE(result.recorded);
    }
  });
  EXPECT_EQ(allowed, 10);
  EXPECT_EQ(ToDecimal(ledger.History("ada").rows.at(0).counter.total), D("10"));
}

TEST(LimitTest, MaxOverageUnitsHoldAgainstFortyCallers) {
  TestLedger ledger(LimitCatalog());
  ledger.AddCustomer("ada", "pro");
  std::atomic<int> over = 0;
  std::atomic<int> within = 0;
  storage::InParallel(40, [&](int) {
    const TrackCode code = ledger.Use("ada", "calls", "1").code;
    over += code == TrackCode::kTrackedOverage ? 1 : 0;
    within += code == TrackCode::kTracked ? 1 : 0;
  });
  EXPECT_EQ(within, 5);
  EXPECT_EQ(over, 3);
  EXPECT_EQ(ledger.Unbilled("ada"), 30);
}

TEST(LimitTest, AnEventThatDoesNotFitIsRefusedWhole) {
  TestLedger ledger(LimitCatalog());
  ledger.AddCustomer("ada", "pro");
  ledger.Use("ada", "seats", "8");
  const TrackResult refused = ledger.Use("ada", "seats", "2.000000000001");
  EXPECT_EQ(refused.code, TrackCode::kLimitExceeded);
  EXPECT_EQ(refused.period->usage, D("8"));
  EXPECT_EQ(refused.period->limit, D("10"));
  EXPECT_EQ(refused.period->balance, D("2"));
  EXPECT_EQ(ledger.Use("ada", "seats", "2").code, TrackCode::kTracked);
}

TEST(LimitTest, TheAnswerDescribesThePeriod) {
  TestLedger ledger(LimitCatalog());
  ledger.AddCustomer("ada", "pro");
  const TrackResult result = ledger.Use("ada", "calls", "6");
  EXPECT_EQ(result.code, TrackCode::kTrackedOverage);
  EXPECT_EQ(result.period->usage, D("6"));
  EXPECT_EQ(result.period->included, D("5"));
  EXPECT_EQ(result.period->limit, D("8"));
  EXPECT_EQ(result.period->balance, D("0"));
  EXPECT_EQ(result.period->resets_at, At("2026-12-01T00:00:00Z"));
  const TrackResult free = ledger.Use("ada", "free", "1000000000000");
  EXPECT_EQ(free.code, TrackCode::kTracked);
  EXPECT_FALSE(free.period->included || free.period->limit || free.period->balance);
}

TEST(LimitTest, ADailyLimitStartsAnewEachDay) {
  TestLedger ledger(LimitCatalog());
  ledger.AddCustomer("ada", "pro");
  EXPECT_EQ(ledger.Use("ada", "daily", "2").code, TrackCode::kTracked);
  const TrackResult refused = ledger.Use("ada", "daily", "1");
  EXPECT_EQ(refused.code, TrackCode::kLimitExceeded);
  EXPECT_EQ(refused.period->resets_at, At("2026-11-16T00:00:00Z"));
  ledger.SetNow("2026-11-16T00:00:00Z");
  EXPECT_EQ(ledger.Use("ada", "daily", "1").code, TrackCode::kTracked);
  EXPECT_EQ(ledger.Use("ada", "daily", "1", "2026-11-15T23:59:59Z").code,
            TrackCode::kLimitExceeded);
}

TEST(LimitTest, RecordAlwaysRecordsWhatHasHappened) {
  TestLedger ledger(LimitCatalog());
  ledger.AddCustomer("ada", "pro");
  for (const char* const feature : {"seats", "calls"}) {
    UsageEvent event = EventOf("ada", feature, "50");
    event.record_always = true;
    EXPECT_TRUE(ledger.TrackOne(event).recorded);
    EXPECT_EQ(ledger.Use("ada", feature, "1").code, TrackCode::kLimitExceeded);
  }
  EXPECT_EQ(ledger.Unbilled("ada"), 45 * 10);
}

TEST(LimitTest, NothingMoreThanNothingAlwaysFits) {
  TestLedger ledger(LimitCatalog());
  ledger.AddCustomer("ada", "pro");
  ledger.Use("ada", "seats", "10");
  EXPECT_TRUE(ledger.Use("ada", "seats", "0").recorded);
}

TEST(NegativeQuantityTest, IsRefusedUnlessTheServerTakesIt) {
  TestLedger ledger(LimitCatalog());
  ledger.AddCustomer("ada", "pro");
  ledger.Use("ada", "calls", "5");
  const TrackResult refused = ledger.Use("ada", "calls", "-1");
  EXPECT_THAT(refused.error, RefusedAs(Reason::kQuantityOutOfRange));
  EXPECT_EQ(ValueIn(refused.error, "quantity"), "-1");
}

TEST(NegativeQuantityTest, GivesRoomAndMoneyBack) {
  TestLedger ledger(LimitCatalog(), {.allow_negative_quantities = true});
  ledger.AddCustomer("ada", "pro");
  ledger.Use("ada", "calls", "8");
  EXPECT_EQ(ledger.Use("ada", "calls", "1").code, TrackCode::kLimitExceeded);
  EXPECT_EQ(ledger.Use("ada", "calls", "-2").code, TrackCode::kTrackedOverage);
  EXPECT_EQ(ledger.Unbilled("ada"), 10);
  EXPECT_EQ(ledger.Use("ada", "calls", "-1").code, TrackCode::kTracked);
  EXPECT_EQ(ledger.Unbilled("ada"), 0);
}

TEST(NegativeQuantityTest, TakesBackNoMoreThanWasCounted) {
  TestLedger ledger(LimitCatalog(), {.allow_negative_quantities = true});
  ledger.AddCustomer("ada", "pro");
  ledger.Use("ada", "calls", "2");
  EXPECT_THAT(ledger.Use("ada", "calls", "-2.000000000001").error,
              RefusedAs(Reason::kQuantityOutOfRange));
  EXPECT_THAT(ledger.Use("ada", "seats", "-1").error, RefusedAs(Reason::kQuantityOutOfRange));
  EXPECT_EQ(ledger.Use("ada", "calls", "-2").period->usage, D("0"));
}

// A correction is accepted even beyond an exceeded limit.
TEST(NegativeQuantityTest, IsNotHeldAgainstALimit) {
  TestLedger ledger(LimitCatalog(), {.allow_negative_quantities = true});
  ledger.AddCustomer("ada", "pro");
  UsageEvent event = EventOf("ada", "seats", "50");
  event.record_always = true;
  ledger.TrackOne(event);
  EXPECT_EQ(ledger.Use("ada", "seats", "-1").period->usage, D("49"));
}

}  // namespace
}  // namespace owo::ledger
