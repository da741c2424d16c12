// The rules of counting: what becomes of one usage event. Every store decides by these functions,
// so that all stores count alike. They get values and return decisions: they read nothing and
// change nothing.
//
//   const TrackState state{.catalog_generation = …, .customer_generation = …,
//                          .usage_version = …, .total = counter.total};
//   if (id_is_known) return OutcomeOfKnown(same_content, over, IsStale(event, resolved, state), …);
//   const TrackCode code = DecideTrack(event, resolved, state);
//   if (IsCounted(code)) …   // add the event, and write it
//
// A store looks up the id, then the state, and decides the events of a command in their order. An
// event that was answered kStale or kConflict must be retried before a later event of the same
// command with the same id may count: answer that one with kConflict.

#ifndef OWO_STORAGE_DECIDE_TRACK_H_
#define OWO_STORAGE_DECIDE_TRACK_H_

#include <algorithm>
#include <cstdint>

#include "storage/commands.h"
#include "storage/types.h"

namespace owo::storage {

// What is committed of an event's tenant, customer and counter.
struct TrackState {
  uint64_t catalog_generation = 0;
  uint64_t customer_generation = 0;
  uint64_t usage_version = 0;
  Quantity total;  // of the counter; 0 if it never counted an event
};

// Whether the event is counted: by this decision, or before, if it is a duplicate.
inline bool IsCounted(TrackCode code) {
  return code == TrackCode::kCounted || code == TrackCode::kCountedOver;
}

// Whether the event was resolved against another catalog or customer than the committed one.
// `resolved`: TrackCommand::catalog_generation.
inline bool IsStale(const TrackEvent& event, uint64_t resolved, const TrackState& state) {
  return resolved != state.catalog_generation ||
         event.customer_generation != state.customer_generation;
}

// The outcome of an event whose id was counted before. `same_content`: whether it was counted with
// the same customer, feature and quantity. `over`: whether it was answered kCountedOver.
inline TrackOutcome OutcomeOfKnown(bool same_content, bool over, bool stale, Quantity total) {
  const TrackCode counted = over ? TrackCode::kCountedOver : TrackCode::kCounted;
  return {.code = same_content ? counted : TrackCode::kIdReused,
          .duplicate = same_content,
          .stale = stale,
          .total = total};
}

// Compares the counter's total after the event with the target's bounds: kCounted, kCountedOver,
// kBelowZero, kOutOfRange or kOverLimit. `unlimited`: the limit does not apply. An event that adds
// nothing cannot exceed the limit.
inline TrackCode CompareTotal(const Target& target, Quantity total, Quantity quantity,
                              bool unlimited) {
  const Quantity after = total + quantity;
  if (after < Quantity{}) return TrackCode::kBelowZero;
  if (target.total_max < after) return TrackCode::kOutOfRange;
  const bool limited = !unlimited && Quantity{} < quantity;
  if (limited && target.limit.has_value() && *target.limit < after) return TrackCode::kOverLimit;
  const bool over = target.allowance.has_value() && *target.allowance < after;
  return over ? TrackCode::kCountedOver : TrackCode::kCounted;
}

// Decides an event whose id was not counted before. `resolved`: TrackCommand::catalog_generation.
inline TrackCode DecideTrack(const TrackEvent& event, uint64_t resolved, const TrackState& state) {
  if (IsStale(event, resolved, state)) return TrackCode::kStale;
  if (event.refusal != 0) return TrackCode::kRefused;
  const Target& target = *event.target;
  if (target.expected_usage_version.value_or(state.usage_version) != state.usage_version) {
    return TrackCode::kConflict;
  }
  return CompareTotal(target, state.total, event.quantity, event.unlimited);
}

// ---- Which counters are open after an event counts.

// Whether the event's counter certainly has nothing to bill. `after`: its total with the event.
// `covered`: what invoice lines cover of it; null for a new counter.
inline bool ClosesCounter(const Target& target, Quantity after, const Coverage* covered) {
  return target.closed_up_to.has_value() && after <= *target.closed_up_to &&
         (covered == nullptr || *covered == Coverage{});
}

// How many segments of the period follow the event's. Their counters are open then: segments share
// an allowance, so the event may change what later ones have to bill.
inline uint32_t LaterSegments(const Target& target) {
  const uint32_t last = std::max(target.group_segments, 1U) - 1;
  return last > target.counter.segment ? last - target.counter.segment : 0;
}

}  // namespace owo::storage

#endif  // OWO_STORAGE_DECIDE_TRACK_H_
