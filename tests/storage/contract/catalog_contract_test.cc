// A catalog changes as a whole, and a change must not take effect before counted usage.

#include <thread>

#include "tests/storage/contract/store_contract.h"

namespace owo::storage {
namespace {

class CatalogContract : public StoreContract {
 protected:
  absl::StatusOr<MutationResult> Put(const PutCatalog& put) {
    return Commit(store(), Change(tenant_, put));
  }
  CatalogRecord Read() { return WholeCatalog(store(), tenant_.tenant); }

  const Subject tenant_{};  // without a customer
};
OWO_FOR_EVERY_STORE(CatalogContract);

TEST_P(CatalogContract, IsEmptyAtFirst) {
  EXPECT_EQ(Read().generation(), 0);
  EXPECT_TRUE(Read().features().empty());
}

TEST_P(CatalogContract, KeepsWhatWasPut) {
  ASSERT_THAT(Put(FirstCatalog()), Answers(MutationCode::kCommitted));
  Reopen();
  CatalogRecord want = FirstCatalog().changes;
  want.set_generation(1);
  EXPECT_EQ(Read().SerializeAsString(), want.SerializeAsString());
}

TEST_P(CatalogContract, ChangesWhatIsMentionedAndKeepsTheRest) {
  ASSERT_THAT(Put(FirstCatalog()), Answers(MutationCode::kCommitted));
  PutCatalog put{.generation = 1};
  FeatureRecord& archived = *put.changes.add_features() = FirstCatalog().changes.features(1);
  archived.set_archived(true);
  PlanRecord& plan = *put.changes.add_plans() = FirstCatalog().changes.plans(0);
  plan.clear_versions();
  plan.add_versions()->set_version(2);
  ASSERT_THAT(Put(put), Answers(MutationCode::kCommitted));

  const CatalogRecord catalog = Read();
  EXPECT_EQ(catalog.generation(), 2);
  ASSERT_EQ(catalog.features_size(), 2);
  EXPECT_FALSE(catalog.features(0).archived());
  EXPECT_TRUE(catalog.features(1).archived());
  ASSERT_EQ(catalog.plans_size(), 1);
  ASSERT_EQ(catalog.plans(0).versions_size(), 2);
  EXPECT_EQ(catalog.plans(0).versions(0).version(), 1);
  EXPECT_EQ(catalog.plans(0).versions(1).version(), 2);
}

TEST_P(CatalogContract, AChangeOfWhatHasMovedIsAConflictAndChangesNothing) {
  ASSERT_THAT(Put(FirstCatalog()), Answers(MutationCode::kCommitted));
  PutCatalog outdated;
  outdated.changes.add_features()->set_number(9);
  EXPECT_THAT(Put(outdated), Answers(MutationCode::kConflict));
  EXPECT_EQ(Read().features_size(), 2);
  EXPECT_EQ(Read().generation(), 1);
}

TEST_P(CatalogContract, VersionsAreListedWithoutTheirTermsFromAnyOneOn) {
  ASSERT_THAT(Put(FirstCatalog()), Answers(MutationCode::kCommitted));
  PutCatalog put{.generation = 1};
  PlanRecord& plan = *put.changes.add_plans() = FirstCatalog().changes.plans(0);
  plan.clear_versions();
  PlanVersionRecord& second = *plan.add_versions();
  second.set_version(2);
  second.set_name("Second");
  second.set_effective_us(kNow);
  second.set_at_once(true);
  second.set_at_once_us(kNow + 1);
  for (uint32_t feature = 1; feature <= 2; ++feature) second.add_features()->set_feature(feature);
  plan.add_versions()->set_version(3);
  const PlanVersionRecord want = plan.versions(0);
  const PlanNo number{plan.number()};
  ASSERT_THAT(Put(put), Answers(MutationCode::kCommitted));

  const auto all = store().ReadPlanVersions(kReadAll, tenant_.tenant, number, 0);
  ASSERT_TRUE(all.ok()) << all.status();
  ASSERT_EQ(all->size(), 3);
  EXPECT_EQ(all->at(1).bytes, want.ByteSizeLong());
  PlanVersionRecord head = want;
  head.clear_features();
  EXPECT_EQ(all->at(1).record.SerializeAsString(), head.SerializeAsString());

  const auto later = store().ReadPlanVersions(kReadAll, tenant_.tenant, number, 3);
  ASSERT_TRUE(later.ok()) << later.status();
  ASSERT_EQ(later->size(), 1);
  EXPECT_EQ(later->at(0).record.version(), 3);
  const auto none = store().ReadPlanVersions(kReadAll, tenant_.tenant, PlanNo{9}, 0);
  ASSERT_TRUE(none.ok()) << none.status();
  EXPECT_TRUE(none->empty());

  const auto read = store().ReadPlanVersion(kReadAll, tenant_.tenant, number, 2);
  ASSERT_TRUE(read.ok() && read->has_value()) << read.status();
  EXPECT_EQ((*read)->SerializeAsString(), want.SerializeAsString());
  const auto absent = store().ReadPlanVersion(kReadAll, tenant_.tenant, number, 4);
  ASSERT_TRUE(absent.ok()) << absent.status();
  EXPECT_FALSE(absent->has_value());
}

TEST_P(CatalogContract, TheGenerationCountsChanges) {
  const auto generation = [&] {
    const auto read = store().CatalogGeneration(kReadAll, tenant_.tenant);
    EXPECT_TRUE(read.ok()) << read.status();
    return read.value_or(UINT64_MAX);
  };
  EXPECT_EQ(generation(), 0);
  ASSERT_THAT(Put(FirstCatalog()), Answers(MutationCode::kCommitted));
  EXPECT_EQ(generation(), 1);
  Reopen();
  EXPECT_EQ(generation(), 1);
}

TEST_P(CatalogContract, IsReadAtOneMoment) {
  ASSERT_THAT(Put(FirstCatalog()), Answers(MutationCode::kCommitted));
  std::atomic<bool> done = false;
  std::thread writer([&] {
    for (uint64_t generation = 1; generation < 300; ++generation) {
      PutCatalog put{.generation = generation};
      put.changes.add_features()->set_number(static_cast<uint32_t>(generation) + 2);
      EXPECT_THAT(Put(put), Answers(MutationCode::kCommitted));
    }
    done = true;
  });
  while (!done) {
    const CatalogRecord catalog = Read();
    EXPECT_EQ(catalog.features_size(), catalog.generation() + 1);
  }
  writer.join();
}

TEST_P(CatalogContract, OneOfManyConcurrentChangesIsCommitted) {
  std::atomic<int> committed = 0;
  InParallel(10, [&](int) {
    if (IsCommitted(Put(FirstCatalog()))) ++committed;
  });
  EXPECT_EQ(committed, 1);
}

TEST_P(CatalogContract, TenantsHaveCatalogsOfTheirOwn) {
  ASSERT_THAT(Put(FirstCatalog()), Answers(MutationCode::kCommitted));
  const auto other = store().ReadCatalog(kReadAll, TenantId{2});
  ASSERT_TRUE(other.ok());
  EXPECT_EQ(other->generation(), 0);
  EXPECT_TRUE(other->plans().empty());
}

TEST_P(CatalogContract, TheLatestEventIsByTimeAndOfAnyCustomer) {
  const auto none = store().LatestEvent(kReadAll, kDefaultTenant);
  ASSERT_TRUE(none.ok());
  EXPECT_FALSE(none->has_value());

  const Subject first = AddSubject(store(), "first");
  const Subject second = AddSubject(store(), "second");
  TrackOne(store(), first, first.Event("e1", 1));
  TrackEvent earlier = second.Event("e2", 1);
  earlier.time = kNow - kDay;
  TrackOne(store(), second, earlier);
  const auto latest = store().LatestEvent(kReadAll, kDefaultTenant);
  ASSERT_TRUE(latest.ok());
  EXPECT_EQ(*latest, kNow);
}

TEST_P(CatalogContract, AChangeMayNotPrecedeCountedUsage) {
  const Subject subject = AddSubject(store(), "acme");
  TrackOne(store(), subject, subject.Event("e1", 1));
  PutCatalog put{.generation = 1, .effective_from = kNow};
  EXPECT_THAT(Put(put), Answers(MutationCode::kUsageAfterChange));
  EXPECT_EQ(Read().generation(), 1);
  put.effective_from = kNow + 1;
  EXPECT_THAT(Put(put), Answers(MutationCode::kCommitted));
}

// ---- Changes that conflict with subscriptions to a plan that were made meanwhile.

class SubscribedPlansContract : public CatalogContract {
 protected:
  // Creates a catalog with generation 1, and a customer.
  void SetUp() override {
    CatalogContract::SetUp();
    subject_ = AddSubject(store(), "acme");
  }
  absl::StatusOr<MutationResult> Subscribe(PlanNo plan, uint64_t catalog_generation) {
    const auto read = store().ReadCustomer(kReadAll, kDefaultTenant, subject_.customer);
    if (!read.ok()) return read.status();
    return Commit(store(),
                  Change(subject_, PutCustomer{.record = read->record,
                                               .contract = read->contract,
                                               .subscribes = {{plan, catalog_generation}}}));
  }
  uint64_t Sequence() {
    const auto sequence = store().CommitSequence(kReadAll, kDefaultTenant);
    EXPECT_TRUE(sequence.ok()) << sequence.status();
    return sequence.value_or(0);
  }
  PutCatalog Without(PlanNo plan, uint64_t commit_sequence, uint64_t generation = 1) {
    return {.generation = generation, .not_subscribed = {{plan}, commit_sequence}};
  }

