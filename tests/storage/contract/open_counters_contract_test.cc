// Which counters may hold unbilled usage, and so must be read to show usage.

#include "storage/convert.h"
#include "tests/storage/contract/store_contract.h"
#include "tests/support/invoices.h"

namespace owo::storage {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

class OpenCountersContract : public StoreContract {
 protected:
  void SetUp() override {
    StoreContract::SetUp();
    subject_ = AddSubject(store(), "acme");
  }
  // Returns the counters that are marked open, without those that are listed along with them.
  std::vector<CounterKey> Open() {
    std::vector<CounterKey> open;
    for (const Counter& counter : ReadAccount(store(), subject_).open) {
      if (counter.open) open.push_back(counter.key);
    }
    return open;
  }
  TrackEvent Settling(std::string_view id, int64_t quantity, int64_t closed_up_to) {
    TrackEvent event = subject_.Event(id, quantity);
    TargetOf(event).closed_up_to = Units(closed_up_to);
    return event;
  }
  TrackOutcome Track(const TrackEvent& event) { return TrackOne(store(), subject_, event); }

  // Tracks events in both segments of a period, and invoices them.
  void TrackAndInvoiceTwoSegments() {
    TrackEvent first = subject_.Event("first", 1);
    TargetOf(first).group_segments = 2;
    TrackAll(store(), subject_, {first, subject_.Event("second", 1, 1)});
    MustCreateInvoice(store(), subject_, InvoiceId(1));
    ASSERT_THAT(Open(), IsEmpty());
  }
  // Commits a new invoice that was decided before `late` was counted.
  void DecideThenTrackThenCommit(bool alone, const TrackEvent& late) {
    Track(subject_.Event("e1", 5));
    CreateInvoice create = InvoiceAll(subject_, ReadAccount(store(), subject_), InvoiceId(1));
    ASSERT_EQ(create.closed_counters.size(), 1);
    create.closed_counters[0].set_alone(alone);
    Track(late);
    ASSERT_THAT(Commit(store(), Change(subject_, create)), Answers(MutationCode::kCommitted));
  }

