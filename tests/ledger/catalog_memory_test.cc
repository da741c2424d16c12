// A catalog costs memory and reads for the parts that are used, not for everything in it.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "absl/time/time.h"
#include "tests/support/ledger.h"
#include "tests/support/process_memory.h"
#include "tests/support/store.h"

namespace owo::ledger {
namespace {

// The reads of the catalog so far.
struct Reads {
  explicit Reads(TestLedger& ledger)
      : catalogs(ledger.store().catalogs_read()),
        heads(ledger.store().versions_listed()),
        terms(ledger.store().versions_read()) {}
  size_t catalogs;
  size_t heads;
  size_t terms;
};
MATCHER_P4(Adds, before, catalogs, heads, terms, "") {
  *result_listener << "catalogs " << arg.catalogs - before.catalogs << ", heads "
                   << arg.heads - before.heads << ", terms " << arg.terms - before.terms;
  return arg.catalogs - before.catalogs == size_t(catalogs) &&
         arg.heads - before.heads == size_t(heads) && arg.terms - before.terms == size_t(terms);
}

CatalogSpec Priced(std::string_view plan, int price) {
  CatalogSpec spec = CatalogOf(PlanOf(plan, {UsageBased("calls", absl::StrCat(price))}));
  spec.at_once = true;
  return spec;
}

class CatalogReadsTest : public ::testing::Test {
 protected:
  static constexpr int kVersions = 20;

  // Many versions of one plan, and one version of another.
  CatalogReadsTest() {
    for (int price = 1; price <= kVersions; ++price) Must(ledger_.Sync(Priced("many", price)));
    Must(ledger_.Sync(Priced("one", 5)));
    ledger_.AddCustomer("ada", "one");
    ledger_.AddCustomer("bob", "many");
    ledger_.Use("ada", "calls", "1");
    ledger_.Advance(absl::Hours(1));
  }

  // Expects the catalog in memory to equal the stored one.
  void ExpectAsStored() {
    const Catalog::Ptr known = ledger_.parts().directory.CachedCatalog(kTenant);
    const Catalog::Ptr read =
        Must(Catalog::Read(storage::kReadAll, ledger_.store(), kTenant, nullptr));
    EXPECT_EQ(known->generation(), read->generation());
    EXPECT_EQ(known->version_bytes(), read->version_bytes());
    ASSERT_EQ(known->features().size(), read->features().size());
    ASSERT_EQ(known->plans().size(), read->plans().size());
    for (const auto& plan : read->plans()) {
      const Plan* const same = known->FindPlan(plan->slug);
      ASSERT_NE(same, nullptr);
      EXPECT_EQ(same, known->FindPlan(plan->number));
      ASSERT_EQ(same->versions.size(), plan->versions.size());
      for (size_t i = 0; i < plan->versions.size(); ++i) {
        EXPECT_EQ(same->versions[i].version, plan->versions[i].version);
        EXPECT_EQ(same->versions[i].bytes, plan->versions[i].bytes);
        EXPECT_EQ(same->versions[i].effective, plan->versions[i].effective);
        EXPECT_EQ(same->versions[i].at_once_from, plan->versions[i].at_once_from);
      }
    }
  }

