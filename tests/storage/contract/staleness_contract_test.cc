// An event is counted on the terms that it was resolved against, or is stale.

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
  TargetOf(stale).customer_generation = 0;
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