  Subject subject_;
};
OWO_FOR_EVERY_STORE(OpenCountersContract);

TEST_P(OpenCountersContract, UsageOpensItsCounter) {
  Track(subject_.Event("e1", 1));
  EXPECT_THAT(Open(), ElementsAre(subject_.Counter()));
}

TEST_P(OpenCountersContract, UsageThatHoldsNothingToBillDoesNot) {
  Track(Settling("a", 10, 10));
  EXPECT_THAT(Open(), IsEmpty());
  Track(Settling("b", 1, 10));
  EXPECT_THAT(Open(), ElementsAre(subject_.Counter()));
  Track(Settling("c", -1, 10));
  EXPECT_THAT(Open(), IsEmpty());
}

TEST_P(OpenCountersContract, ComeInOrderOfTheirKeys) {
  const CounterKey december = subject_.Counter(0, FeatureNo{1}, kDecember);
  const CounterKey other_feature = subject_.Counter(0, FeatureNo{2});
  TrackAll(store(), subject_,
           {subject_.Event("a", Units(1), other_feature), subject_.Event("b", Units(1), december),
            subject_.Event("c", 1)});
  EXPECT_THAT(Open(), ElementsAre(subject_.Counter(), december, other_feature));
  Reopen();
  EXPECT_THAT(Open(), ElementsAre(subject_.Counter(), december, other_feature));
}

TEST_P(OpenCountersContract, AnInvoiceClosesItsCounters) {
  Track(subject_.Event("e1", 5));
  MustCreateInvoice(store(), subject_, InvoiceId(1));
  EXPECT_THAT(Open(), IsEmpty());
  Reopen();
  EXPECT_THAT(Open(), IsEmpty());
}

TEST_P(OpenCountersContract, UsageAfterAnInvoiceOpensAgain) {
  Track(subject_.Event("e1", 5));
  MustCreateInvoice(store(), subject_, InvoiceId(1));
  Track(Settling("e2", 1, 10));  // a covered counter is not closed because of its total alone
  EXPECT_THAT(Open(), ElementsAre(subject_.Counter()));
}

TEST_P(OpenCountersContract, UsageCountedWhileAnInvoiceWasMadeStaysOpen) {
  DecideThenTrackThenCommit(/*alone=*/false, subject_.Event("late", 1));
  EXPECT_THAT(Open(), ElementsAre(subject_.Counter()));
}

TEST_P(OpenCountersContract, ACounterThatOthersCanChangeStaysOpenWhenTheyMoved) {
  DecideThenTrackThenCommit(/*alone=*/false, subject_.Event("late", 1, 1));
  EXPECT_THAT(Open(), ElementsAre(subject_.Counter(), subject_.Counter(1)));
}

TEST_P(OpenCountersContract, ACounterOfItsOwnClosesWhenOnlyOthersMoved) {
  DecideThenTrackThenCommit(/*alone=*/true,
                            subject_.Event("late", Units(1), subject_.Counter(0, FeatureNo{2})));
  EXPECT_THAT(Open(), ElementsAre(subject_.Counter(0, FeatureNo{2})));
}

TEST_P(OpenCountersContract, ACounterOfItsOwnStaysOpenWhenItMoved) {
  DecideThenTrackThenCommit(/*alone=*/true, subject_.Event("late", 1));
  EXPECT_THAT(Open(), ElementsAre(subject_.Counter()));
}

TEST_P(OpenCountersContract, UsageInASegmentOpensTheLaterOnesOfItsPeriod) {
  TrackAndInvoiceTwoSegments();
  TrackEvent late = subject_.Event("late", 1);
  TargetOf(late).group_segments = 2;
  Track(late);
  EXPECT_THAT(Open(), ElementsAre(subject_.Counter(0), subject_.Counter(1)));
}

TEST_P(OpenCountersContract, UsageInTheLastSegmentOpensOnlyThat) {
  TrackAndInvoiceTwoSegments();
  Track(subject_.Event("late", 1, 1));
  EXPECT_THAT(Open(), ElementsAre(subject_.Counter(1)));
}

TEST_P(OpenCountersContract, AnOpenCounterComesWithTheEarlierSegmentsOfItsPeriod) {
  TrackAndInvoiceTwoSegments();
  Track(subject_.Event("third", 1, 2));
  const Account account = ReadAccount(store(), subject_);
  ASSERT_EQ(account.open.size(), 3);
  EXPECT_EQ(account.open[0].key, subject_.Counter(0));
  EXPECT_FALSE(account.open[0].open);
  EXPECT_EQ(account.open[1].key, subject_.Counter(1));
  EXPECT_TRUE(account.open[2].open);
}

TEST_P(OpenCountersContract, AVoidedInvoiceOpensWhatItCovered) {
  Track(subject_.Event("e1", 5));
  const InvoiceRecord invoice = MustCreateInvoice(store(), subject_, InvoiceId(1));
  MustChange(store(), subject_, Become(invoice, INVOICE_STATUS_RECORD_VOID));
  EXPECT_THAT(Open(), ElementsAre(subject_.Counter()));
}

TEST_P(OpenCountersContract, AnAccountKnowsItsLatestEvent) {
  EXPECT_EQ(ReadAccount(store(), subject_).latest_event, std::nullopt);
  TrackEvent later = subject_.Event("later", 1);
  later.time = kNow + kDay;
  TrackAll(store(), subject_, {later, subject_.Event("e1", 1)});
  Reopen();
  EXPECT_EQ(ReadAccount(store(), subject_).latest_event, kNow + kDay);
}

// Segments share an allowance, so rating one needs the others, including those that were closed
// when the store was opened and have no usage since.
TEST_P(OpenCountersContract, OneThatOpensComesWithEarlierSegmentsThatWereClosed) {
  TrackAndInvoiceTwoSegments();
  Reopen();
  Track(subject_.Event("third", 1, 2));
  std::vector<uint32_t> segments;
  for (const Counter& counter : ReadAccount(store(), subject_).open) {
    segments.push_back(counter.key.segment);
  }
  EXPECT_THAT(segments, ElementsAre(0, 1, 2));
}

}  // namespace
}  // namespace owo::storage