  TestLedger ledger_{CatalogSpec(), {}, /*terms_bytes_max=*/1 << 20};
};

TEST_F(CatalogReadsTest, ASyncReadsNothingButTheNewestVersionsOfThePlansThatItNames) {
  const Reads before(ledger_);
  Must(ledger_.Sync(Priced("one", 6)));
  EXPECT_THAT(Reads(ledger_), Adds(before, 0, 0, 1));
  Must(ledger_.Sync(Priced("new", 1)));
  EXPECT_THAT(Reads(ledger_), Adds(before, 0, 0, 1));
}

TEST_F(CatalogReadsTest, UsageAfterASyncReadsTheNewTermsOnce) {
  Must(ledger_.Sync(Priced("one", 6)));
  const Reads before(ledger_);
  ledger_.Use("ada", "calls", "1");
  EXPECT_THAT(Reads(ledger_), Adds(before, 0, 0, 1));
  ledger_.Use("ada", "calls", "1");
  EXPECT_EQ(ledger_.Unbilled("ada"), 5 + 6 + 6);
  EXPECT_THAT(Reads(ledger_), Adds(before, 0, 0, 1));
}

TEST_F(CatalogReadsTest, UsageThatMeetsASyncReadsNoCatalogAgain) {
  const Reads before(ledger_);
  ledger_.store().BeforeNextTrack([this] { Must(ledger_.Sync(Priced("one", 6))); });
  ledger_.Use("ada", "calls", "1");
  EXPECT_EQ(ledger_.Unbilled("ada"), 5 + 6);
  EXPECT_THAT(Reads(ledger_), Adds(before, 0, 0, 2));  // one to compare with, one to count with
}

TEST_F(CatalogReadsTest, AfterOpeningTermsAreReadWhenTheyAreUsed) {
  ledger_.Reopen();
  const Reads before(ledger_);
  ledger_.Use("bob", "calls", "2");
  EXPECT_THAT(Reads(ledger_), Adds(before, 1, kVersions + 1, 1));
  EXPECT_EQ(ledger_.Unbilled("bob"), 2 * kVersions);
  EXPECT_EQ(ledger_.Unbilled("ada"), 5);
  EXPECT_THAT(Reads(ledger_), Adds(before, 1, kVersions + 1, 2));
}

// The catalog in memory is the same whether its versions were synced here or read.
TEST_F(CatalogReadsTest, ACatalogThatWasChangedHereIsTheOneThatIsStored) { ExpectAsStored(); }

TEST_F(CatalogReadsTest, MovingSubscriptionsAtOnceChangesNoTerms) {
  CatalogSpec later = Priced("many", kVersions + 1);
  later.at_once = false;
  Must(ledger_.Sync(later));
  ledger_.Use("bob", "calls", "1");
  EXPECT_EQ(ledger_.Unbilled("bob"), kVersions);
  const Catalog::Ptr before = ledger_.parts().directory.CachedCatalog(kTenant);
  const Reads reads(ledger_);
  const CatalogChange moved = Must(ledger_.Sync(Priced("many", kVersions + 1))).value.back();
  EXPECT_THAT(Reads(ledger_), Adds(reads, 0, 0, 1));
  EXPECT_EQ(moved.action, CatalogAction::kUpdated);
  EXPECT_EQ(moved.version, kVersions + 1);
  ExpectAsStored();

  // Refreshing an older generation reads the newest version's head again.
  const Reads refresh(ledger_);
  const Catalog::Ptr read =
      Must(Catalog::Read(storage::kReadAll, ledger_.store(), kTenant, before.get()));
  EXPECT_THAT(Reads(ledger_), Adds(refresh, 1, 2, 0));
  EXPECT_EQ(read->FindPlan("many")->newest().at_once_from, moved.effective);
  EXPECT_EQ(read->version_bytes(),
            ledger_.parts().directory.CachedCatalog(kTenant)->version_bytes());

  ledger_.Advance(absl::Seconds(1));
  const Reads counting(ledger_);
  ledger_.Use("bob", "calls", "1");
  EXPECT_EQ(ledger_.Unbilled("bob"), kVersions + kVersions + 1);
  EXPECT_THAT(Reads(ledger_), Adds(counting, 0, 0, 1));
}

TEST_F(CatalogReadsTest, LookingForFeaturesInUseReadsNoMore) {
  const Reads before(ledger_);
  CatalogSpec spec = CatalogOf(PlanOf("one", {}));
  EXPECT_THAT(ledger_.Sync(spec), RefusedAs(Reason::kFeatureInUse));
  EXPECT_THAT(Reads(ledger_), Adds(before, 0, 0, 1));
}

// A customer on several versions one after the other, with usage of several features under each,
// and a cache that holds one version.
class ManySegmentsTest : public ::testing::Test {
 protected:
  static constexpr size_t kSegments = 6;
  static constexpr const char* kFeatures[] = {"calls", "bytes", "jobs", "seats"};

