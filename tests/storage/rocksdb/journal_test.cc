// Packed events can be unpacked. Damaged ones are refused or read as events, never past their end.

#include "storage/rocksdb/format/journal.h"

#include <gtest/gtest.h>

#include <vector>

#include "tests/support/hex.h"
#include "tests/support/long_run.h"
#include "tests/support/random.h"
#include "tests/support/store.h"

namespace owo::storage {
namespace {

// An event with its own text.
struct Event {
  std::string text;
  std::string properties;
  CountedEvent counted;

  CountedEvent View() const {
    CountedEvent view = counted;
    view.id_text = text;
    view.properties = properties;
    return view;
  }
};

Quantity AnyQuantity(Random& random) {
  absl::int128 units = random.Between(-2'000'000'000, 2'000'000'000);
  for (int64_t zeros = random.Between(0, 17); zeros > 0; --zeros) units *= 10;
  return {units};
}

Micros AnyTime(Random& random) {
  return random.OneIn(20) ? static_cast<Micros>(random.Word())
                          : kNow + random.Between(-40 * kDay, 300 * kSecond);
}

CounterTerms AnyTerms(Random& random) {
  return {.plan = PlanNo{static_cast<uint32_t>(random.OfAnySize())},
          .plan_version = static_cast<uint32_t>(random.OfAnySize()),
          .subscription = static_cast<uint32_t>(random.OfAnySize()),
          .period_start = AnyTime(random),
          .period_end = random.OneIn(3) ? kForever : AnyTime(random)};
}

Event AnyEvent(Random& random) {
  Event event;
  std::string uuid = "018f2e4c-7d3a-7cc1-9a52-0242ac120000";
  uuid.back() = static_cast<char>('0' + random.Between(0, 9));
  if (random.OneIn(2)) event.text = "event-" + std::to_string(random.Word());
  if (random.OneIn(3)) event.properties = random.Bytes(random.Between(1, 300));
  event.counted = {
      .id = EventId::Of(event.text.empty() ? uuid : event.text),
      .counter = {.customer = CustomerNo{random.OfAnySize()},
                  .feature = FeatureNo{static_cast<uint32_t>(random.OfAnySize())},
                  .period = {static_cast<IntervalCode>(random.Between(1, 7)),
                             random.Between(-40'000, 40'000)},
                  .segment = static_cast<uint32_t>(random.Between(0, 300))},
      .quantity = AnyQuantity(random),
      .time = AnyTime(random),
      .later_segments = static_cast<uint32_t>(random.OneIn(2) ? 0 : random.Between(1, 300)),
      .over = random.OneIn(2),
      .closes = random.OneIn(2)};
  if (random.OneIn(2)) event.counted.opens = AnyTerms(random);
  return event;
}

std::string Pack(const std::vector<Event>& events) {
  std::string run;
  for (const Event& event : events) AppendEvent(run, event.View(), kNow);
  return run;
}

// Returns the events of a record, each packed again, which shows that they are valid events.
absl::StatusOr<std::vector<std::string>> ReadRun(std::string_view run) {
  std::vector<std::string> events;
  const absl::Status status = ReadEvents(run, kNow, [&](const CountedEvent& event) {
    AppendEvent(events.emplace_back(), event, kNow);
    return absl::OkStatus();
  });
  if (!status.ok()) return status;
  return events;
}

void ExpectSame(const CountedEvent& a, const CountedEvent& b) {
  ASSERT_EQ(a.id, b.id);
  ASSERT_EQ(a.id.is_uuid(), b.id.is_uuid());
  ASSERT_EQ(a.id_text, b.id_text);
  ASSERT_EQ(a.properties, b.properties);
  ASSERT_EQ(a.counter, b.counter);
  ASSERT_EQ(a.quantity, b.quantity);
  ASSERT_EQ(a.time, b.time);
  ASSERT_EQ(a.opens, b.opens);
  ASSERT_EQ(a.later_segments, b.later_segments);
  ASSERT_EQ(a.over, b.over);
  ASSERT_EQ(a.closes, b.closes);
}

TEST(JournalTest, RunsOfEventsComeBack) {
  Random random;
  for (int round = 0; round < 2'000; ++round) {
    std::vector<Event> events;
    for (int64_t i = random.Between(0, 5); i > 0; --i) events.push_back(AnyEvent(random));
    size_t read = 0;
    const absl::Status status =
        ReadEvents(Pack(events), kNow, [&](const CountedEvent& event) -> absl::Status {
          if (read == events.size()) return absl::InternalError("one event too many");
          ExpectSame(event, events[read++].View());
          return absl::OkStatus();
        });
    ASSERT_TRUE(status.ok()) << status;
    ASSERT_EQ(read, events.size());
  }
}

TEST(JournalTest, WholeQuantitiesAreShort) {
  Event event;
  event.counted.quantity = Units(5000);
  const size_t size = Pack({event}).size();
  event.counted.quantity += Quantity{1};
  EXPECT_EQ(Pack({event}).size(), size + 6);
}

TEST(JournalTest, ARunThatIsCutOffIsRefused) {
  Random random;
  for (int round = 0; round < 200; ++round) {
    const Event event = AnyEvent(random);
    const std::string run = Pack({event});
    for (size_t size = 1; size < run.size(); ++size) {
      const auto read = ReadRun({run.data(), size});
      ASSERT_TRUE(absl::IsDataLoss(read.status())) << Hex(run) << " up to " << size;
    }
  }
}

TEST(JournalTest, EveryFlippedBitIsRefusedOrReadAsEvents) {
  Random random;
  for (int round = 0; round < (kSanitized ? 50 : 200); ++round) {
    std::string run = Pack({AnyEvent(random), AnyEvent(random)});
    for (size_t bit = 0; bit < 8 * run.size(); ++bit) {
      run[bit / 8] = static_cast<char>(run[bit / 8] ^ (1 << bit % 8));
      const auto read = ReadRun(run);
      ASSERT_TRUE(read.ok() || absl::IsDataLoss(read.status())) << read.status();
      for (const std::string& event : read.value_or(std::vector<std::string>())) {
        ASSERT_EQ(ReadRun(event).value(), std::vector{event});
      }
      run[bit / 8] = static_cast<char>(run[bit / 8] ^ (1 << bit % 8));
    }
  }
}

TEST(JournalTest, AnyBytesAreRefusedOrReadAsEvents) {
  Random random;
  for (int round = 0; round < (kSanitized ? 20'000 : 100'000); ++round) {
    const auto read = ReadRun(random.Bytes(random.Between(0, 120)));
    ASSERT_TRUE(read.ok() || absl::IsDataLoss(read.status())) << read.status();
  }
}

// The offsets refer to one event without terms, text and properties.
TEST(JournalTest, WhatNoEventCanHoldIsRefused) {
  Event event;
  event.counted.id = EventId::Of("018f2e4c-7d3a-7cc1-9a52-0242ac120002");
  event.counted.quantity = Quantity{1};
  event.counted.time = kNow;
  const std::string run = Pack({event});
  ASSERT_TRUE(ReadRun(run).ok());
  const size_t places = run.size() - 2;
  ASSERT_EQ(run[places], 12);

  std::string later_flag = run;
  later_flag[0] = static_cast<char>(later_flag[0] | 64);
  EXPECT_TRUE(absl::IsDataLoss(ReadRun(later_flag).status()));
  std::string too_many_places = run;
  too_many_places[places] = 13;
  EXPECT_TRUE(absl::IsDataLoss(ReadRun(too_many_places).status()));
}

TEST(JournalTest, WhatTheReaderRefusesEndsTheRun) {
  int calls = 0;
  const absl::Status status = ReadEvents(Pack({Event(), Event()}), kNow, [&](const CountedEvent&) {
    ++calls;
    return absl::DataLossError("seen enough");
  });
  EXPECT_TRUE(absl::IsDataLoss(status));
  EXPECT_EQ(calls, 1);
}

JournalChange ContractOf(uint64_t customer) {
  JournalChange change;
  change.mutable_contract_change()->set_number(customer);
  return change;
}

TEST(JournalBuilderTest, EventsOfOneTenantInARowShareARun) {
  JournalBuilder journal;
  journal.Start(7, kNow);
  EXPECT_TRUE(journal.empty());
  EXPECT_EQ(journal.last_sequence(), 6);
  const Event event;
  EXPECT_EQ(journal.Add(TenantId{1}, event.View()), (EventLocation{7, 0}));
  EXPECT_EQ(journal.Add(TenantId{1}, event.View()), (EventLocation{7, 1}));
  EXPECT_EQ(journal.Add(TenantId{2}, event.View()), (EventLocation{7, 2}));
  journal.Add(TenantId{1}, ContractOf(3));
  EXPECT_EQ(journal.Add(TenantId{1}, event.View()), (EventLocation{7, 3}));

  EXPECT_EQ(journal.last_sequence(), 7);
  const std::vector<std::string> records = journal.Finish();
  ASSERT_EQ(records.size(), 1);
  JournalRecord record;
  ASSERT_TRUE(record.ParseFromString(records[0]));
  EXPECT_EQ(record.committed_us(), kNow);
  ASSERT_EQ(record.changes_size(), 4);
  EXPECT_EQ(record.changes(0).events(), Pack({event, event}));
  EXPECT_EQ(record.changes(1).tenant(), 2);
  EXPECT_EQ(record.changes(2).contract_change().number(), 3);
  EXPECT_EQ(record.changes(3).events(), Pack({event}));

  journal.Start(8, kNow);
  EXPECT_TRUE(journal.empty());
  EXPECT_TRUE(journal.Finish().empty());
}

TEST(JournalBuilderTest, ARecordIsClosedWhenItsEventsAreLarge) {
  JournalBuilder journal;
  journal.Start(7, kNow);
  Event event;
  event.properties = std::string(kRecordBytesMax / 2, 'x');
  EXPECT_EQ(journal.Add(TenantId{1}, event.View()), (EventLocation{7, 0}));
  EXPECT_EQ(journal.Add(TenantId{1}, event.View()), (EventLocation{7, 1}));
  EXPECT_EQ(journal.Add(TenantId{1}, event.View()), (EventLocation{8, 0}));
  EXPECT_EQ(journal.Add(TenantId{2}, event.View()), (EventLocation{8, 1}));
  journal.Add(TenantId{1}, ContractOf(3));
  EXPECT_EQ(journal.last_sequence(), 9);
  EXPECT_EQ(journal.replay_cost(), 5);

  const std::vector<std::string> records = journal.Finish();
  ASSERT_EQ(records.size(), 3);
  std::vector<JournalRecord> read(3);
  for (size_t i = 0; i < read.size(); ++i) {
    ASSERT_TRUE(read[i].ParseFromString(records[i]));
    EXPECT_EQ(read[i].committed_us(), kNow);
  }
  EXPECT_EQ(read[0].changes(0).events(), Pack({event, event}));
  EXPECT_EQ(read[1].changes(0).events(), Pack({event}));
  EXPECT_EQ(read[1].changes(1).events(), Pack({event}));
  EXPECT_EQ(read[2].changes(0).contract_change().number(), 3);
}

}  // namespace
}  // namespace owo::storage
