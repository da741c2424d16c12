// Removing features from a plan, which requires the caller's consent if the plan has subscriptions.

#include <gtest/gtest.h>

#include <atomic>
#include <string>

#include "tests/support/ledger.h"
#include "tests/support/store.h"

namespace owo::ledger {
namespace {

class FeatureRemovalTest : public ::testing::Test {
 protected:
  static PlanSpec Pro() {
    return PlanOf("pro",
                  {UsageBased("calls", "10"), Blocking("seats", "5"), UsageBased("bytes", "1")});
  }
  // "pro" with only "seats" left.
  static CatalogSpec Reduced() { return CatalogOf(PlanOf("pro", {Blocking("seats", "5")})); }
  static CatalogSpec Empty() { return CatalogOf(PlanOf("pro", {})); }

  void Add(const std::string& customer) { ledger_.AddCustomer(customer, "pro"); }
  uint32_t Version() {
    return Must(ledger_.parts().directory.GetCatalog(storage::kReadAll, kTenant))
        ->FindPlan("pro")
        ->newest()
        .version;
  }
  void ExpectInUse(const CatalogSpec& spec, std::string_view features, std::string_view count) {
    const auto refused = ledger_.Sync(spec);
    EXPECT_THAT(refused, RefusedAs(Reason::kFeatureInUse));
    EXPECT_EQ(ValueIn(refused.status(), "plan"), "pro");
    EXPECT_EQ(ValueIn(refused.status(), "features"), features);
    EXPECT_EQ(ValueIn(refused.status(), "subscriptions"), count);
    EXPECT_EQ(Version(), 1);
  }