  ManySegmentsTest() {
    Must(ledger_.Sync(Terms(0)));
    ledger_.AddCustomer("ada", "pro");
    for (size_t segment = 0; segment < kSegments; ++segment) {
      if (segment > 0) Must(ledger_.Sync(Terms(segment)));
      ledger_.Advance(absl::Hours(1));
      for (const char* const feature : kFeatures) ledger_.Use("ada", feature, "1");
    }
  }

  static CatalogSpec Terms(size_t segment) {
    std::vector<PlanFeatureSpec> features;
    for (const char* const feature : kFeatures) {
      features.push_back(UsageBased(feature, absl::StrCat(segment + 1)));
    }
    CatalogSpec spec = CatalogOf(PlanOf("pro", std::move(features)));
    spec.at_once = true;
    return spec;
  }

  TestLedger ledger_{CatalogSpec(), {}, /*terms_bytes_max=*/0};
};

TEST_F(ManySegmentsTest, UsageReadsEachVersionOnce) {
  const Reads before(ledger_);
  EXPECT_EQ(ledger_.Unbilled("ada"), 4 * (1 + 2 + 3 + 4 + 5 + 6));
  EXPECT_LE(Reads(ledger_).terms - before.terms, kSegments);
}

TEST_F(ManySegmentsTest, CheckingABatchUnderACapReadsEachVersionAFewTimes) {
  Must(ledger_.Update("ada", {.spend_cap = 1'000'000}));
  std::vector<UsageEvent> events;
  for (int i = 0; i < 20; ++i) events.push_back(EventOf("ada", kFeatures[i % 4], "1"));
  ledger_.Use("ada", "calls", "0");
  const Reads before(ledger_);
  for (const TrackResult& result : Must(ledger_.Track(events))) EXPECT_TRUE(result.recorded);
  // For finding the counters, for rating them, and for the version in force.
  EXPECT_LE(Reads(ledger_).terms - before.terms, 3 * kSegments);
}

TEST_F(CatalogReadsTest, AnOldCatalogLeavesMemoryWithTheCustomersThatReferToIt) {
  const std::weak_ptr<const Catalog> old = ledger_.parts().directory.CachedCatalog(kTenant);
  ASSERT_FALSE(old.expired());
  Must(ledger_.Sync(Priced("one", 6)));
  // The call itself lets go of it just after its answer, on another thread.
  const absl::Time latest = absl::Now() + absl::Seconds(30);
  while (!old.expired() && absl::Now() < latest) absl::SleepFor(absl::Milliseconds(1));
  EXPECT_TRUE(old.expired());
}

TEST_F(CatalogReadsTest, AReadInMemoryDoesNotWaitForTerms) {
  constexpr storage::ReadOptions kMemoryOnly{.tier = storage::ReadTier::kMemoryOnly};
  ledger_.Use("bob", "calls", "1");
  ledger_.Reopen();
  Directory& directory = ledger_.parts().directory;
  EXPECT_TRUE(storage::NeedsDisk(directory.ReadCatalog(kMemoryOnly, kTenant).status()));
  EXPECT_EQ(ledger_.Unbilled("bob"), kVersions);
  CatalogReader in_memory = Must(directory.ReadCatalog(kMemoryOnly, kTenant));
  const storage::PlanNo plan = in_memory.catalog().FindPlan("many")->number;
  EXPECT_TRUE(storage::NeedsDisk(in_memory.Read(plan, 1).status()));
  EXPECT_EQ(Must(in_memory.Read(plan, kVersions))->features.size(), 1);
}

// 15 plans with 18 versions of 100 features with 100 tiers. Parsing them all at once would take
// more than 170 MB.
class LargeCatalogTest : public ::testing::Test {
 protected:
  static constexpr uint32_t kPlans = 15;
  static constexpr uint32_t kVersions = 18;
  static constexpr uint32_t kFeatures = 100;
  static constexpr uint32_t kTiers = 100;
  static constexpr size_t kTermsBytesMax = 4 << 20;

