// Customers are created, found by id and email, changed with conflict detection, and listed.

#include <google/protobuf/util/message_differencer.h>

#include <atomic>
#include <map>
#include <thread>

#include "tests/storage/contract/store_contract.h"
#include "tests/support/random.h"

namespace owo::storage {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::Optional;

using google::protobuf::util::MessageDifferencer;

bool Same(const google::protobuf::Message& a, const google::protobuf::Message& b) {
  return MessageDifferencer::Equals(a, b);
}

class CustomersContract : public StoreContract {
 protected:
  absl::StatusOr<MutationResult> Put(const PutCustomer& put) {
    return Commit(store(), Change(tenant_, put));
  }
  CustomerNo Add(std::string_view id, std::string_view email = "") {
    const auto added = Put(NewCustomer(id, email));
    EXPECT_THAT(added, Answers(MutationCode::kCommitted));
    return added.ok() ? added->customer : CustomerNo{};
  }
  std::optional<CustomerNo> Find(std::string_view id) {
    const auto found = store().FindCustomer(kReadAll, tenant_.tenant, id);
    EXPECT_TRUE(found.ok()) << found.status();
    return found.ok() ? *found : std::nullopt;
  }
  std::vector<CustomerNo> FindByEmail(std::string_view email, size_t limit = 10) {
    auto found = store().FindByEmail(kReadAll, tenant_.tenant, email, limit);
    EXPECT_TRUE(found.ok()) << found.status();
    return found.ok() ? *std::move(found) : std::vector<CustomerNo>();
  }
  PutCustomer Read(CustomerNo number) {
    auto customer = store().ReadCustomer(kReadAll, tenant_.tenant, number);
    EXPECT_TRUE(customer.ok()) << customer.status();
    return customer.ok() ? PutCustomer{customer->record, customer->contract} : PutCustomer();
  }
  CustomerList ListPage(const CustomerListQuery& query) {
    auto listed = store().ListCustomers(kReadAll, tenant_.tenant, query);
    EXPECT_TRUE(listed.ok()) << listed.status();
    return listed.ok() ? *std::move(listed) : CustomerList();
  }
  std::vector<std::string> List(std::string_view after, size_t limit) {
    std::vector<std::string> ids;
    for (const Customer& customer :
         ListPage({.after = std::string(after), .limit = limit}).customers) {
      ids.push_back(customer.record.id());
    }
    return ids;
  }