  Subject subject_;
};
OWO_FOR_EVERY_STORE(SubscribedPlansContract);

TEST_P(SubscribedPlansContract, OneToWhichACustomerSubscribedSinceIsAConflict) {
  const uint64_t before = Sequence();
  ASSERT_THAT(Subscribe(PlanNo{1}, 1), Answers(MutationCode::kCommitted));
  EXPECT_GT(Sequence(), before);
  EXPECT_THAT(Put(Without(PlanNo{1}, before)), Answers(MutationCode::kConflict));
  EXPECT_EQ(Read().generation(), 1);
  EXPECT_THAT(Put(Without(PlanNo{2}, before)), Answers(MutationCode::kCommitted));
  EXPECT_THAT(Put(Without(PlanNo{1}, Sequence(), 2)), Answers(MutationCode::kCommitted));
}

TEST_P(SubscribedPlansContract, OtherCommitsSinceDoNotMatter) {
  const uint64_t before = Sequence();
  AddSubject(store(), "other");
  TrackOne(store(), subject_, subject_.Event("e1", 1));
  const uint64_t after = Sequence();
  EXPECT_GE(after, before);
  if (GetParam().counts_all_commits) {
    EXPECT_GT(after, before);
  }
  EXPECT_THAT(Put(Without(PlanNo{1}, before)), Answers(MutationCode::kCommitted));
}

TEST_P(SubscribedPlansContract, ASubscriptionDecidedOnAnOlderCatalogIsAConflict) {
  ASSERT_THAT(Put({.generation = 1}), Answers(MutationCode::kCommitted));
  EXPECT_THAT(Subscribe(PlanNo{1}, 1), Answers(MutationCode::kConflict));
  EXPECT_THAT(Subscribe(PlanNo{1}, 2), Answers(MutationCode::kCommitted));
}

// A subscription that was decided on the replaced catalog is visible to a read before the catalog's
// commit, or that commit is a conflict.
TEST_P(SubscribedPlansContract, NoSubscriptionIsMissedByBothLookAndCommit) {
  std::atomic<bool> done = false;
  std::atomic<int> subscribed = 0;
  std::thread subscriber([&] {
    for (int i = 0; i < 400; ++i) {
      auto read = store().ReadCustomer(kReadAll, kDefaultTenant, subject_.customer);
      const auto catalog = store().ReadCatalog(kReadAll, kDefaultTenant);
      ASSERT_TRUE(read.ok() && catalog.ok());
      const uint64_t generation = catalog->generation();
      // Marks the generation that it was decided on.
      read->contract.set_spend_cap(static_cast<int64_t>(generation));
      const PutCustomer put{.record = read->record,
                            .contract = read->contract,
                            .subscribes = {{PlanNo{1}, generation}}};
      subscribed += IsCommitted(Commit(store(), Change(subject_, put))) ? 1 : 0;
    }
    done = true;
  });
  int committed = 0;
  while (!done) {
    const auto generation = static_cast<int64_t>(Read().generation());
    const uint64_t commit_sequence = Sequence();
    const auto seen = store().ListContracts(kReadAll, kDefaultTenant, CustomerNo{0}, 10);
    ASSERT_TRUE(seen.ok());
    if (!IsCommitted(Put(Without(PlanNo{1}, commit_sequence, static_cast<uint64_t>(generation))))) {
      continue;
    }
    ++committed;
    const auto now = store().ReadCustomer(kReadAll, kDefaultTenant, subject_.customer);
    ASSERT_TRUE(now.ok());
    const bool decided_before = now->contract.spend_cap() <= generation;
    if (decided_before) {
      EXPECT_EQ(now->contract.generation(), seen->front().generation());
    }
  }
  subscriber.join();
  EXPECT_GT(subscribed, 0);
  EXPECT_GT(committed, 0);
}

}  // namespace
}  // namespace owo::storage