  LargeCatalogTest() {
    for (uint32_t version = 1; version <= kVersions; ++version) {
      storage::PutCatalog put{.generation = version - 1};
      if (version == 1) AddFeatures(put.changes);
      for (uint32_t number = 1; number <= kPlans; ++number) AddPlan(put.changes, number, version);
      Must(storage::Commit(ledger_.store(), {.change = std::move(put)}));
    }
    ledger_.Reopen();
  }

  static void AddFeatures(storage::CatalogRecord& changes) {
    for (uint32_t number = 1; number <= kFeatures; ++number) {
      storage::FeatureRecord& feature = *changes.add_features();
      feature.set_number(number);
      feature.set_slug(absl::StrCat("f", number));
      feature.set_name(feature.slug());
    }
  }

  static void AddPlan(storage::CatalogRecord& changes, uint32_t number, uint32_t version) {
    storage::PlanRecord& plan = *changes.add_plans();
    plan.set_number(number);
    plan.set_slug(absl::StrCat("p", number));
    plan.set_currency("USD");
    plan.set_interval(static_cast<uint32_t>(storage::IntervalCode::kMonth));
    storage::PlanVersionRecord& added = *plan.add_versions();
    added.set_version(version);
    added.set_name(plan.slug());
    added.set_effective_us(version);
    const std::string price = absl::StrCat(version);
    for (uint32_t feature = 1; feature <= kFeatures; ++feature) {
      storage::PlanFeatureRecord& terms = *added.add_features();
      terms.set_feature(feature);
      terms.set_usage_model(static_cast<uint32_t>(UsageModel::kUsageBased));
      terms.set_rating_model(static_cast<uint32_t>(rating::RatingModel::kGraduated) + 1);
      terms.set_unit_price("0");
      terms.set_billing_units("1");
      terms.set_reset_interval(static_cast<uint32_t>(storage::IntervalCode::kMonth));
      terms.set_overage(static_cast<uint32_t>(Overage::kCharge));
      for (uint32_t tier = 1; tier <= kTiers; ++tier) {
        storage::TierRecord& to = *terms.add_tiers();
        if (tier < kTiers) to.set_up_to(absl::StrCat(tier));
        to.set_unit_price(price);
        to.set_flat_fee("0");
      }
    }
  }

  static std::string PlanSlug(uint32_t number) { return absl::StrCat("p", number); }

  TestLedger ledger_{CatalogSpec(), {}, kTermsBytesMax};
};

TEST_F(LargeCatalogTest, TakesTheMemoryOfWhatIsInUse) {
  const ProcessMemory memory;
  const Directory& directory = ledger_.parts().directory;
  Catalogs catalogs(ledger_.parts());
  for (uint32_t number = 1; number <= kPlans; ++number) {
    const std::string plan = PlanSlug(number);
    ledger_.AddCustomer(plan, plan);
    EXPECT_TRUE(ledger_.Use(plan, "f1", "3").recorded);
    EXPECT_EQ(ledger_.Unbilled(plan), 3 * kVersions);
    EXPECT_EQ(ledger_.Bill(plan).total(), 3 * kVersions);
    for (uint32_t version = 1; version <= kVersions; ++version) {
      const PlanView view =
          Must(catalogs.GetPlan(ledger_.context(), storage::kReadAll, plan, version));
      EXPECT_EQ(view.terms->features.size(), kFeatures);
      EXPECT_LE(directory.terms_bytes(), kTermsBytesMax);
    }
  }
  // In addition to terms: tables in the store's cache, and files, which are in memory in this test
  // and which a compaction writes again.
  if (ProcessMemory::kIsExact) {
    EXPECT_LT(memory.PeakGrowth(), 160 << 20);
  }
}

}  // namespace
}  // namespace owo::ledger
