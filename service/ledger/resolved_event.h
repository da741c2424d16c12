// What is known of an event between being resolved and being counted, and what its caller is told.
//
//   ResolvedEvent resolved{.index = 0, .event = &event};
//   resolved.resolution.customer = …;
//   OWO_RETURN_IF_ERROR(Resolve(read, context, tenant, event, now, resolved.resolution));
//   TrackResult result = ResultOf(resolved, outcome, TrackDetail::kCodes);

#ifndef OWO_SERVICE_LEDGER_RESOLVED_EVENT_H_
#define OWO_SERVICE_LEDGER_RESOLVED_EVENT_H_

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

struct ResolvedEvent {
  // How an event stands that more than its counter decides about.
  struct LimitCheck {
    Bounds bounds;
    rating::Decimal others;  // of the other segments of its period
    storage::Target target;
  };

  size_t index = 0;  // of the event
  const UsageEvent* event = nullptr;
  Resolution resolution;
  std::unique_ptr<const LimitCheck> limit_check;  // null: the place's target is all

  Bounds bounds() const {
    return limit_check == nullptr ? BoundsOf(*resolution.binding->terms) : limit_check->bounds;
  }
};

// Checks a customer's events that count, each as if those before it are counted. All of them, if
// one is limit-checked: each that is counted moves the version of usage that the next one is
// checked at. REQUIRES: there is one.
absl::Status CheckLimits(Context& context, storage::TenantId tenant,
                         std::span<ResolvedEvent* const> resolved_events);

TrackResult ResultOf(const ResolvedEvent& resolved, const storage::TrackOutcome& outcome,
                     TrackDetail detail);

}  // namespace owo::ledger

#endif  // OWO_SERVICE_LEDGER_RESOLVED_EVENT_H_
