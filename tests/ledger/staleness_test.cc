// The catalog or a customer changes between the resolution of an event and its commit. The commit
// detects that.

#include <gtest/gtest.h>

#include <atomic>
#include <string>
#include <vector>

#include "tests/support/await.h"
#include "tests/support/ledger.h"
#include "tests/support/store.h"

namespace owo::ledger {
namespace {

CatalogSpec StalenessCatalog(std::string_view price) {
  CatalogSpec spec =
      CatalogOf({PlanOf("pro", {UsageBased("calls", price), Blocking("seats", "10")}),
                 PlanOf("max", {UsageBased("calls", "7")})});
  spec.at_once = true;
  return spec;
}

class StalenessTest : public ::testing::Test {
 protected:
  StalenessTest() {
    ledger_.AddCustomer("ada", "pro");
    ledger_.Use("ada", "seats", "0");  // loads ada into memory
    ledger_.Advance(absl::Hours(1));
  }

  TestLedger ledger_{StalenessCatalog("10")};
};

TEST_F(StalenessTest, AVersionInForceBeforeTheEventIsCountedPricesIt) {
  ledger_.store().BeforeNextTrack([this] { Must(ledger_.Sync(StalenessCatalog("20"))); });
  EXPECT_TRUE(ledger_.Use("ada", "calls", "1").recorded);
  EXPECT_EQ(ledger_.Unbilled("ada"), 20);
}

TEST_F(StalenessTest, AnUpgradeBeforeTheEventIsCountedTakesIt) {
  ledger_.store().BeforeNextTrack([this] { ledger_.MoveTo("ada", "max"); });
  EXPECT_TRUE(ledger_.Use("ada", "calls", "1").recorded);
  EXPECT_EQ(ledger_.Unbilled("ada"), 7);
  ledger_.store().BeforeNextTrack([this] { Must(ledger_.Cancel({.customer = "ada"})); });
  ledger_.Advance(absl::Hours(1));
  EXPECT_EQ(ledger_.Use("ada", "calls", "1").code, TrackCode::kNoActiveSubscription);
}

TEST_F(StalenessTest, ARenamedCustomerIsNotFoundByTheOldName) {
  ledger_.store().BeforeNextTrack([this] { Must(ledger_.Update("ada", {.id = "lovelace"})); });
  EXPECT_THAT(ledger_.Use("ada", "calls", "1").error, RefusedAs(Reason::kCustomerNotFound));
  EXPECT_EQ(ledger_.Unbilled("lovelace"), 0);
}

TEST_F(StalenessTest, ASpendCapSetBeforeTheEventIsCountedHolds) {
  ledger_.store().BeforeNextTrack([this] { Must(ledger_.Update("ada", {.spend_cap = 5})); });
  EXPECT_EQ(ledger_.Use("ada", "calls", "1").code, TrackCode::kLimitExceeded);
}

// Calls of one server take turns; a second server on the same store does not wait for them.
TEST_F(StalenessTest, UsageCountedBeforeTheEventIsCheckedIsSeenByTheCap) {
  Must(ledger_.Update("ada", {.spend_cap = 15}));
  Metering other(ledger_.parts());
  ledger_.store().BeforeNextTrack([&] {
    Must(Await<std::vector<TrackResult>>([&](auto done) {
      other.Track(ledger_.context(), {EventOf("ada", "calls", "1")}, TrackDetail::kAll,
                  std::move(done));
    }));
  });
  EXPECT_EQ(ledger_.Use("ada", "calls", "1").code, TrackCode::kLimitExceeded);
  EXPECT_EQ(ledger_.Unbilled("ada"), 10);
}

// A sync makes all events of the batch stale. They are resolved again and counted once; the event
// with an earlier time keeps the old price.
TEST_F(StalenessTest, ABatchIsResolvedAgainWhole) {
  ledger_.store().BeforeNextTrack([this] { Must(ledger_.Sync(StalenessCatalog("20"))); });
  const auto results =
      Must(ledger_.Track({EventOf("ada", "calls", "1", "a"), EventOf("ada", "calls", "1", "a"),
                          EventOf("ada", "calls", "1", "", "2026-11-15T12:30:00Z")}));
  EXPECT_TRUE(results[0].recorded && !results[0].duplicate);
  EXPECT_TRUE(results[1].duplicate);
  EXPECT_EQ(ledger_.Unbilled("ada"), 20 + 10);
}

// A feature takes effect, and its usage is counted, just before counters are read.
TEST_F(StalenessTest, UsageOfAFeatureThatIsNewIsListed) {
  const auto add = [this](std::string_view feature) {
    ledger_.Advance(absl::Hours(1));
    CatalogSpec spec = CatalogOf(PlanOf("pro", {UsageBased(feature, "3")}));
    spec.at_once = true;
    spec.allow_feature_removal = true;
    Must(ledger_.Sync(spec));
    ledger_.Use("ada", feature, "1");
  };
  ledger_.store().BeforeNextRead([&add] { add("bytes"); });
  const UsagePage usage = Must(ledger_.ListUsage({.customer = "ada", .limit = 1}));
  ASSERT_EQ(usage.rows.size(), 1);
  EXPECT_EQ(usage.rows[0].rated.cost, 3);

  ledger_.store().BeforeNextRead([&add] { add("words"); });
  const CustomerEventPage events = Must(ledger_.ListEvents({.customer = "ada", .limit = 1}));
  ASSERT_EQ(events.rows.size(), 1);
  EXPECT_EQ(events.rows[0].feature_slug, "words");

  ledger_.store().BeforeNextRead([&add] { add("calls"); });
  EXPECT_EQ(ledger_.Unbilled("ada"), 9);
}

// Many callers track while plans and prices change. Every event is counted once, in the segment of
// its time.
TEST_F(StalenessTest, EveryEventIsCountedOnceWhateverChangesMeanwhile) {
  std::atomic<int> counted = 0;
  std::atomic<int> tracking = 4;
  storage::InParallel(6, [&](int thread) {
    if (thread < 4) {
      for (int i = 0; i < 200; ++i) {
        ledger_.Advance(absl::Milliseconds(1));
        const std::string id = std::to_string(thread) + "-" + std::to_string(i);
        counted += ledger_.TrackOne(EventOf("ada", "calls", "1", id)).recorded ? 1 : 0;
      }
      --tracking;
    } else if (thread == 4) {
      for (int i = 0; tracking > 0 && i < 200; ++i) {
        Must(ledger_.Sync(StalenessCatalog(std::to_string(20 + i % 30))));
      }
    } else {
      for (int i = 0; tracking > 0 && i < 200; ++i) {
        ledger_.MoveTo("ada", i % 2 == 0 ? "max" : "pro");
      }
    }
  });
  EXPECT_EQ(counted, 800);
  uint64_t events = 0;
  storage::MinorUnits cost = 0;
  for (const UsageRow& row : ledger_.History("ada", "calls").rows) {
    events += row.counter.events;
    cost += row.rated.cost;
    EXPECT_EQ(row.counter.total, ToQuantity(rating::Decimal::FromInteger(row.counter.events)));
  }
  EXPECT_EQ(events, 800);
  EXPECT_EQ(ledger_.Unbilled("ada"), cost);
}

}  // namespace
}  // namespace owo::ledger
