// Dropping old events: what is dropped, what does not change, and which calls report it.

#include <gmock/gmock.h>

#include <atomic>

#include "absl/time/clock.h"
#include "storage/rocksdb/format/keys.h"
#include "storage/rocksdb/open.h"
#include "storage/util/try.h"
#include "tests/storage/rocksdb/verified_store.h"
#include "tests/support/archiving.h"
#include "tests/support/faulty_disk.h"
#include "tests/support/invoices.h"
#include "tests/support/temp_dir.h"

namespace owo::storage {
namespace {

using ::testing::IsEmpty;
using ::testing::SizeIs;

constexpr Micros kNovemberEnd = 20788 * kDay;
constexpr char kArchivedCounterLetter[] = "73";  // 's', after the tenant

class RetentionTest : public VerifiedStoreTest {
 protected:
  void Open() {
    store_.reset();
    auto store = OpenRocksStore({.data_dir = kVerifiedData, .env = memory_.get()});
    ASSERT_TRUE(store.ok()) << store.status();
    store_ = *std::move(store);
  }
  void Start() {
    Open();
    subject_ = AddSubject(*store_, "acme");
  }
  // Closes the store, drops all events that may be dropped, and reopens it.
  void Drop(Micros now = Later(), Micros age = kAge) {
    store_.reset();
    ArchiveAll({.data_dir = kVerifiedData, .env = memory_.get()}, now, age);
    Open();
  }
  // Tracks an unrelated event, because the newest journal record is never dropped.
  void TrackLast() {
    const std::string name = "other-" + std::to_string(++others_);
    const Subject other = AddSubject(*store_, name);
    TrackOne(*store_, other, other.Event(name, 1));
  }

  // Tracks one event in the month that begins on the day of `time`, and invoices it.
  CounterKey InvoicedMonth(Micros time) {
    const CounterKey month = subject_.Counter(0, FeatureNo{1}, {IntervalCode::kMonth, time / kDay});
    TrackOne(*store_, subject_, subject_.Event("a", Units(1), month));
    MustCreateInvoice(*store_, subject_, InvoiceId(1));
    TrackLast();
    return month;
  }

  absl::StatusOr<std::vector<StoredEvent>> List(OrdinalRange range = {0, UINT64_MAX},
                                                std::optional<CounterKey> counter = {}) {
    OWO_TRY(EventList list,
            store_->ListEvents(kReadAll, subject_.tenant, counter.value_or(subject_.Counter()),
                               {.range = range, .limit = 100}));
    return std::move(list.events);
  }
  Counter Read() { return ReadCounter(*store_, subject_, subject_.Counter()); }
  void ExpectDropped(OrdinalRange range = {0, UINT64_MAX}, std::optional<CounterKey> counter = {}) {
    const auto listed = List(range, counter);
    EXPECT_TRUE(absl::IsFailedPrecondition(listed.status())) << listed.status();
  }
  void ExpectSound() {
    store_.reset();
    EXPECT_THAT(Differing(), IsEmpty());
    Open();
  }
  size_t Rows(ColumnFamily family) {
    store_.reset();
    const size_t rows = RowsOf(*OpenDatabase(kVerifiedData, memory_.get()), family).size();
    Open();
    return rows;
  }

