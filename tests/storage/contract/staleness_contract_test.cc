// An event is counted on the terms that it was resolved against, or is stale.

#include <thread>

#include "tests/storage/contract/store_contract.h"

namespace owo::storage {
namespace {

using Code = TrackCode;

class StalenessContract : public StoreContract {
 protected:
  void SetUp() override {
    StoreContract::SetUp();
    subject_ = AddSubject(store(), "acme");
  }
  // Increments the generation of the customer's contract.
  void UpdateCustomer() {
    const auto customer = store().ReadCustomer(kReadAll, subject_.tenant, subject_.customer);
    ASSERT_TRUE(customer.ok()) << customer.status();
    ASSERT_THAT(
        Commit(store(), Change(subject_, PutCustomer{customer->record, customer->contract})),
        Answers(MutationCode::kCommitted));
  }
  TrackEvent Expecting(std::string_view id, uint64_t usage_version) {
    TrackEvent event = subject_.Event(id, 1);
    TargetOf(event).expected_usage_version = usage_version;
    return event;
  }
  TrackOutcome Track(const TrackEvent& event) { return TrackOne(store(), subject_, event); }

  Subject subject_;
};
OWO_FOR_EVERY_STORE(StalenessContract);

TEST_P(StalenessContract, AnEventOfAnOlderOrNewerCatalogIsStale) {
  for (const uint64_t generation : {0, 2}) {
    Subject resolved = subject_;
    resolved.catalog_generation = generation;
    EXPECT_EQ(TrackOne(store(), resolved, resolved.Event("e1", 1)).code, Code::kStale);
  }
  EXPECT_EQ(Track(subject_.Event("e1", 1)).code, Code::kCounted);
}

TEST_P(StalenessContract, AnEventResolvedBeforeTheCatalogChangedIsStale) {
  PutCatalog put = FirstCatalog();
  put.generation = 1;
  ASSERT_THAT(Commit(store(), Change(subject_, put)), Answers(MutationCode::kCommitted));
  EXPECT_EQ(Track(subject_.Event("e1", 1)).code, Code::kStale);
  subject_.catalog_generation = 2;
  EXPECT_EQ(Track(subject_.Event("e1", 1)).code, Code::kCounted);
}

TEST_P(StalenessContract, AnEventResolvedBeforeTheCustomerChangedIsStale) {
  UpdateCustomer();
  EXPECT_EQ(Track(subject_.Event("e1", 1)).code, Code::kStale);
  Reopen();
  EXPECT_EQ(Track(subject_.Event("e1", 1)).code, Code::kStale);
  subject_.customer_generation = 2;
  EXPECT_EQ(Track(subject_.Event("e1", 1)).code, Code::kCounted);
}

TEST_P(StalenessContract, AnotherCustomersChangeMakesNothingStale) {
  const Subject other = AddSubject(store(), "other");
  UpdateCustomer();
  EXPECT_EQ(TrackOne(store(), other, other.Event("e1", 1)).code, Code::kCounted);
}

TEST_P(StalenessContract, AnEventThatIsRefusedOnWhatHasChangedIsStale) {
  TrackEvent refused = subject_.Event("e1", 1);
  refused.refusal = 1;
  refused.target = nullptr;
  EXPECT_EQ(Track(refused).code, Code::kRefused);
  UpdateCustomer();
  EXPECT_EQ(Track(refused).code, Code::kStale);
  refused.customer_generation = 2;
  EXPECT_EQ(Track(refused).code, Code::kRefused);
  subject_.catalog_generation = 0;
  EXPECT_EQ(Track(refused).code, Code::kStale);
}

TEST_P(StalenessContract, ARepeatSaysThatItIsStale) {
  Track(subject_.Event("e1", 1));
  EXPECT_FALSE(Track(subject_.Event("e1", 1)).stale);
  EXPECT_FALSE(Track(subject_.Event("e1", 2)).stale);
  UpdateCustomer();
  const TrackOutcome repeat = Track(subject_.Event("e1", 1));
  EXPECT_TRUE(repeat.duplicate && repeat.stale);
  const TrackOutcome reused = Track(subject_.Event("e1", 2));
  EXPECT_EQ(reused.code, Code::kIdReused);
  EXPECT_TRUE(reused.stale);
  subject_.customer_generation = 2;
  EXPECT_FALSE(Track(subject_.Event("e1", 1)).stale);
  subject_.catalog_generation = 0;
  EXPECT_TRUE(Track(subject_.Event("e1", 1)).stale);
}

// ---- The generations that caches compare.

TEST_P(StalenessContract, ACustomersGenerationCountsItsChanges) {
  const auto generation = [&](const Subject& of) {
    const auto read = store().CustomerGeneration(kReadAll, of.tenant, of.customer);
    EXPECT_TRUE(read.ok()) << read.status();
    EXPECT_EQ(ReadAccount(store(), of).customer_generation, read.value_or(UINT64_MAX));
    return read.value_or(UINT64_MAX);
  };
  Subject nobody;
  nobody.customer = CustomerNo{99};
  const Subject other = AddSubject(store(), "other");
  EXPECT_EQ(generation(nobody), 0);
  for (const uint64_t expected : {1, 2, 3, 4}) {
    EXPECT_EQ(generation(subject_), expected);
    Reopen();
    EXPECT_EQ(generation(subject_), expected);
    subject_.customer_generation = expected;
    if (expected % 2 == 0) Track(subject_.Event("e" + std::to_string(expected), 1));
    EXPECT_EQ(generation(subject_), expected);
    UpdateCustomer();
  }
  EXPECT_EQ(generation(other), 1);
}

TEST_P(StalenessContract, AnAccountHasAGenerationOfTheCatalog) {
  EXPECT_EQ(ReadAccount(store(), subject_).catalog_generation, 1);
  PutCatalog put = FirstCatalog();
  put.generation = 1;
  ASSERT_THAT(Commit(store(), Change(subject_, put)), Answers(MutationCode::kCommitted));
  EXPECT_EQ(ReadAccount(store(), subject_).catalog_generation, 2);
  Reopen();
  EXPECT_EQ(ReadAccount(store(), subject_).catalog_generation, 2);
}

// As another server sees it: with usage of a new generation comes the generation.
TEST_P(StalenessContract, NoAccountIsReadWithOlderGenerationsThanItsCounters) {
  std::atomic<bool> done = false;
  std::atomic<int> reads = 0;
  std::thread reader([&] {
    while (!done) {
      const Account account = ReadAccount(store(), subject_);
      for (const Counter& counter : account.open) {
        EXPECT_GE(account.catalog_generation, counter.terms.plan_version);
        EXPECT_GE(account.customer_generation, counter.terms.subscription);
      }
      ++reads;
    }
  });
  for (uint32_t generation = 2; generation < 60; ++generation) {
    UpdateCustomer();
    PutCatalog put = FirstCatalog();
    put.generation = generation - 1;
    ASSERT_THAT(Commit(store(), Change(subject_, put)), Answers(MutationCode::kCommitted));
    subject_.catalog_generation = subject_.customer_generation = generation;
    TrackEvent event = subject_.Event("e" + std::to_string(generation), 1, generation);
    TargetOf(event).terms.plan_version = TargetOf(event).terms.subscription = generation;
    ASSERT_EQ(Track(event).code, Code::kCounted);
  }
  while (reads < 10) std::this_thread::yield();
  done = true;
  reader.join();
}

TEST_P(StalenessContract, EveryCountedEventMovesTheUsageVersion) {
  EXPECT_EQ(ReadAccount(store(), subject_).usage_version, 0);
  TrackAll(store(), subject_,
           {subject_.Event("a", 1), subject_.Event("a", 1), subject_.Event("b", -5),
            subject_.Event("c", 1)});
  EXPECT_EQ(ReadAccount(store(), subject_).usage_version, 2);
}

TEST_P(StalenessContract, AnExpectedVersionCountsOnlyWhileItStands) {
  EXPECT_THAT(
      TrackAll(store(), subject_, {Expecting("a", 0), Expecting("b", 0), Expecting("c", 1)}),
      Codes(std::vector{Code::kCounted, Code::kConflict, Code::kCounted}));
  EXPECT_EQ(Track(Expecting("b", 2)).code, Code::kCounted);
}

TEST_P(StalenessContract, OneOfManyConcurrentEventsGetsTheVersion) {
  std::atomic<int> counted = 0;
  InParallel(20, [&](int i) {
    if (Track(Expecting("e" + std::to_string(i), 0)).code == Code::kCounted) ++counted;
  });
  EXPECT_EQ(counted, 1);
  EXPECT_EQ(ReadCounter(store(), subject_, subject_.Counter()).total, Units(1));
}

TEST_P(StalenessContract, ARepeatDoesNotOvertakeTheEventThatWasPutOff) {
  TrackEvent stale = subject_.Event("e1", 1);
  stale.customer_generation = 0;
  EXPECT_THAT(TrackAll(store(), subject_, {stale, subject_.Event("e1", 1)}),
              Codes(std::vector{Code::kStale, Code::kConflict}));
  EXPECT_THAT(TrackAll(store(), subject_, {Expecting("e2", 7), subject_.Event("e2", 1)}),
              Codes(std::vector{Code::kConflict, Code::kConflict}));
  EXPECT_EQ(ReadAccount(store(), subject_).usage_version, 0);
}

TEST_P(StalenessContract, AnEventThatWasPutOffHoldsUpNoOther) {
  EXPECT_THAT(TrackAll(store(), subject_, {Expecting("e1", 7), subject_.Event("e2", 1)}),
              Codes(std::vector{Code::kConflict, Code::kCounted}));
  EXPECT_EQ(Track(subject_.Event("e1", 1)).code, Code::kCounted);
}

}  // namespace
}  // namespace owo::storage
