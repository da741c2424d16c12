// An event between its resolution and its count, and the result that its caller gets.
//
//   ResolvedEvent resolved{.index = 0, .event = &event};
//   resolved.resolution.customer = …;
//   OWO_RETURN_IF_ERROR(Resolve(read, parts, tenant, event, now, resolved.resolution));
//   TrackResult result = ResultOf(resolved, outcome, TrackDetail::kCodes);
//
// Most events need only their binding: the store compares the counter's total with the bounds of
// its target, in the commit. Events under a spend cap, or in a period of several segments, need a
// limit check, which reads other counters first.

#ifndef OWO_SERVICE_LEDGER_RESOLVED_EVENT_H_
#define OWO_SERVICE_LEDGER_RESOLVED_EVENT_H_

#include <cstddef>
#include <memory>
#include <span>
#include <vector>

#include "absl/status/status.h"
#include "service/ledger/ledger_parts.h"
#include "service/ledger/resolve.h"
#include "service/ledger/usage_event.h"
#include "storage/commands.h"

namespace owo::ledger {

// One event of a call on its way. Movable; not thread-safe.
struct ResolvedEvent {
  // The result of a limit check.
  struct LimitCheck {
    // What the total of the event's counter is compared with.
    Bounds bounds;
    // The usage in the other segments of its period, together.
    rating::Decimal others;
    // To pass to the store: with these bounds, and the usage version that they hold for.
    storage::Target target;
  };

  // Of the event in its call.
  size_t index = 0;
  // Must outlive this.
  const UsageEvent* event = nullptr;
  Resolution resolution;
  // Null: the binding's target decides alone.
  std::unique_ptr<const LimitCheck> limit_check;

  // What the total of the event's counter is compared with. REQUIRES: the event is eligible.
  Bounds bounds() const {
    return limit_check == nullptr ? BoundsOf(*resolution.binding->terms) : limit_check->bounds;
  }
};

// Limit-checks events of one customer, each as if those before it were counted, and sets their
// `limit_check`. If one event of a customer needs a limit check, all must be passed here: each
// counted event increments the usage version that the next one expects. Blocks on reads. Errors are
// those of the store, and concern all of the events. REQUIRES: at least one event; all are
// eligible.
absl::Status CheckLimits(LedgerParts& parts, storage::TenantId tenant,
                         std::span<ResolvedEvent* const> resolved_events);

// The result of an event. `outcome`: the store's. REQUIRES: it is neither kStale nor kConflict.
TrackResult ResultOf(const ResolvedEvent& resolved, const storage::TrackOutcome& outcome,
                     TrackDetail detail);

}  // namespace owo::ledger

#endif  // OWO_SERVICE_LEDGER_RESOLVED_EVENT_H_
