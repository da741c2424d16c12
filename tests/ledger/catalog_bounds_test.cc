// The bounds of a catalog's size, and what a catalog that already exceeds them can still do.

#include <gtest/gtest.h>

#include <string>
#include <string_view>
#include <utility>

#include "absl/strings/str_cat.h"
#include "tests/support/ledger.h"
#include "tests/support/store.h"

namespace owo::ledger {
namespace {

constexpr size_t kMib = 1 << 20;

// Returns a plan with one version of slightly more than `bytes` bytes.
storage::PlanRecord PlanWith(uint32_t number, uint32_t version, size_t bytes) {
  storage::PlanRecord plan;
  plan.set_number(number);
  plan.set_slug(absl::StrCat("p", number));
  plan.set_currency("USD");
  plan.set_interval(static_cast<uint32_t>(storage::IntervalCode::kMonth));
  storage::PlanVersionRecord& added = *plan.add_versions();
  added.set_version(version);
  added.set_name(std::string(bytes, 'x'));
  return plan;
}

Catalog::Ptr Empty() {
  TestLedger ledger;
  return Must(Catalog::Read(storage::kReadAll, ledger.store(), kTenant, nullptr));
}

Catalog::Ptr With(const Catalog& catalog, storage::PlanRecord plan) {
  storage::CatalogRecord changes;
  *changes.add_plans() = std::move(plan);
  return Must(catalog.With(changes));
}

TEST(CatalogBoundsTest, AVersionMayTakeAPlanToItsBoundAndNotBeyond) {
  const Catalog::Ptr empty = Empty();
  const size_t overhead = With(*empty, PlanWith(1, 1, 8 * kMib))->version_bytes() - 8 * kMib;
  const Catalog::Ptr half = With(*empty, PlanWith(1, 1, 8 * kMib - overhead));
  ASSERT_EQ(half->version_bytes(), 8 * kMib);
  const Catalog::Ptr full = With(*half, PlanWith(1, 2, 8 * kMib - overhead));
  ASSERT_EQ(full->version_bytes(), kPlanBytesMax);
  EXPECT_TRUE(CheckBytes(*half, *full).ok());

  const absl::Status refused = CheckBytes(*full, *With(*full, PlanWith(1, 3, 10)));
  EXPECT_THAT(refused, RefusedAs(Reason::kCatalogTooLarge));
  EXPECT_EQ(ValueIn(refused, "plan"), "p1");
  EXPECT_EQ(ValueIn(refused, "bytes_max"), absl::StrCat(kPlanBytesMax));
  EXPECT_GT(std::stoull(ValueIn(refused, "bytes")), kPlanBytesMax);
  EXPECT_TRUE(CheckBytes(*full, *With(*full, PlanWith(2, 1, 10))).ok());
}

// The row of a version grows when its subscriptions move to it at once.
TEST(CatalogBoundsTest, MovingSubscriptionsIsNotRefused) {
  const Catalog::Ptr catalog = With(*Empty(), PlanWith(1, 1, kPlanBytesMax));
  ASSERT_GT(catalog->version_bytes(), kPlanBytesMax);
  storage::PlanRecord moved = PlanWith(1, 1, kPlanBytesMax);
  moved.mutable_versions(0)->set_at_once_us(1'000'000);
  const Catalog::Ptr next = With(*catalog, moved);
  EXPECT_EQ(next->version_bytes(), moved.versions(0).ByteSizeLong());
  EXPECT_GT(next->version_bytes(), catalog->version_bytes());
  EXPECT_TRUE(CheckBytes(*catalog, *next).ok());
  EXPECT_THAT(CheckBytes(*next, *With(*next, PlanWith(1, 2, 1))),
              RefusedAs(Reason::kCatalogTooLarge));
}

TEST(CatalogBoundsTest, AllVersionsOfAllPlansHaveABound) {
  Catalog::Ptr catalog = Empty();
  for (uint32_t number = 1; catalog->version_bytes() + 9 * kMib < kCatalogBytesMax; ++number) {
    const Catalog::Ptr next = With(*catalog, PlanWith(number, 1, 8 * kMib));
    ASSERT_TRUE(CheckBytes(*catalog, *next).ok());
    catalog = next;
  }
  const Catalog::Ptr beyond = With(*catalog, PlanWith(100, 1, 10 * kMib));
  const absl::Status refused = CheckBytes(*catalog, *beyond);
  EXPECT_THAT(refused, RefusedAs(Reason::kCatalogTooLarge));
  EXPECT_EQ(ValueIn(refused, "bytes"), absl::StrCat(beyond->version_bytes()));
  EXPECT_EQ(ValueIn(refused, "bytes_max"), absl::StrCat(kCatalogBytesMax));
}

// The largest version that the other bounds permit.
TEST(CatalogBoundsTest, TheLargestVersionIsFarBelowTheBounds) {
  PlanFeatureSpec feature{.feature = std::string(64, 'f')};
  feature.terms.usage_model = UsageModel::kUsageBased;
  feature.terms.overage = Overage::kCharge;
  feature.terms.price.model = rating::RatingModel::kGraduated;
  for (int i = 0; i < 100; ++i) {
    feature.terms.price.tiers.push_back({.up_to = D("999999999999999.999999999999"),
                                         .unit_price = D("999999999999.999999999999"),
                                         .flat_fee = D("999999999999.999999999999")});
  }
  feature.terms.max_overage = D("999999999999999.999999999999");
  storage::PlanVersionRecord version;
  version.set_name(std::string(256, 'n'));
  for (int i = 0; i < 100; ++i) *version.add_features() = ToRecord(feature.terms);
  EXPECT_LT(version.ByteSizeLong(), 1 * kMib);
}

// A catalog from a release without these bounds.
class OversizedCatalogTest : public ::testing::Test {
 protected:
  OversizedCatalogTest() {
    Must(ledger_.Sync(Spec("10")));
    ledger_.AddCustomer("ada", "pro");
    const storage::CatalogRecord catalog = storage::WholeCatalog(ledger_.store());
    storage::PutCatalog put{.generation = catalog.generation()};
    storage::PlanRecord& plan = *put.changes.add_plans() = catalog.plans(0);
    for (uint32_t version = 2; version <= 3; ++version) {
      storage::PlanVersionRecord& added = *plan.add_versions() = catalog.plans(0).versions(0);
      added.set_version(version);
      added.set_name(std::string(9 * kMib, 'x'));
    }
    Must(storage::Commit(ledger_.store(), {.change = std::move(put)}));
    ledger_.Reopen();
  }

