// The events of a counter can be listed: each once, in order of arrival, with the invoice that
// covers it. This explains the usage of a line.

#include "storage/convert.h"
#include "tests/storage/contract/store_contract.h"
#include "tests/support/invoices.h"
#include "tests/support/random.h"

namespace owo::storage {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

class EventsContract : public StoreContract {
 protected:
  void SetUp() override {
    StoreContract::SetUp();
    subject_ = AddSubject(store(), "acme");
  }
  std::vector<StoredEvent> List(OrdinalRange range, size_t limit = SIZE_MAX) {
    return List(subject_, subject_.Counter(), range, limit);
  }
  std::vector<StoredEvent> List(const Subject& subject, const CounterKey& key, OrdinalRange range,
                                size_t limit = SIZE_MAX) {
    const auto list =
        store().ListEvents(kReadAll, subject.tenant, key, {.range = range, .limit = limit});
    EXPECT_TRUE(list.ok()) << list.status();
    return list.ok() ? list->events : std::vector<StoredEvent>();
  }
  void Track(std::string_view id, int64_t quantity) {
    TrackOne(store(), subject_, subject_.Event(id, quantity));
  }
  // Counts `count` events of quantity 1, `together` per command.
  void TrackMany(int count, int together) {
    for (int done = 0; done < count;) {
      std::vector<TrackEvent> events;
      for (; events.size() < static_cast<size_t>(together) && done < count; ++done) {
        events.push_back(subject_.Event("e" + std::to_string(done), 1));
      }
      TrackAll(store(), subject_, std::move(events));
    }
  }
  std::vector<std::string> Invoices(OrdinalRange range) {
    std::vector<std::string> invoices;
    for (const StoredEvent& event : List(range)) invoices.push_back(event.invoice);
    return invoices;
  }

