// The events of one call of Track, and what became of them so far.
//
//   call->Resolve();                     // resolved_events() are what is to be counted
//   … store.Track(command of call->resolved_events()) …
//   call->HandleOutcomes(outcomes);                // results, or waiting for another attempt
//   if (!call->waits()) call->Answer();

#ifndef OWO_SERVICE_LEDGER_TRACK_CALL_H_
#define OWO_SERVICE_LEDGER_TRACK_CALL_H_

#include <cstddef>
#include <span>
#include <vector>

#include "service/ledger/context.h"
#include "service/ledger/customer_lanes.h"
#include "service/ledger/resolved_event.h"
#include "service/ledger/usage_event.h"
#include "storage/commands.h"

namespace owo::ledger {

// Not thread-safe: one thread after the other works on it.
class TrackCall {
 public:
  TrackCall(Context& context, storage::TenantId tenant, std::vector<UsageEvent> events,
            TrackDetail detail, TrackDone done);

  // Resolves all events from memory; false if something needs to be read, or if more than a counter
  // decides about an event, or may, because its customer's lane is in use.
  bool ResolveFromMemory(TrackLanes& lanes);
  // Resolves the events that wait. An error is one of the whole call.
  absl::Status Resolve();
  // Of the events resolved last: those that are counted, or refused unless their id is known. They
  // stay where they are until the next Resolve.
  std::span<ResolvedEvent> resolved_events() { return resolved_events_; }
  // The customers whose lanes the call needs: of those plans about which more than a counter
  // decides, and those whose lanes are in use. Each once.
  std::vector<LaneKey> LanesNeeded(TrackLanes& lanes) const;

  // What the store said of resolved_events(), in their order. True when some were resolved against
  // an old catalog or customer.
  bool HandleOutcomes(std::span<const storage::TrackOutcome> outcomes);
  bool waits() const { return !waiting_.empty(); }
  // Whether it went round so often that it should give up.
  bool IsStarved() const;
  // Forgets what directories know of the customers that wait.
  void ForgetCustomers();

  size_t size() const { return events_.size(); }
  storage::TenantId tenant() const { return tenant_; }

  // Both at most once, and nothing after them. What has its result keeps it when the rest fails, as
  // it may be counted.
  void Answer() { done_(std::move(results_)); }
  void Fail(const absl::Status& status);

 private:
  storage::EventId MakeEventId();

  Context& context_;
  const storage::TenantId tenant_;
  const TrackDetail detail_;
  const storage::Micros now_;
  std::vector<UsageEvent> events_;
  std::vector<TrackResult> results_;
  TrackDone done_;
  std::vector<size_t> waiting_;                 // events without a result
  std::vector<ResolvedEvent> resolved_events_;  // of this attempt, in order
  int attempts_ = 0;
  int without_progress_ = 0;
};

}  // namespace owo::ledger

#endif  // OWO_SERVICE_LEDGER_TRACK_CALL_H_