  static CatalogSpec Spec(std::string_view price) {
    return CatalogOf(PlanOf("pro", {UsageBased("calls", price)}));
  }
  uint64_t Generation() {
    return Must(ledger_.store().CatalogGeneration(storage::kReadAll, kTenant));
  }

  TestLedger ledger_;
};

TEST_F(OversizedCatalogTest, CountsAndBills) {
  EXPECT_TRUE(ledger_.Use("ada", "calls", "2").recorded);
  EXPECT_EQ(ledger_.Unbilled("ada"), 20);
  EXPECT_EQ(ledger_.Bill("ada").total(), 20);
  EXPECT_EQ(ledger_.Verify().differences(), 0);
}

TEST_F(OversizedCatalogTest, DoesNotGrow) {
  const uint64_t before = Generation();
  CatalogSpec larger = Spec("11");
  const auto refused = ledger_.Sync(larger);
  EXPECT_THAT(refused, RefusedAs(Reason::kCatalogTooLarge));
  EXPECT_EQ(ValueIn(refused.status(), "plan"), "pro");
  larger.validate_only = true;
  EXPECT_THAT(ledger_.Sync(larger), RefusedAs(Reason::kCatalogTooLarge));
  EXPECT_EQ(Generation(), before);
}

TEST_F(OversizedCatalogTest, ChangesOtherwise) {
  CatalogSpec spec = Spec("10");
  spec.plans.clear();
  spec.features[0].name = "Calls";
  EXPECT_EQ(Must(ledger_.Sync(spec)).value[0].action, CatalogAction::kUpdated);
  CatalogSpec another = CatalogOf(PlanOf("small", {UsageBased("calls", "1")}));
  EXPECT_EQ(Must(ledger_.Sync(another)).value.back().action, CatalogAction::kCreated);
  ledger_.MoveTo("ada", "small");
  EXPECT_TRUE(ledger_.Use("ada", "calls", "2").recorded);
}

}  // namespace
}  // namespace owo::ledger