  Subject subject_;
};
OWO_FOR_EVERY_STORE(EventsContract);

constexpr OrdinalRange kAll{0, UINT64_MAX};

std::vector<std::string> Ids(const std::vector<StoredEvent>& events) {
  std::vector<std::string> ids;
  ids.reserve(events.size());
  for (const StoredEvent& event : events) ids.push_back(event.id_text);
  return ids;
}

Quantity Sum(const std::vector<StoredEvent>& events) {
  Quantity sum;
  for (const StoredEvent& event : events) sum += event.quantity;
  return sum;
}

// Expects the quantities of the events in a line's ranges to add up to what it covers.
void ExpectLineExplained(Store& store, const Subject& subject, const InvoiceRecord& invoice) {
  const bool is_void = invoice.status() == INVOICE_STATUS_RECORD_VOID;
  for (const LineRecord& line : invoice.lines()) {
    const CounterKey key = FromRecord(line.counter());
    const auto covers = FromRecord(line.covers());
    ASSERT_TRUE(covers.ok()) << covers.status();
    Quantity sum;
    for (const OrdinalRange& range : covers->ranges) {
      const auto list = store.ListEvents(kReadAll, subject.tenant, key, {.range = range});
      ASSERT_TRUE(list.ok()) << list.status();
      ASSERT_EQ(list->events.size(), range.end - range.first);
      sum += Sum(list->events);
      for (const StoredEvent& event : list->events) {
        ASSERT_EQ(event.invoice == invoice.id(), !is_void) << "event " << event.ordinal;
      }
    }
    EXPECT_EQ(sum, covers->usage);
  }
}

TEST_P(EventsContract, GivesBackWhatWasCounted) {
  const std::string uuid = "018f2e4c-7d3a-7cc1-9a52-0242ac120002";
  TrackEvent first = subject_.Event(uuid, 5);
  first.properties = "{\"region\": \"eu\"}";
  first.time = kNow - kDay;
  TrackAll(store(), subject_,
           {first, subject_.Event("order-17", Quantity{-1}, subject_.Counter())});
  const auto events = List(kAll);
  ASSERT_EQ(events.size(), 2);
  EXPECT_EQ(events[0].ordinal, 0);
  EXPECT_EQ(events[0].id, EventId::Of(uuid));
  EXPECT_EQ(events[0].id_text, uuid);
  EXPECT_EQ(events[0].properties, first.properties);
  EXPECT_EQ(events[0].quantity, Units(5));
  EXPECT_EQ(events[0].time, first.time);
  EXPECT_GT(events[0].committed, 0);
  EXPECT_EQ(events[0].invoice, "");
  EXPECT_EQ(events[1].ordinal, 1);
  EXPECT_EQ(events[1].id, EventId::Of("order-17"));
  EXPECT_EQ(events[1].id_text, "order-17");
  EXPECT_EQ(events[1].properties, "");
  EXPECT_EQ(events[1].quantity, Quantity{-1});
  EXPECT_EQ(events[1].committed, events[0].committed);
}

TEST_P(EventsContract, ListsThemInOrderOfArrivalWhateverTheirTime) {
  for (const int days : {3, -9, 0, 7, -2}) {
    TrackEvent event = subject_.Event("day " + std::to_string(days), 1);
    event.time = kNow + days * kDay;
    TrackOne(store(), subject_, event);
  }
  EXPECT_THAT(Ids(List(kAll)), ElementsAre("day 3", "day -9", "day 0", "day 7", "day -2"));
}

TEST_P(EventsContract, ListsOnlyWhatWasCountedAndOnce) {
  Track("e1", 5);
  Track("e1", 5);
  Track("e1", 6);
  Track("below zero", -50);
  TrackEvent refused = subject_.Event("refused", 1);
  refused.refusal = 1;
  TrackOne(store(), subject_, refused);
  Track("e2", 1);
  EXPECT_THAT(Ids(List(kAll)), ElementsAre("e1", "e2"));
}

TEST_P(EventsContract, KeepsCountersCustomersAndTenantsApart) {
  const Subject neighbour = AddSubject(store(), "neighbour");
  const Subject stranger = AddSubject(store(), "acme", TenantId{2});
  const CounterKey december = subject_.Counter(0, FeatureNo{1}, kDecember);
  for (int i = 0; i < 3; ++i) {
    const std::string n = std::to_string(i);
    TrackAll(
        store(), subject_,
        {subject_.Event("november " + n, 1), subject_.Event("december " + n, Units(1), december),
         subject_.Event("segment " + n, 1, 1),
         subject_.Event("feature " + n, Units(1), subject_.Counter(0, FeatureNo{2}))});
    TrackOne(store(), neighbour, neighbour.Event("neighbour " + n, 1));
    TrackOne(store(), stranger, stranger.Event("stranger " + n, 1));
  }
  EXPECT_THAT(Ids(List(kAll)), ElementsAre("november 0", "november 1", "november 2"));
  EXPECT_THAT(Ids(List(subject_, december, kAll)),
              ElementsAre("december 0", "december 1", "december 2"));
  EXPECT_THAT(Ids(List(subject_, subject_.Counter(1), kAll)),
              ElementsAre("segment 0", "segment 1", "segment 2"));
  EXPECT_THAT(Ids(List(neighbour, neighbour.Counter(), kAll)),
              ElementsAre("neighbour 0", "neighbour 1", "neighbour 2"));
  EXPECT_THAT(Ids(List(stranger, stranger.Counter(), kAll)),
              ElementsAre("stranger 0", "stranger 1", "stranger 2"));
}

TEST_P(EventsContract, HasNothingToListOfACounterThatIsNotThereOrAfterItsEnd) {
  EXPECT_THAT(List(kAll), IsEmpty());
  Track("e1", 1);
  EXPECT_THAT(List({1, 5}), IsEmpty());
  EXPECT_THAT(List({UINT64_MAX, UINT64_MAX}), IsEmpty());
  EXPECT_THAT(List({1, 0}), IsEmpty());
  EXPECT_THAT(List(kAll, 0), IsEmpty());
  EXPECT_THAT(List(subject_, subject_.Counter(7), kAll), IsEmpty());
}

TEST_P(EventsContract, EveryPageIsAPartOfTheWhole) {
  constexpr uint64_t kEvents = 23;
  TrackMany(11, 3);
  List(kAll);  // flushes them, so that later ones are in other chunks
  TrackMany(kEvents, 4);
  const std::vector<std::string> whole = Ids(List(kAll));
  ASSERT_EQ(whole.size(), kEvents);
  for (uint64_t first = 0; first <= kEvents; ++first) {
    for (uint64_t limit = 1; limit <= kEvents + 1; ++limit) {
      const auto page = List({first, UINT64_MAX}, limit);
      const auto end = std::min(kEvents, first + limit);
      ASSERT_EQ(Ids(page), std::vector(whole.begin() + static_cast<ptrdiff_t>(first),
                                       whole.begin() + static_cast<ptrdiff_t>(end)));
      ASSERT_TRUE(page.empty() || page.front().ordinal == first);
      ASSERT_EQ(Ids(List({first, end})), Ids(page));
    }
  }
}

TEST_P(EventsContract, ThousandsOfEventsComeInPagesWithoutAGap) {
  constexpr int kEvents = 10'000;
  TrackMany(kEvents / 2, 1000);
  Reopen();
  TrackMany(kEvents, 1000);
  int next = 0;
  while (next < kEvents) {
    const auto page = List({static_cast<uint64_t>(next), UINT64_MAX}, 777);
    ASSERT_FALSE(page.empty());
    for (const StoredEvent& event : page) {
      ASSERT_EQ(event.ordinal, next);
      ASSERT_EQ(event.id_text, "e" + std::to_string(next));
      ++next;
    }
  }
  EXPECT_EQ(next, kEvents);
}

TEST_P(EventsContract, ACommandOfLargeEventsIsListedWhole) {
  std::vector<TrackEvent> events;
  for (int i = 0; i < 300; ++i) {
    events.push_back(subject_.Event("e" + std::to_string(i), i));
    events.back().properties = Kept(std::string(1000, static_cast<char>('a' + i % 26)));
  }
  TrackAll(store(), subject_, events);
  const auto listed = List(kAll);
  ASSERT_EQ(listed.size(), events.size());
  for (size_t i = 0; i < listed.size(); ++i) {
    EXPECT_EQ(listed[i].id, events[i].id);
    EXPECT_EQ(listed[i].properties, events[i].properties);
    EXPECT_EQ(listed[i].quantity, events[i].quantity);
  }
}

TEST_P(EventsContract, NamesTheInvoiceThatCoversAnEventUntilItIsVoid) {
  Track("e1", 1);
  Track("e2", 1);
  const InvoiceRecord first = MustCreateInvoice(store(), subject_, InvoiceId(1));
  Track("e3", 1);
  EXPECT_THAT(Invoices(kAll), ElementsAre(InvoiceId(1), InvoiceId(1), ""));
  MustCreateInvoice(store(), subject_, InvoiceId(2));
  Track("e4", 1);
  EXPECT_THAT(Invoices(kAll), ElementsAre(InvoiceId(1), InvoiceId(1), InvoiceId(2), ""));
  MustChange(store(), subject_, Become(first, INVOICE_STATUS_RECORD_VOID));
  EXPECT_THAT(Invoices(kAll), ElementsAre("", "", InvoiceId(2), ""));
  // The uncovered and the new events are not adjacent.
  MustCreateInvoice(store(), subject_, InvoiceId(3));
  Reopen();
  EXPECT_THAT(Invoices(kAll), ElementsAre(InvoiceId(3), InvoiceId(3), InvoiceId(2), InvoiceId(3)));
  EXPECT_THAT(Invoices({1, 3}), ElementsAre(InvoiceId(3), InvoiceId(2)));
}

TEST_P(EventsContract, ADraftCoversAndKeepsItsEventsWhenItBecomesOpenAndPaid) {
  Track("e1", 1);
  CreateInvoice create = InvoiceAll(subject_, ReadAccount(store(), subject_), InvoiceId(1));
  create.invoice.set_status(INVOICE_STATUS_RECORD_DRAFT);
  const auto draft = Commit(store(), Change(subject_, create));
  ASSERT_TRUE(IsCommitted(draft));
  EXPECT_THAT(Invoices(kAll), ElementsAre(InvoiceId(1)));
  const InvoiceRecord open =
      MustChange(store(), subject_, Become(InRow(draft->invoice), INVOICE_STATUS_RECORD_OPEN));
  MustChange(store(), subject_, Become(open, INVOICE_STATUS_RECORD_PAID));
  EXPECT_THAT(Invoices(kAll), ElementsAre(InvoiceId(1)));
}

// Late and negative events, several counters, invoices and voids in any order, with restarts.
TEST_P(EventsContract, EveryLineIsExplainedAfterEveryHistory) {
  Random random;
  uint64_t invoices = 0;
  for (int step = 0; step < 150; ++step) {
    if (random.OneIn(25)) Reopen();
    if (random.OneIn(5)) MustCreateInvoice(store(), subject_, InvoiceId(++invoices));
    for (const InvoiceRecord& invoice : MustList(store(), subject_)) {
      if (invoice.status() == INVOICE_STATUS_RECORD_OPEN && random.OneIn(20)) {
        MustChange(store(), subject_, Become(invoice, INVOICE_STATUS_RECORD_VOID));
      }
    }
    std::vector<TrackEvent> events;
    for (int64_t i = random.Between(1, 9); i > 0; --i) {
      const auto segment = static_cast<uint32_t>(random.Between(0, 1));
      events.push_back(subject_.Event(std::to_string(step) + "-" + std::to_string(i),
                                      random.Between(-3, 9), segment));
      events.back().time = kNow - random.Between(0, 20 * kDay);
    }
    TrackAll(store(), subject_, std::move(events));
  }
  const std::vector<InvoiceRecord> made = MustList(store(), subject_);
  ASSERT_GT(made.size(), 10);
  for (const InvoiceRecord& invoice : made) ExpectLineExplained(store(), subject_, invoice);
  for (const uint32_t segment : {0, 1}) {
    const CounterKey key = subject_.Counter(segment);
    EXPECT_EQ(Sum(List(subject_, key, kAll)), ReadCounter(store(), subject_, key).total);
  }
}

TEST_P(EventsContract, AnAnsweredEventIsListedWhileOthersWrite) {
  InParallel(8, [&](int caller) {
    const CounterKey key = subject_.Counter(static_cast<uint32_t>(caller % 2));
    for (int i = 0; i < 40; ++i) {
      const std::string id = std::to_string(caller) + "-" + std::to_string(i);
      TrackOne(store(), subject_, subject_.Event(id, Units(1), key));
      EXPECT_THAT(Ids(List(subject_, key, kAll)), ::testing::Contains(id));
    }
  });
  EXPECT_EQ(List(kAll).size(), 160);
}

}  // namespace
}  // namespace owo::storage
