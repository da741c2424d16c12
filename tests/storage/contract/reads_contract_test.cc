// Reads see every write that was answered, come in pages newest first, and leave other tenants
// alone.

#include <future>
#include <thread>

#include "storage/invoice_row.h"
#include "tests/storage/contract/store_contract.h"
#include "tests/support/invoices.h"

namespace owo::storage {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

class ReadsContract : public StoreContract {
 protected:
  void SetUp() override {
    StoreContract::SetUp();
    subject_ = AddSubject(store(), "acme");
  }
  std::vector<CounterKey> List(FeatureNo feature, const std::optional<CounterKey>& before,
                               size_t most) {
    const auto counters =
        store().ListCounters(kReadAll, subject_.tenant, subject_.customer, feature, before, most);
    EXPECT_TRUE(counters.ok()) << counters.status();
    std::vector<CounterKey> keys;
    if (counters.ok()) {
      for (const Counter& counter : *counters) keys.push_back(counter.key);
    }
    return keys;
  }
  std::vector<std::string> ListInvoices(CustomerNo customer, std::string_view before, size_t most) {
    const auto invoices = store().ListInvoices(kReadAll, subject_.tenant, customer, before, most);
    EXPECT_TRUE(invoices.ok()) << invoices.status();
    std::vector<std::string> ids;
    if (invoices.ok()) {
      for (const std::string& row : *invoices) {
        InvoiceRow invoice;
        EXPECT_TRUE(LookAtInvoice(row, invoice).ok());
        ids.emplace_back(invoice.id);
      }
    }
    return ids;
  }
  void TrackAndCut(const Subject& subject, uint64_t invoice) {
    TrackOne(store(), subject, subject.Event("e" + std::to_string(invoice), 1));
    MustCut(store(), subject, InvoiceId(invoice));
  }

