// Reads see every acknowledged write, return pages newest first, and never return data of other
// tenants.

#include <future>
#include <thread>

#include "tests/storage/contract/store_contract.h"
#include "tests/support/invoices.h"

namespace owo::storage {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::SizeIs;

class ReadsContract : public StoreContract {
 protected:
  void SetUp() override {
    StoreContract::SetUp();
    subject_ = AddSubject(store(), "acme");
  }
  std::vector<CounterKey> List(FeatureNo feature, const std::optional<CounterKey>& before,
                               size_t limit) {
    const auto counters =
        store().ListCounters(kReadAll, subject_.tenant, subject_.customer, feature, before, limit);
    EXPECT_TRUE(counters.ok()) << counters.status();
    std::vector<CounterKey> keys;
    if (counters.ok()) {
      for (const Counter& counter : *counters) keys.push_back(counter.key);
    }
    return keys;
  }
  InvoiceList MustList(const InvoiceListQuery& query) {
    auto list = store().ListInvoices(kReadAll, subject_.tenant, query);
    EXPECT_TRUE(list.ok()) << list.status();
    return list.ok() ? *std::move(list) : InvoiceList();
  }
  static std::vector<std::string> IdsOf(const InvoiceList& list) {
    std::vector<std::string> ids;
    for (const std::string& row : list.rows) {
      ids.push_back(InRow(row).id());
    }
    return ids;
  }
  std::vector<std::string> ListInvoices(CustomerNo customer, std::string_view before,
                                        size_t limit) {
    return IdsOf(MustList({.customer = customer, .before = std::string(before), .limit = limit}));
  }
  // Returns the ids on all pages.
  std::vector<std::vector<std::string>> Pages(InvoiceListQuery query) {
    std::vector<std::vector<std::string>> pages;
    do {
      const InvoiceList list = MustList(query);
      pages.push_back(IdsOf(list));
      query.before = list.next;
    } while (!query.before.empty() && pages.size() < 100);
    return pages;
  }
  InvoiceRecord TrackAndInvoice(const Subject& subject, uint64_t invoice) {
    TrackOne(store(), subject, subject.Event("e" + std::to_string(invoice), 1));
    return MustCreateInvoice(store(), subject, InvoiceId(invoice));
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
  TrackAndInvoice(subject_, 1);
  TrackAndInvoice(other, 2);
  TrackAndInvoice(subject_, 3);
  TrackAndInvoice(subject_, 4);

  const std::string one = InvoiceId(1);
  const std::string three = InvoiceId(3);
  EXPECT_THAT(ListInvoices(subject_.customer, "", 2), ElementsAre(InvoiceId(4), three));
  EXPECT_THAT(ListInvoices(subject_.customer, three, 2), ElementsAre(one));
  EXPECT_THAT(ListInvoices(subject_.customer, one, 2), IsEmpty());
  EXPECT_THAT(ListInvoices(other.customer, "", 10), ElementsAre(InvoiceId(2)));
  EXPECT_THAT(ListInvoices(CustomerNo{}, "", 3), ElementsAre(InvoiceId(4), three, InvoiceId(2)));
  EXPECT_THAT(ListInvoices(CustomerNo{}, InvoiceId(2), 3), ElementsAre(one));
}

TEST_P(ReadsContract, AnInvoiceListEndsWhereItSaysSo) {
  const std::vector<std::string> none;
  for (uint64_t id = 1; id <= 3; ++id) TrackAndInvoice(subject_, id);
  const std::vector<std::string> ids = {InvoiceId(3), InvoiceId(2), InvoiceId(1)};
  for (const CustomerNo of : {subject_.customer, CustomerNo{}}) {
    EXPECT_THAT(Pages({.customer = of}), ElementsAre(ids));
    EXPECT_THAT(Pages({.customer = of, .limit = 3}), ElementsAre(ids));
    EXPECT_THAT(Pages({.customer = of, .limit = 2}),
                ElementsAre(ElementsAre(ids[0], ids[1]), ElementsAre(ids[2])));
    EXPECT_THAT(Pages({.customer = of, .work_max = 2}),
                ElementsAre(ElementsAre(ids[0], ids[1]), ElementsAre(ids[2])));
    EXPECT_THAT(Pages({.customer = of, .before = ids[2]}), ElementsAre(none));
  }
}

TEST_P(ReadsContract, AnInvoiceListHasOneRowAtLeastAndNoMoreBytesThanAsked) {
  for (uint64_t id = 1; id <= 4; ++id) TrackAndInvoice(subject_, id);
  for (const CustomerNo of : {subject_.customer, CustomerNo{}}) {
    const size_t row = MustList({.customer = of, .limit = 1}).rows.at(0).size();
    EXPECT_THAT(Pages({.customer = of, .bytes_max = 1}), SizeIs(4));
    EXPECT_THAT(Pages({.customer = of, .bytes_max = 2 * row - 1}), SizeIs(4));
    EXPECT_THAT(Pages({.customer = of, .bytes_max = 2 * row}), ElementsAre(SizeIs(2), SizeIs(2)));
  }
}

TEST_P(ReadsContract, AnInvoiceListOfAStatusPassesOverTheOthers) {
  for (uint64_t id = 1; id <= 5; ++id) {
    const InvoiceRecord invoice = TrackAndInvoice(subject_, id);
    if (id == 2 || id == 5) {
      MustChange(store(), subject_, Become(invoice, INVOICE_STATUS_RECORD_VOID));
    }
  }
  for (const CustomerNo of : {subject_.customer, CustomerNo{}}) {
    const InvoiceListQuery query{.customer = of, .status = INVOICE_STATUS_RECORD_VOID};
    EXPECT_THAT(IdsOf(MustList(query)), ElementsAre(InvoiceId(5), InvoiceId(2)));
    InvoiceListQuery one = query;
    one.limit = 1;
    one.work_max = 2;
    const InvoiceList first = MustList(one);
    EXPECT_THAT(IdsOf(first), ElementsAre(InvoiceId(5)));
    one.before = first.next;  // two rows are examined, and neither matches
    const InvoiceList second = MustList(one);
    EXPECT_THAT(second.rows, IsEmpty());
    EXPECT_EQ(second.next, InvoiceId(3));
  }
}

TEST_P(ReadsContract, TenantsDoNotSeeEachOther) {
  const Subject other = AddSubject(store(), "other", TenantId{2});
  TrackAndInvoice(other, 1);
  EXPECT_THAT(ListInvoices(CustomerNo{}, "", 10), IsEmpty());
  EXPECT_THAT(ReadAccount(store(), subject_).open, IsEmpty());
  EXPECT_EQ(ReadAccount(store(), subject_).invoice_version, 0);
  const auto invoice = store().ReadInvoice(kReadAll, subject_.tenant, InvoiceId(1));
  ASSERT_TRUE(invoice.ok());
  EXPECT_FALSE(invoice->has_value());
  const auto latest = store().LatestEvent(kReadAll, subject_.tenant);
  ASSERT_TRUE(latest.ok());
  EXPECT_FALSE(latest->has_value());
}

}  // namespace
}  // namespace owo::storage
