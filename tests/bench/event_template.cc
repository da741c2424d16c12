#include "tests/bench/event_template.h"

#include "owo/billing/v1/metering.pb.h"
#include "tests/bench/event_ids.h"

namespace owo::bench {
namespace {

namespace pb = owo::billing::v1;

// TrackRequest and UsageEvent have the same fields.
template <typename Event>
void Describe(const CounterName& counter, Event& event) {
  event.set_customer(counter.customer);
  event.set_feature(counter.feature);
  event.set_quantity("1");
  event.set_event_id(std::string(EventIds::kLength, '-'));
}

}  // namespace

// The id is the last field of an event, so it is at the end of the bytes.
void EventTemplate::Append(const std::string& serialized) {
  bytes_ += serialized;
  id_offsets_.push_back(bytes_.size() - EventIds::kLength);
}

// The concatenation of messages with one event each is a message with several events.
EventTemplate EventTemplate::Batch(std::span<const CounterName> counters) {
  EventTemplate batch;
  for (const CounterName& counter : counters) {
    pb::TrackBatchRequest one;
    Describe(counter, *one.add_events());
    batch.Append(one.SerializeAsString());
  }
  return batch;
}

EventTemplate EventTemplate::Single(const CounterName& counter) {
  pb::TrackRequest event;
  Describe(counter, event);
  EventTemplate single;
  single.Append(event.SerializeAsString());
  return single;
}

}  // namespace owo::bench
