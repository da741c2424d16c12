// A sync makes the catalog what the caller describes, and reports the changes.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <functional>
#include <string>
#include <vector>

#include "tests/support/ledger.h"
#include "tests/support/store.h"

namespace owo::ledger {
namespace {

using ::testing::Each;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Not;
using enum CatalogAction;

std::vector<CatalogAction> Actions(const std::vector<CatalogChange>& changes) {
  std::vector<CatalogAction> actions;
  for (const CatalogChange& change : changes) actions.push_back(change.action);
  return actions;
}

class CatalogSyncTest : public ::testing::Test {
 protected:
  static CatalogSpec Spec() {
    return CatalogOf(PlanOf("pro", {PerUnit("calls", "100", "10"), Blocking("seats", "5")}));
  }
  std::vector<CatalogChange> Sync(const CatalogSpec& spec) {
    return Must(ledger_.Sync(spec)).value;
  }
  uint64_t Generation() { return Stored().generation(); }
  storage::CatalogRecord Stored() { return storage::WholeCatalog(ledger_.store()); }

  TestLedger ledger_;
};

TEST_F(CatalogSyncTest, SaysWhatItCreatedInTheOrderOfTheRequest) {
  const std::vector<CatalogChange> changes = Sync(Spec());
  ASSERT_EQ(changes.size(), 3);
  EXPECT_THAT(Actions(changes), Each(kCreated));
  EXPECT_EQ(changes[0].slug, "calls");
  EXPECT_FALSE(changes[0].is_plan);
  EXPECT_EQ(changes[2].slug, "pro");
  EXPECT_TRUE(changes[2].is_plan);
  EXPECT_EQ(changes[2].version, 1);
}

TEST_F(CatalogSyncTest, TheSameAgainChangesNothing) {
  Sync(Spec());
  ledger_.Advance(absl::Hours(1));
  const std::vector<CatalogChange> changes = Sync(Spec());
  EXPECT_THAT(Actions(changes), Each(kUnchanged));
  EXPECT_EQ(changes[2].version, 1);
  EXPECT_EQ(Generation(), 1);
}

TEST_F(CatalogSyncTest, NumbersAreComparedNotTheirTexts) {
  Sync(Spec());
  CatalogSpec spec = Spec();
  spec.plans[0].features[0] = PerUnit("calls", "100.0", "010.00");
  EXPECT_THAT(Actions(Sync(spec)), Each(kUnchanged));
}

TEST_F(CatalogSyncTest, ChangedTermsAreANewVersionAndTheOldOneStays) {
  Sync(Spec());
  CatalogSpec spec = Spec();
  spec.plans[0].features[0] = PerUnit("calls", "100", "12");
  const std::vector<CatalogChange> changes = Sync(spec);
  EXPECT_THAT(Actions(changes), ElementsAre(kUnchanged, kUnchanged, kUpdated));
  EXPECT_EQ(changes[2].version, 2);
  const storage::CatalogRecord stored = Stored();
  ASSERT_EQ(stored.plans(0).versions_size(), 2);
  EXPECT_EQ(stored.plans(0).versions(0).features(0).unit_price(), "10");
  EXPECT_EQ(stored.plans(0).versions(1).features(0).unit_price(), "12");
  EXPECT_EQ(Sync(Spec())[2].version, 3);  // changing back is also a change
}

TEST_F(CatalogSyncTest, APlanHasSoManyVersionsAndNoMore) {
  CatalogSpec spec = Spec();
  const auto sync = [&](uint32_t version) {
    spec.plans[0].features[0] = PerUnit("calls", "100", absl::StrCat(version));
    return ledger_.Sync(spec);
  };
  for (uint32_t version = 1; version <= kPlanVersionsMax; ++version) Must(sync(version));
  EXPECT_THAT(sync(kPlanVersionsMax + 1), RefusesField("plans[0]"));
  EXPECT_TRUE(sync(kPlanVersionsMax).ok());
}

TEST_F(CatalogSyncTest, WhatIsNotMentionedStays) {
  Sync(Spec());
  Sync(CatalogOf(PlanOf("max", {Blocking("disks", "2")})));
  const storage::CatalogRecord stored = Stored();
  EXPECT_EQ(stored.features_size(), 3);
  EXPECT_EQ(stored.plans_size(), 2);
}

TEST_F(CatalogSyncTest, ARenamedFeatureIsNoNewVersionOfItsPlans) {
  Sync(Spec());
  CatalogSpec spec = Spec();
  spec.features[0].name = "Requests";
  EXPECT_THAT(Actions(Sync(spec)), ElementsAre(kUpdated, kUnchanged, kUnchanged));
}

TEST_F(CatalogSyncTest, ArchivesAndRestores) {
  Sync(Spec());
  ledger_.AddCustomer("ada", "pro");
  CatalogSpec archived = Spec();
  archived.features[0].archived = true;
  archived.plans[0].archived = true;
  EXPECT_THAT(Actions(Sync(archived)), ElementsAre(kArchived, kUnchanged, kArchived));
  EXPECT_THAT(Actions(Sync(archived)), Each(kUnchanged));
  EXPECT_TRUE(ledger_.Use("ada", "calls", "1").recorded);  // existing subscriptions continue
  Must(ledger_.Create({.id = "bob"}));
  EXPECT_THAT(ledger_.Subscribe({.customer = "bob", .plan = "pro"}),
              RefusedAs(Reason::kPlanNotFound));
  EXPECT_THAT(Actions(Sync(Spec())), ElementsAre(kRestored, kUnchanged, kRestored));
  ledger_.MoveTo("bob", "pro");
}

TEST_F(CatalogSyncTest, ValidateOnlySaysAllAndChangesNothing) {
  CatalogSpec spec = Spec();
  spec.validate_only = true;
  const std::vector<CatalogChange> changes = Sync(spec);
  EXPECT_THAT(Actions(changes), Each(kCreated));
  EXPECT_EQ(changes[2].version, 1);
  EXPECT_EQ(changes[2].prices_in_words.size(), 2);
  EXPECT_EQ(Generation(), 0);
  Must(ledger_.Create({.id = "ada"}));
  EXPECT_THAT(ledger_.Subscribe({.customer = "ada", .plan = "pro"}),
              RefusedAs(Reason::kPlanNotFound));
}

TEST_F(CatalogSyncTest, PricesAreSaidInWords) {
  CatalogSpec spec =
      CatalogOf(PlanOf("pro", {PerUnit("calls", "100", "0.00025"), Blocking("seats", "5")}, "JPY"));
  spec.features[0].unit = "call";
  const std::vector<CatalogChange> changes = Sync(spec);
  EXPECT_THAT(
      changes[2].prices_in_words,
      ElementsAre("calls: 100 calls free each month, then 0.00025 JPY (0.00025 minor units) "
                  "per call",
                  "seats: 5 units free each month, then blocked"));
}

TEST_F(CatalogSyncTest, ANewCatalogCanBeUsedAtOnce) {
  Sync(Spec());
  ledger_.AddCustomer("ada", "pro");
  Sync(CatalogOf(PlanOf("max", {UsageBased("bytes", "1")})));
  ledger_.MoveTo("ada", "max");
  EXPECT_TRUE(ledger_.Use("ada", "bytes", "1").recorded);
}

TEST_F(CatalogSyncTest, ConcurrentSyncsAreOneAfterTheOther) {
  std::atomic<int> updated = 0;
  Sync(Spec());
  storage::InParallel(8, [&](int i) {
    CatalogSpec spec = Spec();
    spec.plans[0].features[0] = PerUnit("calls", "100", std::to_string(20 + i));
    updated += Sync(spec)[2].action == kUpdated ? 1 : 0;
  });
  EXPECT_EQ(updated, 8);
  const storage::CatalogRecord stored = Stored();
  ASSERT_EQ(stored.plans(0).versions_size(), 9);
  for (int i = 0; i < 9; ++i) EXPECT_EQ(stored.plans(0).versions(i).version(), i + 1);
}

// A sync has no customer whom its refusal could blame.
TEST_F(CatalogSyncTest, ASyncThatAlwaysMeetsAnotherGivesUp) {
  int others = 0;
  const std::function<void()> interfere = [&] {
    Sync(CatalogOf(PlanOf("other-" + std::to_string(++others), {})));
    ledger_.store().BeforeNextCommit(interfere);
  };
  ledger_.store().BeforeNextCommit(interfere);
  const auto refused = ledger_.Sync(Spec());
  ledger_.store().BeforeNextCommit(nullptr);
  EXPECT_THAT(refused, RefusedAs(Reason::kContention));
  EXPECT_THAT(std::string{refused.status().message()}, Not(HasSubstr("customer")));
  EXPECT_GT(others, 1);
}

TEST_F(CatalogSyncTest, OfTwoThatCreateTheSameOneCreatesIt) {
  std::atomic<int> created = 0;
  storage::InParallel(8, [&](int) {
    for (const CatalogChange& change : Sync(Spec())) created += change.action == kCreated ? 1 : 0;
  });
  EXPECT_EQ(created, 3);
  EXPECT_EQ(Generation(), 1);
}

}  // namespace
}  // namespace owo::ledger