  Subject subject_;
  int others_ = 0;
  std::unique_ptr<Store> store_;
};

TEST_F(RetentionTest, DropsInvoicedEventsOfOldPeriodsAndKeepsAllElse) {
  Start();
  for (int i = 0; i < 10; ++i) {
    TrackOne(*store_, subject_, subject_.Event("e" + std::to_string(i), i));
  }
  const InvoiceRecord invoice = MustCreateInvoice(*store_, subject_, InvoiceId(1));
  TrackLast();
  const Counter before = Read();
  EXPECT_GT(Rows(ColumnFamily::kJournal), 10);
  Drop();
  EXPECT_EQ(Rows(ColumnFamily::kJournal), 1) << "the newest";
  EXPECT_EQ(Rows(ColumnFamily::kUsageEvents), 1) << "of the other customer";
  EXPECT_EQ(Rows(ColumnFamily::kIds), 11);
  EXPECT_EQ(Read(), before);
  EXPECT_EQ(store_->ReadInvoice(kReadAll, subject_.tenant, InvoiceId(1)).value(),
            invoice.SerializeAsString());
  ExpectDropped();
  ExpectDropped({9, 10});
  ExpectSound();
}

TEST_F(RetentionTest, KeepsWhatIsUnbilled) {
  Start();
  TrackOne(*store_, subject_, subject_.Event("a", 1));
  TrackLast();
  Drop();
  EXPECT_THAT(List().value(), SizeIs(1));
  MustCreateInvoice(*store_, subject_, InvoiceId(1));
  TrackLast();
  Drop();  // skipped before, and found now
  ExpectDropped();
  ExpectSound();
}

TEST_F(RetentionTest, KeepsPeriodsThatEndedLessThanTheAgeAgo) {
  Start();
  const CounterKey month = InvoicedMonth(absl::ToUnixMicros(absl::Now()) + 100 * kDay);
  const Micros end = ReadCounter(*store_, subject_, month).terms.period_end;
  Drop(end + kAge - 1);
  EXPECT_THAT(List({0, 1}, month).value(), SizeIs(1));
  Drop(end + kAge);
  ExpectDropped({0, 1}, month);
  ExpectSound();
}

TEST_F(RetentionTest, KeepsRecordsThatAreYoungerThanTheAge) {
  Start();
  const Micros now = absl::ToUnixMicros(absl::Now());
  const CounterKey month = InvoicedMonth(now - 100 * kDay);
  Drop(now - kDay + kAge);
  EXPECT_THAT(List({0, 1}, month).value(), SizeIs(1));
  Drop(now + kDay + kAge);
  ExpectDropped({0, 1}, month);
  ExpectSound();
}

TEST_F(RetentionTest, KeepsPeriodsThatNeverEndAndTheRecordsTheyShare) {
  Start();
  TrackEvent endless = subject_.Event("endless", Units(1),
                                      subject_.Counter(0, FeatureNo{2}, {IntervalCode::kNever, 1}));
  TargetOf(endless).terms.period_end = kForever;
  TrackAll(*store_, subject_, {subject_.Event("a", 1), endless});
  TrackOne(*store_, subject_, subject_.Event("b", 2));
  MustCreateInvoice(*store_, subject_, InvoiceId(1));
  TrackLast();
  Drop();
  EXPECT_THAT(List({0, 1}, endless.target->counter).value(), SizeIs(1));
  EXPECT_THAT(List({0, 1}).value(), SizeIs(1));
  ExpectDropped({1, 2});
  ExpectSound();
}

TEST_F(RetentionTest, KeepsRecordsThatOpeningNeeds) {
  FaultyDisk disk;
  const OpenOptions options{.data_dir = kVerifiedData, .env = disk.env()};
  {
    auto store = OpenRocksStore(options);
    ASSERT_TRUE(store.ok()) << store.status();
    subject_ = AddSubject(**store, "acme");
    TrackOne(**store, subject_, subject_.Event("a", 7));
    MustCreateInvoice(**store, subject_, InvoiceId(1));
    disk.CutPowerAfter(0);  // nothing is flushed
  }
  disk.RestorePower(random_);
  ArchiveAll(options, Later(), kAge);
  const auto store = OpenRocksStore(options);
  ASSERT_TRUE(store.ok()) << store.status();
  EXPECT_EQ(ReadCounter(**store, subject_, subject_.Counter()).total, Units(7));
}

TEST_F(RetentionTest, KnowsDroppedIdsForEver) {
  Start();
  TrackOne(*store_, subject_, subject_.Event("a", 7));
  MustCreateInvoice(*store_, subject_, InvoiceId(1));
  TrackLast();
  Drop();
  const TrackOutcome repeat = TrackOne(*store_, subject_, subject_.Event("a", 7));
  EXPECT_EQ(repeat.code, TrackCode::kCounted);
  EXPECT_TRUE(repeat.duplicate);
  EXPECT_EQ(TrackOne(*store_, subject_, subject_.Event("a", 8)).code, TrackCode::kIdReused);
  EXPECT_EQ(Read().total, Units(7));
}

TEST_F(RetentionTest, CountsALateEventOfAnArchivedCounter) {
  Start();
  TrackOne(*store_, subject_, subject_.Event("a", 1));
  TrackOne(*store_, subject_, subject_.Event("b", 2));
  MustCreateInvoice(*store_, subject_, InvoiceId(1));
  TrackLast();
  Drop();
  TrackOne(*store_, subject_, subject_.Event("late", 4));
  EXPECT_EQ(Read().total, Units(7));
  EXPECT_TRUE(Read().open);
  ExpectDropped();
  const auto late = List({2, 3});
  ASSERT_TRUE(late.ok()) << late.status();
  ASSERT_THAT(*late, SizeIs(1));
  EXPECT_EQ(late->front().id_text, "late");
  EXPECT_EQ(late->front().ordinal, 2);
  ExpectSound();
  EXPECT_EQ(MustCreateInvoice(*store_, subject_, InvoiceId(2)).subtotal(), 4);
  ExpectSound();
  TrackLast();
  Drop();
  ExpectDropped({2, 3});
  ExpectSound();
}

TEST_F(RetentionTest, VoidsAndInvoicesAgainWhatIsDropped) {
  Start();
  TrackOne(*store_, subject_, subject_.Event("a", 5));
  const InvoiceRecord invoice = MustCreateInvoice(*store_, subject_, InvoiceId(1));
  TrackLast();
  Drop();
  MustChange(*store_, subject_, Become(invoice, INVOICE_STATUS_RECORD_VOID));
  EXPECT_TRUE(Read().open);
  ExpectSound();
  EXPECT_EQ(MustCreateInvoice(*store_, subject_, InvoiceId(2)).subtotal(), 5);
  ExpectDropped();
  ExpectSound();
}

TEST_F(RetentionTest, ALifeWithDropsInItIsSoundAndLosesNothingButEvents) {
  Workload workload;
  size_t dropped = 0;
  for (int round = 0; round < 8; ++round) {
    Open();
    for (int i = 0; i < 60; ++i) workload.Step(*store_, random_);
    store_.reset();
    auto before = ReplayedRows(*OpenDatabase(kVerifiedData, memory_.get()));
    const size_t records =
        RowsOf(*OpenDatabase(kVerifiedData, memory_.get()), ColumnFamily::kJournal).size();
    // In some rounds the second of the two months is not old enough.
    ArchiveAll({.data_dir = kVerifiedData, .env = memory_.get()}, Later(),
               random_.OneIn(2) ? kAge : Later() - kNovemberEnd);
    auto database = OpenDatabase(kVerifiedData, memory_.get());
    auto after = ReplayedRows(*database);
    for (auto* rows : {&before, &after}) {
      rows->erase("usage_events");
      std::erase_if((*rows)["usage"], [](const auto& row) {
        return row.first.substr(8, 2) == kArchivedCounterLetter;
      });
      std::erase_if((*rows)["default"], [](const auto& row) { return row.first.size() > 8; });
    }
    EXPECT_TRUE(before == after) << "what is not an event has changed";
    dropped += records - RowsOf(*database, ColumnFamily::kJournal).size();
    database.reset();
    ASSERT_FALSE(HasFailure());
    EXPECT_THAT(Differing(), IsEmpty()) << "in round " << round;
  }
  EXPECT_GT(dropped, 100);
}

TEST_F(RetentionTest, DropsBesideCommitsWhileTheStoreIsOpen) {
  const TempDir dir;
  std::atomic<int> failures = 0;
  OpenOptions options{.data_dir = dir.path(), .unflushed_events_max = 50};
  {
    auto store = OpenRocksStore(options);
    ASSERT_TRUE(store.ok()) << store.status();
    subject_ = AddSubject(**store, "acme");
    for (int i = 0; i < 100; ++i) {
      TrackOne(**store, subject_, subject_.Event("e" + std::to_string(i), 1));
    }
    MustCreateInvoice(**store, subject_, InvoiceId(1));
  }
  options.retain = {.age = kAge,
                    .clock = Later,
                    .pause = absl::Milliseconds(1),
                    .on_failure = [&failures](const auto&) { ++failures; }};
  auto store = OpenRocksStore(options);
  ASSERT_TRUE(store.ok()) << store.status();
  store_ = *std::move(store);
  // The first event can be listed until it is dropped.
  const Subject other = AddSubject(*store_, "other");
  bool gone = false;
  for (int i = 0; !gone; ++i) {
    TrackOne(*store_, other, other.Event("other" + std::to_string(i), 1));
    const auto first = List({0, 1});
    gone = !first.ok();
    EXPECT_TRUE(!gone || absl::IsFailedPrecondition(first.status())) << first.status();
    ASSERT_LT(i, 100'000) << "nothing was dropped";
  }
  EXPECT_EQ(failures, 0);
  store_.reset();
  const auto report = VerifyRocksStore({.data_dir = dir.path()}, nullptr);
  ASSERT_TRUE(report.ok()) << report.status();
  EXPECT_EQ(report->differences(), 0) << report->ToString();
}

}  // namespace
}  // namespace owo::storage
