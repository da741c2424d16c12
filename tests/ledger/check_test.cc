// Check answers as Track would, and counts nothing.

#include <gtest/gtest.h>

#include "tests/support/ledger.h"
#include "tests/support/random.h"

namespace owo::ledger {
namespace {

using rating::Interval;

class CheckTest : public ::testing::Test {
 protected:
  // Expects Check to fail for the reason for which Track rejects the event, or to answer as Track
  // does.
  void ExpectAgreement(const UsageEvent& event) {
    const absl::StatusOr<TrackResult> check = ledger_.Check(event);
    const TrackResult track = ledger_.TrackOne(event);
    if (!check.ok()) {
      EXPECT_EQ(track.code, TrackCode::kRejected);
      EXPECT_EQ(RefusalOf(check.status()).reason, RefusalOf(track.error).reason);
      return;
    }
    EXPECT_EQ(check->code, track.code);
    EXPECT_FALSE(check->recorded || check->duplicate);
    ASSERT_EQ(check->period == nullptr, track.period == nullptr);
    if (track.period == nullptr) return;
    const rating::Decimal added = track.recorded ? event.quantity : rating::Decimal();
    EXPECT_EQ(check->period->usage + added, track.period->usage);
    EXPECT_EQ(check->period->included, track.period->included);
    EXPECT_EQ(check->period->limit, track.period->limit);
    EXPECT_EQ(check->period->resets_at, track.period->resets_at);
  }

  TestLedger ledger_{
      CatalogOf(
          {PlanOf("pro",
                  {Blocking("seats", "10"), AtMostOver(PerUnit("calls", "5", "10"), "9"),
                   Resetting(Blocking("daily", "4"), Interval::kDay), UsageBased("bytes", "3")}),
           PlanOf("max", {Blocking("seats", "25"), PerUnit("calls", "8", "20")})}),
      {.allow_negative_quantities = true}};
};

TEST_F(CheckTest, CountsNothing) {
  ledger_.AddCustomer("ada", "pro");
  for (int i = 0; i < 20; ++i) {
    EXPECT_TRUE(Must(ledger_.Check(EventOf("ada", "seats", "10"))).allowed());
  }
  EXPECT_TRUE(ledger_.History("ada").rows.empty());
  EXPECT_EQ(ledger_.OpenCounters("ada"), 0);
}

TEST_F(CheckTest, SaysWhyAnEventWouldBeRefused) {
  ledger_.AddCustomer("ada", "pro");
  Must(ledger_.Create({.id = "bob"}));
  EXPECT_THAT(ledger_.Check(EventOf("nobody", "seats", "1")), RefusedAs(Reason::kCustomerNotFound));
  EXPECT_THAT(ledger_.Check(EventOf("ada", "no-such", "1")), RefusedAs(Reason::kFeatureNotFound));
  EXPECT_THAT(ledger_.Check(EventOf("ada", "seats", "1", "", "2026-12-15T00:00:00Z")),
              RefusedAs(Reason::kEventInFuture));
  EXPECT_THAT(ledger_.Check(EventOf("ada", "seats", "-1")), RefusedAs(Reason::kQuantityOutOfRange));
  EXPECT_EQ(Must(ledger_.Check(EventOf("bob", "seats", "1"))).code,
            TrackCode::kNoActiveSubscription);
}

TEST_F(CheckTest, AgreesWithTrackWhateverHappened) {
  Random random;
  Must(ledger_.Create({.id = "ada"}));
  Must(ledger_.Create({.id = "bob", .spend_cap = 150}));
  const char* const customers[] = {"ada", "bob"};
  const char* const features[] = {"seats", "calls", "daily", "bytes", "no-such"};
  for (const char* const customer : customers) ledger_.MoveTo(customer, "pro");
  for (int i = 0; i < 600; ++i) {
    const char* const customer = customers[random.Between(0, 1)];
    UsageEvent event =
        EventOf(customer, features[random.Between(0, 4)], std::to_string(random.Between(-2, 5)));
    event.time = ledger_.now() - random.Between(-1, 6) * int64_t{3'600'000'000};
    ExpectAgreement(event);
    if (random.OneIn(10)) ledger_.Advance(absl::Hours(random.Between(0, 60)));
    if (random.OneIn(40)) ledger_.MoveTo(customer, random.OneIn(2) ? "pro" : "max");
  }
}

}  // namespace
}  // namespace owo::ledger