  Subject subject_;
};
OWO_FOR_EVERY_STORE(ReadsContract);

TEST_P(ReadsContract, AWriteIsReadFromItsOwnAnswer) {
  std::promise<Quantity> read;
  store().Track(subject_.Command({subject_.Event("e1", 5)}), [&](auto outcomes) {
    EXPECT_TRUE(outcomes.ok());
    read.set_value(ReadCounter(store(), subject_, subject_.Counter()).total);
  });
  EXPECT_EQ(read.get_future().get(), Units(5));
}

TEST_P(ReadsContract, ManyWritersEachReadTheirOwnWrite) {
  InParallel(16, [&](int writer) {
    const CounterKey key =
        subject_.Counter(0, FeatureNo{static_cast<uint32_t>(writer) + 1}, kNovember);
    for (int i = 1; i <= 10; ++i) {
      const std::string id = std::to_string(writer) + "-" + std::to_string(i);
      TrackOne(store(), subject_, subject_.Event(id, Units(1), key));
      EXPECT_EQ(ReadCounter(store(), subject_, key).total, Units(i));
    }
  });
  EXPECT_EQ(ReadAccount(store(), subject_).usage_version, 160);
}

TEST_P(ReadsContract, AnAccountIsReadAtOneMoment) {
  const CounterKey other = subject_.Counter(0, FeatureNo{2});
  std::atomic<bool> done = false;
  std::thread reader([&] {
    while (!done) {
      uint64_t events = 0;
      const Account account = ReadAccount(store(), subject_);
      for (const Counter& counter : account.open) events += counter.events;
      EXPECT_EQ(events, account.usage_version);
    }
  });
  for (int i = 0; i < 200; ++i) {
    const std::string id = std::to_string(i);
    TrackAll(store(), subject_,
             {subject_.Event("a" + id, 1), subject_.Event("b" + id, Units(1), other)});
  }
  done = true;
  reader.join();
}

TEST_P(ReadsContract, CountersThatAreAskedForComeInTheOrderAsked) {
  TrackOne(store(), subject_, subject_.Event("e1", 1));
  const CounterKey absent = subject_.Counter(0, FeatureNo{2});
  const Account account = ReadAccount(store(), subject_, {absent, subject_.Counter()});
  ASSERT_EQ(account.asked.size(), 2);
  EXPECT_FALSE(account.asked[0].has_value());
  ASSERT_TRUE(account.asked[1].has_value());
  EXPECT_EQ(account.asked[1]->key, subject_.Counter());
}

TEST_P(ReadsContract, NobodysAccountIsEmpty) {
  Subject nobody;
  nobody.customer = CustomerNo{99};
  const Account account = ReadAccount(store(), nobody, {nobody.Counter()});
  EXPECT_EQ(account.usage_version, 0);
  EXPECT_THAT(account.open, IsEmpty());
  EXPECT_FALSE(account.asked.at(0).has_value());
}

TEST_P(ReadsContract, CountersComeInPagesGreatestFirst) {
  const Subject neighbour = AddSubject(store(), "neighbour");
  const CounterKey a = subject_.Counter();
  const CounterKey b = subject_.Counter(1);
  const CounterKey c = subject_.Counter(0, FeatureNo{1}, kDecember);
  const CounterKey d = subject_.Counter(0, FeatureNo{2}, {IntervalCode::kMonth, -3});
  const CounterKey e = subject_.Counter(0, FeatureNo{2});
  int id = 0;
  for (const CounterKey& key : {e, a, d, c, b}) {
    TrackOne(store(), subject_, subject_.Event(std::to_string(++id), Units(1), key));
  }
  TrackOne(store(), neighbour, neighbour.Event("neighbour", 1));

  EXPECT_THAT(List(FeatureNo{}, std::nullopt, 3), ElementsAre(e, d, c));
  EXPECT_THAT(List(FeatureNo{}, c, 3), ElementsAre(b, a));
  EXPECT_THAT(List(FeatureNo{}, a, 3), IsEmpty());
  EXPECT_THAT(List(FeatureNo{1}, std::nullopt, 10), ElementsAre(c, b, a));
  EXPECT_THAT(List(FeatureNo{1}, b, 10), ElementsAre(a));
  EXPECT_THAT(List(FeatureNo{3}, std::nullopt, 10), IsEmpty());
}

TEST_P(ReadsContract, InvoicesComeInPagesNewestFirst) {
  const Subject other = AddSubject(store(), "other");
  TrackAndCut(subject_, 1);
  TrackAndCut(other, 2);
  TrackAndCut(subject_, 3);
  TrackAndCut(subject_, 4);

  const std::string one = InvoiceId(1);
  const std::string three = InvoiceId(3);
  EXPECT_THAT(ListInvoices(subject_.customer, "", 2), ElementsAre(InvoiceId(4), three));
  EXPECT_THAT(ListInvoices(subject_.customer, three, 2), ElementsAre(one));
  EXPECT_THAT(ListInvoices(subject_.customer, one, 2), IsEmpty());
  EXPECT_THAT(ListInvoices(other.customer, "", 10), ElementsAre(InvoiceId(2)));
  EXPECT_THAT(ListInvoices(CustomerNo{}, "", 3), ElementsAre(InvoiceId(4), three, InvoiceId(2)));
  EXPECT_THAT(ListInvoices(CustomerNo{}, InvoiceId(2), 3), ElementsAre(one));
}

TEST_P(ReadsContract, TenantsDoNotSeeEachOther) {
  const Subject other = AddSubject(store(), "other", TenantId{2});
  TrackAndCut(other, 1);
  EXPECT_THAT(ListInvoices(CustomerNo{}, "", 10), IsEmpty());
  EXPECT_THAT(ReadAccount(store(), subject_).open, IsEmpty());
  EXPECT_EQ(ReadAccount(store(), subject_).cut_version, 0);
  const auto invoice = store().ReadInvoice(kReadAll, subject_.tenant, InvoiceId(1));
  ASSERT_TRUE(invoice.ok());
  EXPECT_FALSE(invoice->has_value());
  const auto latest = store().LatestEvent(kReadAll, subject_.tenant);
  ASSERT_TRUE(latest.ok());
  EXPECT_FALSE(latest->has_value());
}

}  // namespace
}  // namespace owo::storage