  TestLedger ledger_{CatalogOf({Pro(), PlanOf("max", {UsageBased("calls", "5")})})};
};

TEST_F(FeatureRemovalTest, APlanWithSubscriptionsKeepsItsFeatures) {
  Add("ada");
  Add("bob");
  ledger_.AddCustomer("eve", "max");
  ExpectInUse(Reduced(), "calls,bytes", "2");
  EXPECT_TRUE(ledger_.Use("ada", "calls", "1").recorded);
}

// An empty list, as of a plan that was left out, or of a truncated file.
TEST_F(FeatureRemovalTest, APlanWithSubscriptionsIsNotEmptied) {
  Add("ada");
  CatalogSpec empty = Empty();
  empty.at_once = true;
  ExpectInUse(empty, "calls,seats,bytes", "1");
  ledger_.Advance(absl::Hours(1));
  EXPECT_TRUE(ledger_.Use("ada", "calls", "1").recorded);
}

TEST_F(FeatureRemovalTest, ValidateOnlySaysItToo) {
  Add("ada");
  CatalogSpec spec = Empty();
  spec.validate_only = true;
  ExpectInUse(spec, "calls,seats,bytes", "1");
  spec.allow_feature_removal = true;
  EXPECT_EQ(Must(ledger_.Sync(spec)).value.back().version, 2);
  EXPECT_EQ(Version(), 1);
}

TEST_F(FeatureRemovalTest, WhereItIsAllowedTheFeatureLeaves) {
  Add("ada");
  CatalogSpec spec = Reduced();
  spec.allow_feature_removal = true;
  spec.at_once = true;
  ledger_.Advance(absl::Hours(1));
  Must(ledger_.Sync(spec));
  EXPECT_EQ(ledger_.Use("ada", "calls", "1").code, TrackCode::kFeatureNotInPlan);
  EXPECT_TRUE(ledger_.Use("ada", "seats", "1").recorded);
}

TEST_F(FeatureRemovalTest, APlanWithoutSubscriptionsMayBeEmptied) {
  ledger_.AddCustomer("eve", "max");
  EXPECT_EQ(Must(ledger_.Sync(Empty())).value.back().action, CatalogAction::kUpdated);
  EXPECT_EQ(Version(), 2);
  EXPECT_EQ(Must(ledger_.Sync(Empty())).value.back().action, CatalogAction::kUnchanged);
  Must(ledger_.Sync(CatalogOf({PlanOf("new", {})})));
}

TEST_F(FeatureRemovalTest, OnlySubscriptionsThatStillHoldCount) {
  Add("moved");
  ledger_.Advance(absl::Hours(1));
  ledger_.MoveTo("moved", "max");
  Add("left");
  ledger_.Advance(absl::Hours(1));
  Must(ledger_.Cancel({.customer = "left"}));
  Must(ledger_.Create({.id = "never"}));
  const storage::Micros later = ledger_.now() + storage::kDay;
  Must(ledger_.Subscribe({.customer = "never", .plan = "pro", .start = later}));
  Must(ledger_.Cancel({.customer = "never"}));
  Must(ledger_.Sync(Reduced()));
  EXPECT_EQ(Version(), 2);
}

TEST_F(FeatureRemovalTest, SubscriptionsToStartAndToEndCount) {
  Must(ledger_.Create({.id = "planner"}));
  const storage::Micros later = ledger_.now() + storage::kDay;
  Must(ledger_.Subscribe({.customer = "planner", .plan = "pro", .start = later}));
  ExpectInUse(Reduced(), "calls,bytes", "1");
  Add("leaver");
  Must(ledger_.Cancel({.customer = "leaver", .end = later}));
  ExpectInUse(Reduced(), "calls,bytes", "2");
}

TEST_F(FeatureRemovalTest, AllCustomersAreCounted) {
  // More customers than one read returns, so that counting must continue on the next page.
  for (int i = 0; i < 2100; ++i) {
    const std::string id = "c" + std::to_string(i);
    Must(ledger_.Create({.id = id}));
    if (i % 1000 == 0 || i == 2099) ledger_.MoveTo(id, "pro");
  }
  ledger_.Reopen();
  ExpectInUse(Reduced(), "calls,bytes", "4");
}

TEST_F(FeatureRemovalTest, OfSeveralPlansTheFirstIsNamed) {
  ledger_.AddCustomer("eve", "max");
  Add("ada");
  const auto refused =
      ledger_.Sync(CatalogOf({PlanOf("new", {}), PlanOf("max", {}), PlanOf("pro", {})}));
  EXPECT_THAT(refused, RefusedAs(Reason::kFeatureInUse));
  EXPECT_EQ(ValueIn(refused.status(), "plan"), "max");
}

TEST_F(FeatureRemovalTest, ComesAfterWhatIsWrongWithTheRequest) {
  Add("ada");
  CatalogSpec spec = CatalogOf({PlanOf("pro", {}, "EUR")});
  EXPECT_THAT(ledger_.Sync(spec), RefusedAs(Reason::kPlanImmutable));
}

TEST_F(FeatureRemovalTest, ARepeatWithItsRequestIdIsNotRefused) {
  CatalogSpec spec = Reduced();
  spec.request = {.id = "r", .fingerprint = "a"};
  Must(ledger_.Sync(spec));
  Must(ledger_.Sync(CatalogOf(Pro())));  // the features are back
  Add("ada");
  EXPECT_TRUE(Must(ledger_.Sync(spec)).replayed);
}

// ---- Between the decision and its commit.

TEST_F(FeatureRemovalTest, WhoSubscribesMeanwhileIsCounted) {
  Must(ledger_.Create({.id = "ada"}));
  ledger_.store().BeforeNextCommit([this] { ledger_.MoveTo("ada", "pro"); });
  ExpectInUse(Reduced(), "calls,bytes", "1");
}

TEST_F(FeatureRemovalTest, WhoTakesAnEndBackMeanwhileIsCounted) {
  Add("ada");
  Must(ledger_.Cancel({.customer = "ada", .end = ledger_.now() + 1000}));
  ledger_.store().BeforeNextCommit([this] {
    ledger_.SetNow(ledger_.now() - 500);
    Must(ledger_.Resume({.customer = "ada"}));
    ledger_.SetNow(ledger_.now() + storage::kDay);
  });
  ledger_.SetNow(ledger_.now() + 1000);  // the decision sees an ended subscription
  ExpectInUse(Reduced(), "calls,bytes", "1");
}

TEST_F(FeatureRemovalTest, OtherChangesMeanwhileDoNotMatter) {
  Must(ledger_.Create({.id = "ada"}));
  ledger_.store().BeforeNextCommit([this] {
    ledger_.MoveTo("ada", "max");
    Must(ledger_.Create({.id = "bob"}));
  });
  Must(ledger_.Sync(Reduced()));
  EXPECT_EQ(Version(), 2);
}

// A subscription that is committed after the sync has the plan's new terms, even if it was decided
// before.
TEST_F(FeatureRemovalTest, ASubscriptionDecidedBeforeHasTheNewTerms) {
  Must(ledger_.Create({.id = "ada"}));
  ledger_.AddCustomer("eve", "max");
  ledger_.Use("eve", "calls", "1", "2026-11-15T12:04:00Z");  // delays the new version until then
  ledger_.store().BeforeNextCommit([this] { Must(ledger_.Sync(Reduced())); });
  ledger_.MoveTo("ada", "pro");
  EXPECT_EQ(Must(ledger_.Subscriptions("ada")).at(0).plan_version, 2);
  ledger_.Advance(absl::Seconds(1));  // the second decision starts it a moment later
  EXPECT_EQ(ledger_.Use("ada", "calls", "1").code, TrackCode::kFeatureNotInPlan);
}

TEST_F(FeatureRemovalTest, NoSubscriptionLosesAFeatureWhateverHappensAtOnce) {
  constexpr int kCustomers = 24;
  for (int i = 0; i < kCustomers; ++i) Must(ledger_.Create({.id = "c" + std::to_string(i)}));
  std::atomic<int> removed = 0;
  storage::InParallel(4, [&](int thread) {
    if (thread == 0) {
      for (int i = 0; i < 8; ++i) removed += ledger_.Sync(Reduced()).ok() ? 1 : 0;
      return;
    }
    for (int i = thread - 1; i < kCustomers; i += 3) {
      ledger_.MoveTo("c" + std::to_string(i), "pro");
    }
  });
  // Either the sync came before all subscriptions, or it was refused.
  const uint32_t version = removed > 0 ? 2 : 1;
  for (int i = 0; i < kCustomers; ++i) {
    const std::string id = "c" + std::to_string(i);
    EXPECT_EQ(Must(ledger_.Subscriptions(id)).at(0).plan_version, version) << id;
  }
}

}  // namespace
}  // namespace owo::ledger
