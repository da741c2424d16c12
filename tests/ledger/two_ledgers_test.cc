// Two ledgers over one store, each with its own caches, as two servers have: what one changes and
// counts, the other answers with at once.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <functional>
#include <string>
#include <vector>

#include "tests/support/await.h"
#include "tests/support/ledger.h"
#include "tests/support/store.h"

namespace owo::ledger {
namespace {

constexpr size_t kHere = 0;
constexpr size_t kThere = 1;

PlanSpec Pro(std::string_view price, std::string_view seats) {
  return PlanOf("pro", {UsageBased("calls", price), Blocking("seats", seats)});
}

CatalogSpec AtOnce(PlanSpec plan) {
  CatalogSpec spec = CatalogOf(std::move(plan));
  spec.at_once = true;
  spec.allow_feature_removal = true;
  return spec;
}

// "ada" is on plan "pro". Both ledgers have ada and the catalog in memory.
class TwoLedgersTest : public ::testing::Test {
 protected:
  TwoLedgersTest() {
    ledger_.AddCustomer("ada", "pro");
    for (const size_t ledger : {kThere, kHere}) {
      ledger_.On(ledger);
      ledger_.Use("ada", "seats", "1");
      ledger_.Unbilled("ada");
    }
    ledger_.Advance(absl::Hours(1));
  }

  // Acts on the other ledger; then calls are made on this one again.
  void There(const std::function<void()>& act) {
    ledger_.On(kThere);
    act();
    ledger_.On(kHere);
  }
  // The other ledger changes the catalog.
  void SyncThere(CatalogSpec spec) {
    There([&] { Must(ledger_.Sync(std::move(spec))); });
  }

