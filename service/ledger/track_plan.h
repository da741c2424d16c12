// What is known of an event between being resolved and being counted, and what its caller is told.
//
//   TrackPlan plan{.index = 0, .event = &event};
//   plan.resolved.customer = …;
//   OWO_RETURN_IF_ERROR(Resolve(read, context, tenant, event, now, plan.resolved));
//   TrackResult result = ResultOf(plan, outcome, TrackDetail::kCodes);

#ifndef OWO_SERVICE_LEDGER_TRACK_PLAN_H_
#define OWO_SERVICE_LEDGER_TRACK_PLAN_H_

#include <cstddef>
#include <memory>
#include <span>
#include <vector>

#include "absl/status/status.h"
#include "service/ledger/context.h"
#include "service/ledger/resolve.h"
#include "service/ledger/usage_event.h"
#include "storage/commands.h"

namespace owo::ledger {

struct TrackPlan {
  // How an event stands that more than its counter decides about.
  struct Guarded {
    Bounds bounds;
    rating::Decimal others;  // of the other segments of its period
    storage::Target target;
  };

  size_t index = 0;  // of the event
  const UsageEvent* event = nullptr;
  Resolved resolved;
  std::unique_ptr<const Guarded> guarded;  // null: the place's target is all

  Bounds bounds() const {
    return guarded == nullptr ? BoundsOf(*resolved.place->terms) : guarded->bounds;
  }
};

// Judges a customer's events that count, each as if those before it are counted. All of them, if
// one is guarded: each that is counted moves the version of usage that the next one is judged at.
// REQUIRES: there is one.
absl::Status Guard(Context& context, storage::TenantId tenant, std::span<TrackPlan* const> plans);

TrackResult ResultOf(const TrackPlan& plan, const storage::TrackOutcome& outcome,
                     TrackDetail detail);

}  // namespace owo::ledger

#endif  // OWO_SERVICE_LEDGER_TRACK_PLAN_H_