  const Subject tenant_{};  // without a customer
};
OWO_FOR_EVERY_STORE(CustomersContract);

TEST_P(CustomersContract, AreNumberedInTheOrderOfMaking) {
  EXPECT_EQ(Add("zoe"), CustomerNo{1});
  EXPECT_EQ(Add("abe"), CustomerNo{2});
  Reopen();
  EXPECT_EQ(Add("kim"), CustomerNo{3});
  EXPECT_THAT(Find("abe"), Optional(CustomerNo{2}));
  EXPECT_EQ(Find("ab"), std::nullopt);
  EXPECT_EQ(Find("abel"), std::nullopt);
}

TEST_P(CustomersContract, KeepWhatWasPut) {
  PutCustomer put = NewCustomer("acme", "Ops@Acme.example");
  put.record.set_name("Acme");
  (*put.record.mutable_metadata())["region"] = "eu";
  put.contract.set_spend_cap(5000);
  const auto added = Put(put);
  ASSERT_THAT(added, Answers(MutationCode::kCommitted));
  Reopen();

  const PutCustomer read = Read(added->customer);
  put.record.set_number(1);
  put.contract.set_number(1);
  put.contract.set_generation(1);
  EXPECT_EQ(read.record.SerializeAsString(), put.record.SerializeAsString());
  EXPECT_EQ(read.contract.SerializeAsString(), put.contract.SerializeAsString());
}

SubscriptionRecord SubscriptionOf(uint32_t number, Micros start, std::string_view order) {
  SubscriptionRecord subscription;
  subscription.set_number(number);
  subscription.set_plan(1);
  subscription.set_start_us(start);
  subscription.set_end_us(kForever);
  if (!order.empty()) (*subscription.mutable_metadata())["order"] = std::string(order);
  return subscription;
}

TEST_P(CustomersContract, SubscriptionsThatAreNotGivenStay) {
  PutCustomer put = Read(Add("acme"));
  *put.contract.add_subscriptions() = SubscriptionOf(1, 100, "one");
  put.contract.set_currency("USD");
  ASSERT_THAT(Put(put), Answers(MutationCode::kCommitted));
  put.contract.set_generation(2);
  put.contract.clear_subscriptions();
  *put.contract.add_subscriptions() = SubscriptionOf(2, 50, "");
  ASSERT_THAT(Put(put), Answers(MutationCode::kCommitted));
  put.contract.set_generation(3);
  put.contract.clear_subscriptions();
  ASSERT_THAT(Put(put), Answers(MutationCode::kCommitted));
  Reopen();
  const ContractRecord contract = Read(CustomerNo{1}).contract;
  ASSERT_EQ(contract.subscriptions_size(), 2);  // in order of start
  EXPECT_EQ(contract.subscriptions(0).number(), 2);
  EXPECT_EQ(contract.subscriptions(1).number(), 1);
  EXPECT_EQ(contract.subscriptions(1).metadata().at("order"), "one");
  EXPECT_EQ(contract.subscriptions(0).metadata().size(), 0);
  EXPECT_EQ(contract.generation(), 4);
}

// Reads return what was put, across restarts of the store.
TEST_P(CustomersContract, ALifeOfChangesIsReadAsItWasPut) {
  Random random;
  for (const char* const id : {"a", "b", "c"}) Add(id);
  std::map<CustomerNo, PutCustomer> kept;
  for (uint64_t number = 1; number <= 3; ++number) {
    kept[CustomerNo{number}] = Read(CustomerNo{number});
  }
  for (int step = 0; step < 150; ++step) {
    const CustomerNo number{static_cast<uint64_t>(random.Between(1, 3))};
    PutCustomer& put = kept[number];
    put.record.set_updated_us(step);
    if (random.OneIn(3)) put.record.set_email("e" + std::to_string(step % 5));
    if (random.OneIn(3)) (*put.record.mutable_metadata())["k"] = std::to_string(step);
    if (random.OneIn(6)) put.record.mutable_metadata()->clear();
    if (random.OneIn(4)) put.contract.set_spend_cap(step);
    if (random.OneIn(8)) put.contract.clear_spend_cap();
    auto& subscriptions = *put.contract.mutable_subscriptions();
    if (random.OneIn(4)) {
      const auto count = static_cast<uint32_t>(subscriptions.size());
      *subscriptions.Add() = SubscriptionOf(count + 1, 100 * step, random.OneIn(2) ? "x" : "");
    } else if (!subscriptions.empty()) {
      subscriptions.rbegin()->set_end_us(100 * step + random.Between(0, 50));
      if (random.OneIn(5)) subscriptions.rbegin()->mutable_metadata()->clear();
    }
    PutCustomer given = put;
    if (random.OneIn(2)) {
      // Unchanged subscriptions may be left out.
      const int last = given.contract.subscriptions_size() - 1;
      if (last > 0) given.contract.mutable_subscriptions()->DeleteSubrange(0, last);
    }
    ASSERT_THAT(Put(given), Answers(MutationCode::kCommitted));
    put.contract.set_generation(put.contract.generation() + 1);
    if (random.OneIn(10)) Reopen();
    for (const auto& [each, expected] : kept) {
      const PutCustomer read = Read(each);
      EXPECT_TRUE(Same(read.record, expected.record)) << read.record.ShortDebugString();
      EXPECT_TRUE(Same(read.contract, expected.contract)) << read.contract.ShortDebugString();
    }
  }
}

TEST_P(CustomersContract, AnIdIsNotTheEmailOfAnotherCustomer) {
  ASSERT_THAT(Put(NewCustomer("ada", "Ada@x.com")), Answers(MutationCode::kCommitted));
  EXPECT_THAT(Put(NewCustomer("aDa@x.com")), Answers(MutationCode::kExists));
  EXPECT_THAT(Put(NewCustomer("ada@x.co")), Answers(MutationCode::kCommitted));
}

TEST_P(CustomersContract, AnEmailIsNotTheIdOfAnotherCustomer) {
  ASSERT_THAT(Put(NewCustomer("ada@x.com", "ada@x.com")), Answers(MutationCode::kCommitted));
  EXPECT_THAT(Put(NewCustomer("bob", "Ada@x.com")), Answers(MutationCode::kExists));
  EXPECT_THAT(Put(NewCustomer("bob", "ada@x.co")), Answers(MutationCode::kCommitted));
}

// In either order of the two concurrent calls, in one commit or in two.
TEST_P(CustomersContract, OfAnIdAndTheSameEmailAtOnceOneIsGiven) {
  for (int round = 0; round < 20; ++round) {
    const std::string name = "n" + std::to_string(round) + "@x.com";
    std::atomic<int> committed = 0;
    InParallel(2, [&](int caller) {
      const auto result = caller == 0 ? Put(NewCustomer(name))
                                      : Put(NewCustomer("c" + std::to_string(round), name));
      committed += result.ok() && result->code == MutationCode::kCommitted;
    });
    EXPECT_EQ(committed, 1) << round;
  }
}

TEST_P(CustomersContract, AnIdIsGivenOnce) {
  Add("acme");
  EXPECT_THAT(Put(NewCustomer("acme")), Answers(MutationCode::kExists));
  std::atomic<int> made = 0;
  InParallel(20, [&](int) {
    if (IsCommitted(Put(NewCustomer("contested")))) ++made;
  });
  EXPECT_EQ(made, 1);
  EXPECT_EQ(Add("next"), CustomerNo{3});
}

TEST_P(CustomersContract, AnUpdateOfWhatHasMovedIsAConflict) {
  const CustomerNo number = Add("acme");
  PutCustomer first = Read(number);
  PutCustomer second = first;
  first.record.set_name("first");
  second.record.set_name("second");
  EXPECT_THAT(Put(first), Answers(MutationCode::kCommitted));
  EXPECT_THAT(Put(second), Answers(MutationCode::kConflict));
  EXPECT_EQ(Read(number).record.name(), "first");
  EXPECT_EQ(Read(number).contract.generation(), 2);
}

TEST_P(CustomersContract, RecordAndContractAreReadAtOneMoment) {
  const CustomerNo number = Add("acme");
  std::atomic<bool> done = false;
  std::thread writer([&] {
    for (int i = 0; i < 300; ++i) {
      PutCustomer put = Read(number);
      put.record.set_name("generation " + std::to_string(put.contract.generation() + 1));
      EXPECT_THAT(Put(put), Answers(MutationCode::kCommitted));
    }
    done = true;
  });
  while (!done) {
    const PutCustomer read = Read(number);
    if (read.contract.generation() == 1) continue;
    EXPECT_EQ(read.record.name(), "generation " + std::to_string(read.contract.generation()));
  }
  writer.join();
}

TEST_P(CustomersContract, AnUpdateOfNobodyIsAConflictAndWritingGoesOn) {
  PutCustomer nobody = NewCustomer("nobody");
  nobody.record.set_number(99);
  EXPECT_THAT(Put(nobody), Answers(MutationCode::kConflict));
  EXPECT_EQ(Find("nobody"), std::nullopt);
  EXPECT_EQ(Add("acme"), CustomerNo{1});
}

TEST_P(CustomersContract, ARenamedCustomerIsFoundByItsNewNamesOnly) {
  const CustomerNo number = Add("acme", "a@acme.example");
  PutCustomer renamed = Read(number);
  renamed.record.set_id("apex");
  renamed.record.set_email("b@apex.example");
  ASSERT_THAT(Put(renamed), Answers(MutationCode::kCommitted));
  EXPECT_THAT(Find("apex"), Optional(number));
  EXPECT_EQ(Find("acme"), std::nullopt);
  EXPECT_THAT(FindByEmail("b@apex.example"), ElementsAre(number));
  EXPECT_THAT(FindByEmail("a@acme.example"), IsEmpty());
  EXPECT_NE(Add("acme"), number);
}

TEST_P(CustomersContract, MayNotBeRenamedToAnIdThatIsTaken) {
  Add("taken");
  PutCustomer renamed = Read(Add("acme"));
  renamed.record.set_id("taken");
  EXPECT_THAT(Put(renamed), Answers(MutationCode::kExists));
  EXPECT_THAT(List("", 10), ElementsAre("acme", "taken"));
}

TEST_P(CustomersContract, AreFoundByEmailWhateverItsCase) {
  const CustomerNo first = Add("first", "Ada.Lovelace@Example.COM");
  const CustomerNo second = Add("second", "ada.lovelace@example.com");
  Add("third", "ada.lovelace@example.co");
  Add("fourth");
  EXPECT_THAT(FindByEmail("ADA.lovelace@example.com"), ElementsAre(first, second));
  EXPECT_THAT(FindByEmail("ada.lovelace@example.com", 1), ElementsAre(first));
  EXPECT_EQ(Read(first).record.email(), "Ada.Lovelace@Example.COM");
}

// A look-up by the email, in the case of the id, would find the other customer.
TEST_P(CustomersContract, AnEmailIsNotTheIdOfAnotherWhateverTheirCases) {
  PutCustomer named = Read(Add("Ada@Example.com"));
  for (int opening = 0; opening < 2; ++opening) {
    for (const char* const email : {"ada@example.com", "Ada@Example.com", "ADA@EXAMPLE.COM"}) {
      EXPECT_THAT(Put(NewCustomer("bob", email)), Answers(MutationCode::kExists)) << email;
    }
    Reopen();
  }
  const CustomerNo bob = Add("bob", "ad\u00c0@example.com");  // only ASCII letters have cases
  Add("ad\u00e0@example.com");
  PutCustomer own = Read(bob);
  own.record.set_id("Bob@Example.com");
  own.record.set_email("bob@example.com");
  ASSERT_THAT(Put(own), Answers(MutationCode::kCommitted));  // its own id is no other's
  named.record.set_id("ada");
  ASSERT_THAT(Put(named), Answers(MutationCode::kCommitted));
  own = Read(bob);
  own.record.set_email("ada@example.COM");
  EXPECT_THAT(Put(own), Answers(MutationCode::kCommitted));  // nobody has the id any more
}

TEST_P(CustomersContract, AnEmailThatIsTakenAwayFindsNobody) {
  PutCustomer without = Read(Add("acme", "a@acme.example"));
  without.record.clear_email();
  ASSERT_THAT(Put(without), Answers(MutationCode::kCommitted));
  EXPECT_THAT(FindByEmail("a@acme.example"), IsEmpty());
  EXPECT_THAT(FindByEmail(""), IsEmpty());
}

TEST_P(CustomersContract, AreListedInPagesInOrderOfId) {
  for (const char* id : {"d", "a", "c", "b", "aa"}) Add(id);
  EXPECT_THAT(List("", 2), ElementsAre("a", "aa"));
  EXPECT_THAT(List("aa", 2), ElementsAre("b", "c"));
  EXPECT_THAT(List("c", 2), ElementsAre("d"));
  EXPECT_THAT(List("d", 2), IsEmpty());
  EXPECT_THAT(List("bb", 1), ElementsAre("c"));
}

TEST_P(CustomersContract, APageIsInOrderWhileACustomerIsRenamed) {
  for (const char* const id : {"a", "b", "c", "d", "e", "f"}) Add(id);
  const CustomerNo number = *Find("a");
  std::atomic<bool> done = false;
  std::thread writer([&] {
    for (int i = 0; i < 300; ++i) {
      PutCustomer put = Read(number);
      put.record.set_id(i % 2 == 0 ? "z" : "a");
      EXPECT_THAT(Put(put), Answers(MutationCode::kCommitted));
    }
    done = true;
  });
  while (!done) {
    const std::vector<std::string> ids = List("", 10);
    if (ids.empty() || ids[0] != "a") {
      EXPECT_THAT(ids, ElementsAre("b", "c", "d", "e", "f", "z"));
    } else {
      EXPECT_THAT(ids, ElementsAre("a", "b", "c", "d", "e", "f"));
    }
  }
  writer.join();
}

TEST_P(CustomersContract, TenantsDoNotShareCustomers) {
  Add("acme", "a@acme.example");
  const Subject other = AddSubject(store(), "acme", TenantId{2});
  EXPECT_EQ(other.customer, CustomerNo{1});
  EXPECT_THAT(List("", 10), ElementsAre("acme"));
  const auto by_email = store().FindByEmail(kReadAll, TenantId{2}, "a@acme.example", 10);
  ASSERT_TRUE(by_email.ok());
  EXPECT_THAT(*by_email, IsEmpty());
}

TEST_P(CustomersContract, APageOfCustomersIsBoundedInBytes) {
  for (const char* const id : {"a", "b", "c", "d", "e"}) {
    PutCustomer put = NewCustomer(id);
    (*put.record.mutable_metadata())["notes"] = std::string(1000, 'x');
    ASSERT_THAT(Put(put), Answers(MutationCode::kCommitted));
  }
  for (int opening = 0; opening < 2; ++opening) {
    for (const auto& [bytes_max, page] :
         {std::pair(1, 1), std::pair(1100, 1), std::pair(2500, 2), std::pair(10'000, 5)}) {
      std::string all;
      int pages = 0;
      CustomerListQuery query{.bytes_max = static_cast<size_t>(bytes_max)};
      do {
        ++pages;
        const CustomerList list = ListPage(query);
        ASSERT_FALSE(list.customers.empty());
        if (!list.next.empty()) {
          EXPECT_EQ(list.customers.size(), page) << bytes_max;
        }
        for (const Customer& customer : list.customers) {
          all += customer.record.id();
          EXPECT_EQ(customer.record.metadata().at("notes").size(), 1000);
        }
        query.after = list.next;
      } while (!query.after.empty());
      EXPECT_EQ(all, "abcde") << bytes_max;
      EXPECT_EQ(pages, (5 + page - 1) / page) << bytes_max;
    }
    EXPECT_EQ(ListPage({.limit = 5}).next, "");
    EXPECT_EQ(ListPage({.limit = 4}).next, "d");
    Reopen();
  }
}

TEST_P(CustomersContract, AReadOfACustomerHasThePartsThatWereAskedFor) {
  PutCustomer put = NewCustomer("acme");
  (*put.record.mutable_metadata())["region"] = "eu";
  const CustomerNo number = Put(put)->customer;
  put = Read(number);
  *put.contract.add_subscriptions() = SubscriptionOf(1, 100, "one");
  *put.contract.add_subscriptions() = SubscriptionOf(2, 200, "");
  ASSERT_THAT(Put(put), Answers(MutationCode::kCommitted));
  for (int opening = 0; opening < 2; ++opening) {
    for (const bool subscriptions : {false, true}) {
      for (const bool metadata : {false, true}) {
        const auto read =
            store().ReadCustomer(kReadAll, tenant_.tenant, number, {subscriptions, metadata});
        ASSERT_TRUE(read.ok()) << read.status();
        EXPECT_EQ(read->record.id(), "acme");
        EXPECT_EQ(read->contract.generation(), 2);
        EXPECT_EQ(read->record.metadata().size(), metadata ? 1 : 0);
        EXPECT_EQ(read->record.metadata_rows(), 0);
        ASSERT_EQ(read->contract.subscriptions_size(), subscriptions ? 2 : 0);
        if (!subscriptions) continue;
        EXPECT_EQ(read->contract.subscriptions(0).metadata().size(), metadata ? 1 : 0);
      }
    }
    const auto one = store().ReadMetadata(kReadAll, tenant_.tenant, number, 1);
    ASSERT_TRUE(one.ok()) << one.status();
    EXPECT_EQ(one->metadata().at("order"), "one");
    const auto none = store().ReadMetadata(kReadAll, tenant_.tenant, number, 2);
    ASSERT_TRUE(none.ok()) << none.status();
    EXPECT_TRUE(none->metadata().empty());
    Reopen();
  }
}

TEST_P(CustomersContract, AChangeMayKeepTheMetadataThatItDoesNotGive) {
  PutCustomer put = NewCustomer("acme");
  (*put.record.mutable_metadata())["region"] = "eu";
  const CustomerNo number = Put(put)->customer;
  put = Read(number);
  *put.contract.add_subscriptions() = SubscriptionOf(1, 100, "one");
  ASSERT_THAT(Put(put), Answers(MutationCode::kCommitted));

  const auto read = store().ReadCustomer(kReadAll, tenant_.tenant, number, {.metadata = false});
  ASSERT_TRUE(read.ok()) << read.status();
  put = {.record = read->record, .contract = read->contract, .keeps_metadata = true};
  put.contract.mutable_subscriptions(0)->set_end_us(150);
  *put.contract.add_subscriptions() = SubscriptionOf(2, 200, "two");
  ASSERT_THAT(Put(put), Answers(MutationCode::kCommitted));
  Reopen();
  put = Read(number);
  EXPECT_EQ(put.record.metadata().at("region"), "eu");
  EXPECT_EQ(put.contract.subscriptions(0).metadata().at("order"), "one");
  EXPECT_EQ(put.contract.subscriptions(0).end_us(), 150);
  EXPECT_EQ(put.contract.subscriptions(1).metadata().at("order"), "two");

  put.record.clear_metadata();  // without keeps_metadata, this removes it
  ASSERT_THAT(Put(put), Answers(MutationCode::kCommitted));
  EXPECT_TRUE(Read(number).record.metadata().empty());
}

TEST_P(CustomersContract, AContractMayNotPrecedeCountedUsage) {
  const Subject subject = AddSubject(store(), "acme");
  TrackOne(store(), subject, subject.Event("e1", 1));
  PutCustomer put = Read(subject.customer);
  put.effective_from = kNow;
  EXPECT_THAT(Put(put), Answers(MutationCode::kUsageAfterChange));
  put.effective_from = kNow + 1;
  EXPECT_THAT(Put(put), Answers(MutationCode::kCommitted));

  const Subject other = AddSubject(store(), "other");
  PutCustomer unused = Read(other.customer);
  unused.effective_from = 0;
  EXPECT_THAT(Put(unused), Answers(MutationCode::kCommitted));
}

TEST_P(CustomersContract, ContractsAreListedByNumber) {
  for (const char* const id : {"zoe", "abe", "kim"}) Add(id);
  const Subject other{.tenant = TenantId{2}};
  ASSERT_THAT(Commit(store(), Change(other, NewCustomer("eve"))),
              Answers(MutationCode::kCommitted));
  const auto numbers = [this](CustomerNo after, size_t limit) {
    std::vector<uint64_t> listed;
    const auto contracts = store().ListContracts(kReadAll, tenant_.tenant, after, limit);
    EXPECT_TRUE(contracts.ok()) << contracts.status();
    if (!contracts.ok()) return listed;
    for (const ContractRecord& contract : *contracts) listed.push_back(contract.number());
    return listed;
  };
  for (int opening = 0; opening < 2; ++opening) {
    EXPECT_THAT(numbers(CustomerNo{0}, 10), ElementsAre(1, 2, 3));
    EXPECT_THAT(numbers(CustomerNo{0}, 2), ElementsAre(1, 2));
    EXPECT_THAT(numbers(CustomerNo{2}, 2), ElementsAre(3));
    EXPECT_THAT(numbers(CustomerNo{3}, 2), IsEmpty());
    Reopen();
  }
}

}  // namespace
}  // namespace owo::storage
