// The state of one Track() call: its events and the results so far.
//
//   call->Resolve();                    // resolved_events() are the events to count
//   … store.Track(command of call->resolved_events()) …
//   call->HandleOutcomes(outcomes);     // each event has a result, or waits for another attempt
//   if (!call->waits()) call->Answer();
//
// tracking.cc drives it: through its customers' lanes if it needs a limit check, to the store, and
// round again for events that the store found stale.

#ifndef OWO_SERVICE_LEDGER_TRACK_CALL_H_
#define OWO_SERVICE_LEDGER_TRACK_CALL_H_

#include <cstddef>
#include <memory>
#include <span>
#include <string_view>
#include <vector>

#include "service/ledger/customer_lanes.h"
#include "service/ledger/ledger_parts.h"
#include "service/ledger/resolved_event.h"
#include "service/ledger/usage_event.h"
#include "storage/commands.h"

namespace owo::ledger {

// Not thread-safe: it moves between threads, but only one at a time uses it.
class TrackCall {
 public:
  // `context`: also gives the time, once, for all events of the call. REQUIRES: `parts` outlives
  // the call.
  TrackCall(const CallContext& context, LedgerParts& parts, std::vector<UsageEvent> events,
            TrackDetail detail, TrackDone done);

  // Resolves all events from memory. Returns false if this needs a read of the store, if an event
  // needs a limit check, or if the lane of a customer is in use.
  bool ResolveFromMemory(TrackLanes& lanes);
  // Resolves the waiting events. Blocks on reads, but only of what is not cached: what is stale is
  // found by the store. An error concerns the whole call.
  absl::Status Resolve();
  // The events of the last Resolve() to pass to the store: it counts them, or refuses them unless
  // it knows their id. Their addresses are stable until the next Resolve().
  std::span<ResolvedEvent> resolved_events() { return resolved_events_; }
  // The customers whose lanes the call must enter, each once: those with events that need a limit
  // check, and those whose lanes are in use.
  std::vector<LaneKey> LanesNeeded(TrackLanes& lanes) const;

  // Sets the results of resolved_events(), or keeps them waiting for another attempt. `outcomes`:
  // the store's, in the order of resolved_events(). Returns whether any of them was stale.
  bool HandleOutcomes(std::span<const storage::TrackOutcome> outcomes);
  // Whether some events have no result yet.
  bool waits() const { return !waiting_.empty(); }
  // Whether the call has made so many attempts that it should fail, with CONTENTION. Of attempts in
  // a row that gave no event its result, fewer are allowed.
  bool IsStarved() const;
  // Drops the customers of the waiting events from the directory's cache, so that the next
  // Resolve() reads them again.
  void ForgetCustomers();

  // How many events the call has.
  size_t size() const { return events_.size(); }
  const CallContext& context() const { return context_; }

  // Answer the call. Call one of the three, once, and then nothing else. Fail() applies to the
  // waiting events only: events that have a result keep it, because they may be counted. The whole
  // call fails if none has a result.
  void Answer() { done_(std::move(results_)); }
  void Fail(const absl::Status& status);
  // Answers a call that is past its deadline: as a whole with DEADLINE_EXCEEDED if no event has a
  // result. Otherwise like Fail(), with CONTENTION, because the waiting events met other changes.
  void Drop();

 private:
  storage::EventId MakeEventId();
  // A customer that may be stale if it is cached. `catalog`: Directory::CachedCatalog() before the
  // call; it is replaced if the store is read. Errors: those of Directory::Find().
  absl::StatusOr<CustomerPtr> FindCustomer(std::string_view id_or_email,
                                           std::shared_ptr<const Catalog>& catalog);

  const CallContext context_;
  LedgerParts& parts_;
  const TrackDetail detail_;
  // The tenant's time when the call came.
  const storage::Micros now_;
  std::vector<UsageEvent> events_;
  // In the order of `events_`. Those of `waiting_` are not set yet.
  std::vector<TrackResult> results_;
  TrackDone done_;
  // Indexes of the events without a result.
  std::vector<size_t> waiting_;
  // Of this attempt, in the order of the events.
  std::vector<ResolvedEvent> resolved_events_;
  int attempts_ = 0;
  // Attempts in a row that gave no event a result.
  int without_progress_ = 0;
};

}  // namespace owo::ledger

#endif  // OWO_SERVICE_LEDGER_TRACK_CALL_H_
