// The journal's packed events, with arbitrary damage.

#include <gtest/gtest.h>

#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "storage/rocksdb/format/journal.h"
#include "tests/fuzz/any_values.h"
#include "tests/fuzz/fuzz.h"

namespace owo::storage {
namespace {

constexpr Micros kCommitted = 1'794'744'000'000'000;

// Returns an event as a record packs it. Its quantity is below 10^27 units, as for all events.
std::string AnyPackedEvent(Random& random) {
  std::string text = "018f2e4c-7d3a-7cc1-9a52-0242ac120000";
  text.back() = static_cast<char>('0' + random.Between(0, 9));
  if (random.OneIn(2)) text = random.Bytes(random.Between(1, 128));
  const std::string properties = random.OneIn(2) ? "" : random.Bytes(random.Between(1, 40));
  CountedEvent event{
      .id = EventId::Of(text),
      .properties = properties,
      .counter = AnyCounterKey(random),
      .quantity = {AnyAmount(random).units >> 80},
      .time = random.OneIn(8) ? AnyNumber(random) : kCommitted - random.Between(0, 9),
      .over = random.OneIn(2),
      .closes = random.OneIn(2)};
  if (!event.id.is_uuid()) event.id_text = text;
  for (int64_t zeros = random.Between(0, 12); zeros > 0; --zeros) event.quantity.units *= 10;
  if (random.OneIn(2)) event.opens = AnyCounterTerms(random);
  if (random.OneIn(2)) event.later_segments = AnyShortNumber(random);
  std::string packed;
  AppendEvent(packed, event, kCommitted);
  return packed;
}

// The events of a record, each packed again separately.
using Events = std::vector<std::string>;

std::string RunOf(const Events& events) {
  std::string run;
  for (const std::string& event : events) run += event;
  return run;
}

absl::StatusOr<Events> EventsOf(std::string_view run, Micros committed) {
  Events events;
  const absl::Status status = ReadEvents(run, committed, [&](const CountedEvent& event) {
    AppendEvent(events.emplace_back(), event, committed);
    return absl::OkStatus();
  });
  if (!status.ok()) return status;
  return events;
}

TEST(EventFuzzTest, RunsOfEvents) {
  const auto any = [](Random& random) {
    Events events(static_cast<size_t>(random.Between(1, 4)));
    for (std::string& event : events) event = AnyPackedEvent(random);
    return events;
  };
  const auto decode = [](std::string_view run) { return EventsOf(run, kCommitted); };
  Fuzz(2000, any, RunOf, decode, absl::StatusCode::kDataLoss);
}

// Time differences wrap around, so no time gets lost, whatever the record's commit time is.
TEST(EventFuzzTest, TimesOfRecordsCommittedAtAnyTime) {
  for (const Micros committed : {INT64_MIN, Micros{-1}, Micros{0}, INT64_MAX}) {
    FuzzBytes(300, AnyPackedEvent, [committed](std::string_view run, bool whole) {
      const auto events = EventsOf(run, committed);
      EXPECT_TRUE(events.ok() || !whole) << events.status();
      if (!events.ok()) return false;
      const auto again = EventsOf(RunOf(*events), committed);
      EXPECT_TRUE(again.ok() && *again == *events) << again.status();
      return true;
    });
  }
}

}  // namespace
}  // namespace owo::storage