  TestLedger ledger_{CatalogOf({Pro("10", "10"), PlanOf("max", {UsageBased("calls", "7")}),
                                PlanOf("euro", {UsageBased("calls", "3")}, "EUR")})};
};

// ---- The catalog changes there.

TEST_F(TwoLedgersTest, UsageOfANewVersionIsRatedHere) {
  There([&] {
    Must(ledger_.Sync(AtOnce(Pro("20", "10"))));
    EXPECT_TRUE(ledger_.Use("ada", "calls", "1").recorded);
  });
  EXPECT_EQ(ledger_.Unbilled("ada"), 20);
}

TEST_F(TwoLedgersTest, UsageOfANewVersionIsListedHere) {
  There([&] {
    Must(ledger_.Sync(AtOnce(Pro("20", "10"))));
    EXPECT_TRUE(ledger_.Use("ada", "calls", "2").recorded);
  });
  const UsagePage page = ledger_.History("ada", "calls");
  ASSERT_EQ(page.rows.size(), 1);
  EXPECT_EQ(page.rows[0].rated.cost, 40);
}

TEST_F(TwoLedgersTest, UsageOfANewVersionIsInvoicedHere) {
  There([&] {
    Must(ledger_.Sync(AtOnce(Pro("20", "10"))));
    EXPECT_TRUE(ledger_.Use("ada", "calls", "3").recorded);
  });
  EXPECT_EQ(ledger_.Bill("ada").total(), 60);
}

TEST_F(TwoLedgersTest, UsageOfANewVersionCountsAgainstACapHere) {
  Must(ledger_.Update("ada", {.spend_cap = 50}));
  There([&] {
    Must(ledger_.Sync(AtOnce(Pro("20", "10"))));
    EXPECT_TRUE(ledger_.Use("ada", "calls", "2").recorded);
  });
  EXPECT_EQ(Must(ledger_.Check(EventOf("ada", "calls", "1"))).code, TrackCode::kLimitExceeded);
  EXPECT_EQ(ledger_.Use("ada", "calls", "1").code, TrackCode::kLimitExceeded);
}

TEST_F(TwoLedgersTest, ANewLimitHoldsHere) {
  SyncThere(AtOnce(Pro("10", "20")));
  const TrackResult check = Must(ledger_.Check(EventOf("ada", "seats", "15")));
  EXPECT_TRUE(check.allowed());
  EXPECT_EQ(check.period->limit, D("20"));
  const TrackResult counted = ledger_.Use("ada", "seats", "15");
  EXPECT_TRUE(counted.recorded);
  EXPECT_EQ(counted.period->limit, D("20"));
}

TEST_F(TwoLedgersTest, TermsThatAreAppliedAtOnceHoldHere) {
  CatalogSpec later = AtOnce(Pro("10", "20"));
  later.at_once = false;
  SyncThere(later);
  EXPECT_FALSE(Must(ledger_.Check(EventOf("ada", "seats", "15"))).allowed());
  SyncThere(AtOnce(Pro("10", "20")));
  EXPECT_TRUE(Must(ledger_.Check(EventOf("ada", "seats", "15"))).allowed());
}

TEST_F(TwoLedgersTest, AFeatureThatIsAddedIsKnownHere) {
  There([&] {
    Must(ledger_.Sync(AtOnce(PlanOf(
        "pro", {UsageBased("calls", "10"), Blocking("seats", "10"), UsageBased("b", "4")}))));
  });
  EXPECT_TRUE(Must(ledger_.Check(EventOf("ada", "b", "1"))).allowed());
  EXPECT_TRUE(ledger_.Use("ada", "b", "1").recorded);
  EXPECT_EQ(ledger_.History("ada", "b").rows.size(), 1);
  EXPECT_EQ(Must(ledger_.ListEvents({.customer = "ada", .feature = "b", .limit = 9})).rows.size(),
            1);
}

TEST_F(TwoLedgersTest, UsageOfAFeatureThatIsAddedIsListedHere) {
  There([&] {
    Must(ledger_.Sync(AtOnce(PlanOf("pro", {UsageBased("b", "4")}))));
    ledger_.Use("ada", "b", "1");
  });
  EXPECT_EQ(ledger_.History("ada").rows.size(), 2);
  EXPECT_EQ(Must(ledger_.ListEvents({.customer = "ada", .limit = 9})).rows.size(), 3);
  EXPECT_EQ(ledger_.Unbilled("ada"), 4);
}

TEST_F(TwoLedgersTest, AFeatureThatIsRemovedDoesNotCountHere) {
  SyncThere(AtOnce(PlanOf("pro", {UsageBased("calls", "10")})));
  EXPECT_EQ(Must(ledger_.Check(EventOf("ada", "seats", "1"))).code, TrackCode::kFeatureNotInPlan);
  EXPECT_EQ(ledger_.Use("ada", "seats", "1").code, TrackCode::kFeatureNotInPlan);
}

TEST_F(TwoLedgersTest, NamesThatChangeAreShownHere) {
  CatalogSpec renamed = CatalogOf(Pro("10", "10"));
  renamed.plans[0].name = "Professional";
  renamed.features[0].name = "API calls";
  SyncThere(renamed);
  const CallContext context = ledger_.context();
  Catalogs catalogs(ledger_.parts());
  const auto catalog = Must(catalogs.Get(context, storage::kReadAll));
  EXPECT_EQ(catalog->FindFeature("calls")->name, "API calls");
  const PlanView plan = Must(catalogs.GetPlan(context, storage::kReadAll, "pro", std::nullopt));
  EXPECT_EQ(plan.version->version, 2);
  EXPECT_EQ(plan.terms->name, "Professional");
  EXPECT_EQ(Must(catalogs.ListPlans(context, storage::kReadAll, {.limit = 9})).plans.size(), 3);
}

TEST_F(TwoLedgersTest, ASyncHereKnowsWhatWasSyncedThere) {
  SyncThere(CatalogOf(Pro("20", "10")));
  CatalogSpec same = CatalogOf(Pro("20", "10"));
  same.validate_only = true;
  const auto changes = Must(ledger_.Sync(same)).value;
  EXPECT_EQ(changes.back().action, CatalogAction::kUnchanged);
  EXPECT_EQ(changes.back().version, 2);
}

TEST_F(TwoLedgersTest, PlansOfTheOtherLedgerTakeSubscriptionsHere) {
  SyncThere(CatalogOf(PlanOf("new", {UsageBased("calls", "5")})));
  ledger_.MoveTo("ada", "new");
  ledger_.Use("ada", "calls", "1");
  EXPECT_EQ(ledger_.Unbilled("ada"), 5);
  CatalogSpec archived = CatalogOf(PlanOf("max", {UsageBased("calls", "7")}));
  archived.plans[0].archived = true;
  SyncThere(archived);
  EXPECT_THAT(ledger_.Subscribe({.customer = "ada", .plan = "max"}),
              RefusedAs(Reason::kPlanNotFound));
}

// ---- A customer changes there.

TEST_F(TwoLedgersTest, ACustomerMadeThereIsKnownHere) {
  EXPECT_THAT(ledger_.Usage("bob"), RefusedAs(Reason::kCustomerNotFound));
  There([&] { ledger_.AddCustomer("bob", "pro"); });
  EXPECT_EQ(ledger_.Unbilled("bob"), 0);
  EXPECT_TRUE(ledger_.Use("bob", "calls", "1").recorded);
}

TEST_F(TwoLedgersTest, ACustomerRenamedThereIsNotFoundByTheOldName) {
  There([&] { Must(ledger_.Update("ada", {.id = "lovelace"})); });
  const auto not_found = RefusedAs(Reason::kCustomerNotFound);
  EXPECT_THAT(ledger_.Get("ada"), not_found);
  EXPECT_THAT(ledger_.Usage("ada"), not_found);
  EXPECT_THAT(ledger_.Subscriptions("ada"), not_found);
  EXPECT_THAT(ledger_.ListUsage({.customer = "ada", .limit = 9}), not_found);
  EXPECT_THAT(ledger_.ListEvents({.customer = "ada", .limit = 9}), not_found);
  EXPECT_THAT(ledger_.ListInvoices({.customer = "ada", .limit = 9}), not_found);
  EXPECT_THAT(ledger_.Check(EventOf("ada", "calls", "1")), not_found);
  EXPECT_THAT(ledger_.Use("ada", "calls", "1").error, not_found);
  EXPECT_THAT(ledger_.Invoice({.customer = "ada"}), not_found);
  EXPECT_EQ(ledger_.History("lovelace").rows.size(), 1);
}

TEST_F(TwoLedgersTest, ANameThatAnotherCustomerTookThereIsThatCustomersHere) {
  There([&] {
    Must(ledger_.Update("ada", {.id = "lovelace"}));
    ledger_.AddCustomer("ada", "max");
    ledger_.TrackOne(EventOf("ada", "calls", "1", "e1"));
  });
  // The event was counted for the new one: here it is a repeat, not another event with its id.
  const TrackResult repeat = ledger_.TrackOne(EventOf("ada", "calls", "1", "e1"));
  EXPECT_TRUE(repeat.duplicate) << repeat.error;
  EXPECT_EQ(ledger_.Unbilled("ada"), 7);
  EXPECT_EQ(Must(ledger_.Subscriptions("ada")).at(0).plan, "max");
}

TEST_F(TwoLedgersTest, ASubscriptionMadeThereCountsHere) {
  Must(ledger_.Create({.id = "bob"}));
  EXPECT_EQ(ledger_.Use("bob", "calls", "1").code, TrackCode::kNoActiveSubscription);
  There([&] { ledger_.MoveTo("bob", "pro"); });
  EXPECT_TRUE(Must(ledger_.Check(EventOf("bob", "calls", "1"))).allowed());
  There([&] { ledger_.MoveTo("bob", "max"); });
  EXPECT_TRUE(ledger_.Use("bob", "calls", "1").recorded);
  EXPECT_EQ(ledger_.Unbilled("bob"), 7);
  EXPECT_EQ(Must(ledger_.Subscriptions("bob")).size(), 2);
}

TEST_F(TwoLedgersTest, ASubscriptionMadeThereCountsHereAtTheFirstEvent) {
  Must(ledger_.Create({.id = "bob"}));
  EXPECT_EQ(ledger_.Use("bob", "calls", "1").code, TrackCode::kNoActiveSubscription);
  There([&] { ledger_.MoveTo("bob", "pro"); });
  EXPECT_TRUE(ledger_.Use("bob", "calls", "1").recorded);
}

TEST_F(TwoLedgersTest, ACancelAndAResumeThereHoldHere) {
  There([&] { Must(ledger_.Cancel({.customer = "ada"})); });
  ledger_.Advance(absl::Seconds(1));
  EXPECT_EQ(Must(ledger_.Check(EventOf("ada", "calls", "1"))).code,
            TrackCode::kNoActiveSubscription);
  EXPECT_EQ(ledger_.Use("ada", "calls", "1").code, TrackCode::kNoActiveSubscription);
  EXPECT_EQ(Must(ledger_.Subscriptions("ada")).at(0).status, SubscriptionStatus::kEnded);

  ledger_.AddCustomer("bob", "pro");
  const storage::Micros end = ledger_.now() + 3600 * storage::kSecond;
  Must(ledger_.Cancel({.customer = "bob", .end = end}));
  ledger_.Use("bob", "calls", "1");
  There([&] { Must(ledger_.Resume({.customer = "bob"})); });
  EXPECT_EQ(Must(ledger_.Subscriptions("bob")).at(0).record.end_us(), storage::kForever);
  ledger_.Advance(absl::Hours(2));
  EXPECT_TRUE(ledger_.Use("bob", "calls", "1").recorded);
}

TEST_F(TwoLedgersTest, ACapSetThereHoldsHere) {
  There([&] { Must(ledger_.Update("ada", {.spend_cap = 15})); });
  EXPECT_EQ(Must(ledger_.Check(EventOf("ada", "calls", "2"))).code, TrackCode::kLimitExceeded);
  EXPECT_EQ(Must(ledger_.Get("ada")).contract.spend_cap(), 15);
  There([&] { Must(ledger_.Update("ada", {.spend_cap = std::optional<storage::MinorUnits>()})); });
  EXPECT_TRUE(Must(ledger_.Check(EventOf("ada", "calls", "2"))).allowed());
  There([&] { Must(ledger_.Update("ada", {.spend_cap = 15})); });
  EXPECT_EQ(ledger_.Use("ada", "calls", "2").code, TrackCode::kLimitExceeded);
}

TEST_F(TwoLedgersTest, TheCurrencyOfAPlanTakenThereIsShownHere) {
  Must(ledger_.Create({.id = "bob"}));
  EXPECT_EQ(Must(ledger_.Usage("bob")).currency.code(), "USD");
  There([&] {
    ledger_.MoveTo("bob", "euro");
    ledger_.Use("bob", "calls", "1");
  });
  EXPECT_EQ(Must(ledger_.Usage("bob")).currency.code(), "EUR");
  EXPECT_EQ(ledger_.Bill("bob").currency(), "EUR");
}

// ---- Invoices are made there.

TEST_F(TwoLedgersTest, WhatIsInvoicedThereIsNotUnbilledHere) {
  ledger_.Use("ada", "calls", "2");
  EXPECT_EQ(ledger_.Unbilled("ada"), 20);
  storage::InvoiceRecord invoice;
  There([&] { invoice = ledger_.Bill("ada"); });
  EXPECT_EQ(ledger_.Unbilled("ada"), 0);
  EXPECT_THAT(ledger_.Invoice({.customer = "ada"}), RefusedAs(Reason::kNoUnbilledUsage));
  EXPECT_EQ(Must(ledger_.GetInvoice(invoice.id())).record.total(), 20);
  There([&] { Must(ledger_.Void(invoice)); });
  EXPECT_EQ(ledger_.Unbilled("ada"), 20);
  EXPECT_EQ(ledger_.Bill("ada").sequence(), 2);
}

// ---- Things change there while a call runs here.

TEST_F(TwoLedgersTest, AChangeBeforeTheAccountIsReadIsInTheAnswer) {
  Must(ledger_.Create({.id = "bob"}));
  Must(ledger_.Usage("bob"));
  ledger_.store().BeforeNextRead([&] {
    There([&] {
      ledger_.MoveTo("bob", "euro");
      Must(ledger_.Sync(AtOnce(PlanOf("euro", {UsageBased("calls", "4")}, "EUR"))));
      ledger_.Use("bob", "calls", "1");
    });
  });
  const UsageAnswer usage = Must(ledger_.Usage("bob"));
  EXPECT_EQ(usage.currency.code(), "EUR");
  EXPECT_EQ(usage.statement.total, 4);
}

TEST_F(TwoLedgersTest, ANameTakenBeforeTheAccountIsReadIsInTheAnswer) {
  ledger_.store().BeforeNextRead([&] {
    There([&] {
      Must(ledger_.Update("ada", {.id = "lovelace"}));
      ledger_.AddCustomer("ada", "max");
      ledger_.Use("ada", "calls", "1");
    });
  });
  EXPECT_EQ(ledger_.Unbilled("ada"), 7);
}

TEST_F(TwoLedgersTest, ALimitRaisedBeforeTheAccountIsReadIsInTheAnswer) {
  ledger_.store().BeforeNextRead([&] {
    There([&] {
      Must(ledger_.Sync(AtOnce(Pro("10", "20"))));
      EXPECT_TRUE(ledger_.Use("ada", "seats", "15").recorded);
    });
  });
  const TrackResult check = Must(ledger_.Check(EventOf("ada", "seats", "1")));
  EXPECT_TRUE(check.allowed());
  EXPECT_EQ(check.period->limit, D("20"));
}

TEST_F(TwoLedgersTest, ARepeatShowsTheLimitInForce) {
  EXPECT_TRUE(ledger_.TrackOne(EventOf("ada", "seats", "1", "e1")).recorded);
  SyncThere(AtOnce(Pro("10", "20")));
  ledger_.Advance(absl::Seconds(1));
  const TrackResult repeat = ledger_.TrackOne(EventOf("ada", "seats", "1", "e1"));
  EXPECT_TRUE(repeat.duplicate);
  EXPECT_EQ(repeat.period->limit, D("20"));
}

// ---- Batches. A command names one generation of the catalog: the oldest of its events.

// Features and prices change there, and a customer is made.
class TwoLedgersBatchTest : public TwoLedgersTest {
 protected:
  TwoLedgersBatchTest() {
    ledger_.AddCustomer("capped", "pro");
    Must(ledger_.Update("capped", {.spend_cap = 50}));
    Must(ledger_.Create({.id = "idle"}));
    // Here has all of them in memory.
    EXPECT_TRUE(ledger_.Use("capped", "calls", "1").recorded);
    EXPECT_EQ(ledger_.Use("idle", "calls", "1").code, TrackCode::kNoActiveSubscription);
    EXPECT_EQ(ledger_.Use("ada", "added", "1").code, TrackCode::kRejected);
    ledger_.Advance(absl::Hours(1));
  }
  void ChangeThere() {
    There([&] {
      Must(ledger_.Sync(AtOnce(PlanOf(
          "pro", {UsageBased("calls", "20"), Blocking("seats", "10"), UsageBased("added", "4")}))));
      ledger_.AddCustomer("new", "pro");
      ledger_.MoveTo("idle", "max");
    });
    ledger_.Advance(absl::Seconds(1));
  }
};

TEST_F(TwoLedgersBatchTest, RefusalsOnAnOlderCatalogAreDecidedAgain) {
  ChangeThere();
  const size_t commands = ledger_.store().tracks();
  // "new" is read, and with it the newer catalog: the customers before it are of the older one.
  const std::vector<TrackResult> results = Must(ledger_.Track(
      {EventOf("ada", "added", "1"), EventOf("idle", "calls", "1"), EventOf("ada", "seats", "11"),
       EventOf("new", "added", "1"), EventOf("ada", "missing", "1")}));
  EXPECT_TRUE(results[0].recorded) << results[0].error;
  EXPECT_TRUE(results[1].recorded) << results[1].error;
  EXPECT_EQ(results[2].code, TrackCode::kLimitExceeded);
  EXPECT_TRUE(results[3].recorded) << results[3].error;
  EXPECT_EQ(results[4].code, TrackCode::kRejected);
  EXPECT_EQ(ledger_.store().tracks() - commands, 2);  // the first one was stale as a whole
  EXPECT_EQ(ledger_.Unbilled("ada"), 4);
  EXPECT_EQ(ledger_.Unbilled("idle"), 7);
  EXPECT_EQ(ledger_.Unbilled("new"), 4);
}

TEST_F(TwoLedgersBatchTest, ACapIsCheckedByThePricesOfTheNewerCatalog) {
  ChangeThere();
  const std::vector<TrackResult> results =
      Must(ledger_.Track({EventOf("capped", "calls", "3"), EventOf("capped", "calls", "1"),
                          EventOf("idle", "calls", "1"), EventOf("new", "calls", "1")}));
  EXPECT_EQ(results[0].code, TrackCode::kLimitExceeded);
  EXPECT_TRUE(results[1].recorded) << results[1].error;
  EXPECT_TRUE(results[2].recorded) << results[2].error;
  EXPECT_TRUE(results[3].recorded) << results[3].error;
  EXPECT_EQ(ledger_.Unbilled("capped"), 30);
}

TEST_F(TwoLedgersBatchTest, AChangeBeforeTheCommitIsInEveryDecision) {
  ledger_.store().BeforeNextTrack([&] { ChangeThere(); });
  const std::vector<TrackResult> results =
      Must(ledger_.Track({EventOf("ada", "added", "1"), EventOf("capped", "calls", "3"),
                          EventOf("capped", "calls", "1"), EventOf("idle", "calls", "1")}));
  EXPECT_TRUE(results[0].recorded) << results[0].error;
  EXPECT_EQ(results[1].code, TrackCode::kLimitExceeded);
  EXPECT_TRUE(results[2].recorded) << results[2].error;
  EXPECT_TRUE(results[3].recorded) << results[3].error;
  EXPECT_EQ(ledger_.Unbilled("ada"), 4);
  EXPECT_EQ(ledger_.Unbilled("capped"), 30);
  EXPECT_EQ(ledger_.Unbilled("idle"), 7);
}

// ---- Ada changes there before each attempt.

TEST_F(TwoLedgersTest, AReadThatMeetsAChangeAtEachAttemptIsContention) {
  int changes = 0;
  ledger_.store().BeforeEveryRead(
      [&] { There([&] { Must(ledger_.Update("ada", {.spend_cap = 1000 + ++changes})); }); });
  EXPECT_THAT(ledger_.Usage("ada"), RefusedAs(Reason::kContention));
  EXPECT_EQ(changes, kAttemptsMax);
  changes = 0;
  EXPECT_THAT(ledger_.Check(EventOf("ada", "calls", "1")), RefusedAs(Reason::kContention));
  EXPECT_EQ(changes, kAttemptsMax);
  ledger_.store().BeforeEveryRead(nullptr);
  EXPECT_EQ(ledger_.Unbilled("ada"), 0);
  EXPECT_TRUE(Must(ledger_.Check(EventOf("ada", "calls", "1"))).allowed());
}

TEST_F(TwoLedgersTest, ARepeatThatMeetsAChangeAtEachAttemptIsContention) {
  const UsageEvent event = EventOf("ada", "calls", "1", "e1");
  EXPECT_TRUE(ledger_.TrackOne(event).recorded);
  int changes = 0;
  ledger_.store().BeforeEveryTrack([&] {
    There([&] { Must(ledger_.Update("ada", {.email = std::to_string(++changes) + "@b.de"})); });
  });
  EXPECT_THAT(ledger_.Track({event}), RefusedAs(Reason::kContention));
  ledger_.store().BeforeEveryTrack(nullptr);
  EXPECT_TRUE(ledger_.TrackOne(event).duplicate);
  EXPECT_EQ(ledger_.Unbilled("ada"), 10);
}

// Everything at once, on both: no call fails, and every unit that was counted is billed once.
TEST_F(TwoLedgersTest, NoCallFailsWhateverTheOtherDoesMeanwhile) {
  Metering here(ledger_.parts());
  ledger_.On(kThere + 1);  // does nothing but read
  Metering metering(ledger_.parts());
  Billing billing(ledger_.parts());
  ledger_.On(kThere);
  std::atomic<int> counted = 0;
  std::atomic<int> tracking = 2;
  storage::InParallel(5, [&](int thread) {
    for (int i = 0; thread < 2 && i < 150; ++i) {
      ledger_.Advance(absl::Milliseconds(1));
      const auto results = Must(Await<std::vector<TrackResult>>([&](auto done) {
        here.Track(ledger_.context(), {EventOf("ada", "calls", "1")}, TrackDetail::kAll,
                   std::move(done));
      }));
      EXPECT_TRUE(results[0].recorded) << results[0].error;
      ++counted;
    }
    if (thread < 2) --tracking;
    for (int i = 0; thread >= 2 && tracking > 0 && i < 150; ++i) {
      if (thread == 2) {
        Must(ledger_.Sync(AtOnce(Pro(std::to_string(20 + i % 30), "10"))));
        ledger_.MoveTo("ada", i % 2 == 0 ? "max" : "pro");
      } else if (thread == 3) {
        const CallContext context = ledger_.context();
        Must(billing.Usage(context, storage::kReadAll, "ada"));
        Must(metering.Check(context, storage::kReadAll, EventOf("ada", "calls", "1")));
        Must(metering.ListUsage(context, storage::kReadAll,
                                {.customer = "ada", .limit = kWholePage}));
      } else {
        const auto invoice = ledger_.Invoice({.customer = "ada"});
        if (!invoice.ok()) {
          EXPECT_THAT(invoice, RefusedAs(Reason::kNoUnbilledUsage));
        }
      }
    }
  });
  if (ledger_.Unbilled("ada") > 0) ledger_.Bill("ada");
  storage::MinorUnits cost = 0;
  uint64_t events = 0;
  for (const UsageRow& row : ledger_.History("ada", "calls").rows) {
    EXPECT_EQ(row.counter.covered.amount, row.rated.cost);
    EXPECT_EQ(row.counter.covered.usage, row.counter.total);
    cost += row.rated.cost;
    events += row.counter.events;
  }
  storage::MinorUnits billed = 0;
  for (const ReadInvoice& invoice : Must(ledger_.ListInvoices({.limit = kWholePage})).invoices) {
    billed += invoice.record.total();
  }
  EXPECT_EQ(events, counted);
  EXPECT_EQ(billed, cost);
}

}  // namespace
}  // namespace owo::ledger
