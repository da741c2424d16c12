// Reopening restores the state, closing finishes accepted writes, and the queue is bounded.

#include <latch>

#include "tests/storage/contract/store_contract.h"
#include "tests/support/invoices.h"

namespace owo::storage {
namespace {

using Code = TrackCode;

class LifetimeContract : public StoreContract {};
OWO_FOR_EVERY_STORE(LifetimeContract);

TEST_P(LifetimeContract, OpeningAgainKeepsEverything) {
  const Subject subject = AddSubject(store(), "acme");
  TrackEvent event = subject.Event("e1", 5);
  event.properties = "{\"region\": \"eu\"}";
  TrackOne(store(), subject, event);
  MustCreateInvoice(store(), subject, InvoiceId(1));
  TrackOne(store(), subject, subject.Event("e2", 7));
  const Account before = ReadAccount(store(), subject, {subject.Counter()});

  for (int i = 0; i < 3; ++i) {
    Reopen();
    const Account after = ReadAccount(store(), subject, {subject.Counter()});
    EXPECT_EQ(after.usage_version, before.usage_version);
    EXPECT_EQ(after.invoice_version, before.invoice_version);
    EXPECT_EQ(after.open, before.open);
    EXPECT_EQ(after.asked, before.asked);
  }
  TrackOne(store(), subject, subject.Event("e3", 1));
  EXPECT_EQ(ReadCounter(store(), subject, subject.Counter()).total, Units(13));
  EXPECT_EQ(MustCreateInvoice(store(), subject, InvoiceId(2)).sequence(), 2);
}

TEST_P(LifetimeContract, ClosingFinishesWhatWasAccepted) {
  const Subject subject = AddSubject(store(), "acme");
  std::atomic<int> answered = 0;
  for (int i = 0; i < 100; ++i) {
    store().Track(subject.Command({subject.Event("e" + std::to_string(i), 1)}), [&](auto outcomes) {
      if (outcomes.ok() && outcomes->front().code == Code::kCounted) ++answered;
    });
  }
  Reopen();
  EXPECT_EQ(answered, 100);
  EXPECT_EQ(ReadCounter(store(), subject, subject.Counter()).total, Units(100));
}

TEST_P(LifetimeContract, AFullQueueRefusesAndNothingHappens) {
  constexpr int kQueueMax = 3;
  const Subject subject = AddSubject(store(), "acme");
  Reopen(kQueueMax);
  // Blocks the writer in a callback, so that later writes wait.
  std::latch held(1);
  std::latch release(1);
  store().Track(subject.Command({}), [&](auto) {
    held.count_down();
    release.wait();
  });
  held.wait();

  std::latch counted(kQueueMax);
  for (int i = 0; i < kQueueMax; ++i) {
    store().Track(subject.Command({subject.Event("e" + std::to_string(i), 1)}), [&](auto outcomes) {
      EXPECT_TRUE(outcomes.ok()) << outcomes.status();
      counted.count_down();
    });
  }
  const auto refused = Track(store(), subject.Command({subject.Event("refused", 1)}));
  EXPECT_TRUE(absl::IsResourceExhausted(refused.status())) << refused.status();
  const auto also_refused = Commit(store(), Change(subject, NewCustomer("refused")));
  EXPECT_TRUE(absl::IsResourceExhausted(also_refused.status())) << also_refused.status();
  release.count_down();
  counted.wait();

  EXPECT_FALSE(TrackOne(store(), subject, subject.Event("refused", 1)).duplicate);
  EXPECT_EQ(ReadCounter(store(), subject, subject.Counter()).total, Units(kQueueMax + 1));
  EXPECT_FALSE(store().FindCustomer(kReadAll, subject.tenant, "refused")->has_value());
}

TEST_P(LifetimeContract, ACommandWithoutEventsIsAnswered) {
  const Subject subject = AddSubject(store(), "acme");
  EXPECT_TRUE(TrackAll(store(), subject, {}).empty());
}

TEST_P(LifetimeContract, AThousandEventsOfOneCommandAreAnsweredInOrder) {
  const Subject subject = AddSubject(store(), "acme");
  std::vector<TrackEvent> events;
  events.reserve(1000);
  for (int i = 0; i < 1000; ++i) events.push_back(subject.Event("e" + std::to_string(i), 1));
  const auto outcomes = TrackAll(store(), subject, std::move(events));
  for (size_t i = 0; i < outcomes.size(); ++i) {
    EXPECT_EQ(outcomes[i].total, Units(static_cast<int64_t>(i) + 1));
  }
}

}  // namespace
}  // namespace owo::storage
