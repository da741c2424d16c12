#include "service/ledger/tracking.h"

#include <algorithm>
#include <map>
#include <memory>
#include <utility>

#include "service/ledger/errors.h"
#include "service/ledger/resolve.h"
#include "service/ledger/track_call.h"
#include "storage/disk_full.h"
#include "storage/util/try.h"

namespace owo::ledger {
namespace {

using Calls = std::vector<std::shared_ptr<TrackCall>>;

// Resolves and counts the events of calls, in attempts, until each event has its result. Events
// that were resolved against stale data go into the next attempt. Calls of one turn are sent
// to the store as one command.
class TrackAttempts : public std::enable_shared_from_this<TrackAttempts> {
 public:
  // A call that has entered no lane.
  TrackAttempts(LedgerParts& parts, TrackLanes& lanes, std::shared_ptr<TrackCall> call)
      : parts_(parts), lanes_(lanes), tenant_(call->context().tenant), calls_({std::move(call)}) {}
  // A turn: calls that are first in their lanes.
  TrackAttempts(LedgerParts& parts, TrackLanes& lanes, TrackLanes::Turn turn)
      : parts_(parts), lanes_(lanes), turn_(std::move(turn)) {
    for (const auto& entry : turn_) calls_.push_back(entry->call);
    tenant_ = calls_.front()->context().tenant;
  }

  // Blocks on reads.
  void RunAttempt() {
    const absl::Status status = Resolve();
    if (!status.ok()) return FailAll(status);
    Send();
  }

  // Has the store count what the calls have resolved. Does not block.
  void Send() {
    DropLate();
    storage::TrackCommand command{.tenant = tenant_, .catalog_generation = UINT64_MAX};
    size_t events = 0;
    for (const std::shared_ptr<TrackCall>& call : calls_) events += call->resolved_events().size();
    if (events == 0) return End();
    command.events.reserve(events);
    for (const std::shared_ptr<TrackCall>& call : calls_) {
      for (const ResolvedEvent& resolved : call->resolved_events()) {
        // The oldest generation: if the catalog changed meanwhile, all events are resolved again.
        command.catalog_generation = std::min(command.catalog_generation,
                                              resolved.resolution.customer->catalog->generation());
        storage::TrackEvent& event =
            command.events.emplace_back(ToTrackEvent(*resolved.event, resolved.resolution));
        if (resolved.limit_check != nullptr) event.target = &resolved.limit_check->target;
      }
    }
    parts_.store.Track(std::move(command),
                       [self = shared_from_this()](
                           const absl::StatusOr<std::vector<storage::TrackOutcome>>& outcomes) {
                         self->Counted(outcomes);
                       });
  }

 private:
  // Takes the calls that are past their deadline out of this attempt and all later ones. If others
  // of the turn were checked after them, those conflict and are checked again.
  void DropLate() {
    std::erase_if(calls_, [this](const std::shared_ptr<TrackCall>& call) {
      if (!call->context().IsPastDeadline()) return false;
      late_.push_back(call);
      return true;
    });
  }

  absl::Status Resolve() {
    for (const std::shared_ptr<TrackCall>& call : calls_) OWO_RETURN_IF_ERROR(call->Resolve());
    struct Of {
      std::vector<ResolvedEvent*> resolved_events;  // eligible ones
      bool needs_limit_check = false;
    };
    std::map<storage::CustomerNo, Of> customers;
    for (const std::shared_ptr<TrackCall>& call : calls_) {
      for (ResolvedEvent& resolved : call->resolved_events()) {
        if (!resolved.resolution.eligibility.counts()) continue;
        Of& of = customers[resolved.resolution.customer->number];
        of.resolved_events.push_back(&resolved);
        of.needs_limit_check |= resolved.resolution.binding->needs_limit_check;
      }
    }
    for (const auto& [customer, of] : customers) {
      if (of.needs_limit_check) {
        OWO_RETURN_IF_ERROR(CheckLimits(parts_, tenant_, of.resolved_events));
      }
    }
    return absl::OkStatus();
  }

  // Runs on a thread of the store.
  void Counted(const absl::StatusOr<std::vector<storage::TrackOutcome>>& outcomes) {
    if (!outcomes.ok()) {
      // On a full disk the store still answers duplicates. Sends each call alone, so that a call
      // with only duplicates does not fail because of the others' new events.
      const bool may_repeat = storage::IsDiskFull(outcomes.status()) && calls_.size() > 1;
      return may_repeat ? SendEach() : FailAll(outcomes.status());
    }
    bool stale = false;
    std::span<const storage::TrackOutcome> rest(*outcomes);
    for (const std::shared_ptr<TrackCall>& call : calls_) {
      const size_t resolved_events = call->resolved_events().size();
      stale |= call->HandleOutcomes(rest.first(resolved_events));
      rest = rest.subspan(resolved_events);
    }
    const bool waits =
        std::any_of(calls_.begin(), calls_.end(), [](const auto& call) { return call->waits(); });
    if (!waits) return End();
    if (std::any_of(calls_.begin(), calls_.end(),
                    [](const auto& call) { return call->waits() && call->IsStarved(); })) {
      return FailAll(TooMuchContention());
    }
    parts_.executor.Continue([self = shared_from_this(), stale] { self->Again(stale); });
  }

  void Again(bool stale) {
    if (stale) {
      for (const std::shared_ptr<TrackCall>& call : calls_) call->ForgetCustomers();
    }
    RunAttempt();
  }

  // Sends each call as its own command.
  void SendEach() {
    EndTurn();
    for (const std::shared_ptr<TrackCall>& call : calls_) {
      std::make_shared<TrackAttempts>(parts_, lanes_, call)->Send();
    }
  }

  void End() {
    EndTurn();
    for (const std::shared_ptr<TrackCall>& call : calls_) call->Answer();
  }
  void FailAll(const absl::Status& status) {
    EndTurn();
    for (const std::shared_ptr<TrackCall>& call : calls_) {
      call->waits() ? call->Fail(status) : call->Answer();
    }
  }

  // Answers after leaving the lanes: once the calls are answered, `lanes_` may be destroyed.
  void EndTurn() {
    LeaveLanes();
    for (const std::shared_ptr<TrackCall>& call : late_) call->Drop();
  }

  void LeaveLanes() {
    if (turn_.empty()) return;
    TrackLanes::Turns next;
    lanes_.Leave(turn_, next);
    for (TrackLanes::Turn& turn : next) {
      auto attempts = std::make_shared<TrackAttempts>(parts_, lanes_, std::move(turn));
      parts_.executor.Continue([attempts] { attempts->RunAttempt(); });
    }
  }

  LedgerParts& parts_;
  TrackLanes& lanes_;
  storage::TenantId tenant_{};
  TrackLanes::Turn turn_;
  Calls calls_;
  Calls late_;  // past their deadline
};

absl::Status TooManyWait() { return Refuse(Reason::kOverloaded, "too many calls are waiting"); }

// Starts a call that needs to read. Runs on the executor.
void StartReading(LedgerParts& parts, TrackLanes& lanes, const std::shared_ptr<TrackCall>& call) {
  const absl::Status status = call->Resolve();
  if (!status.ok()) return call->Fail(status);
  std::vector<LaneKey> needed = call->LanesNeeded(lanes);
  if (needed.empty()) return std::make_shared<TrackAttempts>(parts, lanes, call)->Send();
  TrackLanes::Turns ready;
  if (!lanes.Enter(call, std::move(needed), call->size(), ready)) return call->Fail(TooManyWait());
  // Empty, unless the call is first in all its lanes already.
  for (TrackLanes::Turn& turn : ready) {
    std::make_shared<TrackAttempts>(parts, lanes, std::move(turn))->RunAttempt();
  }
}

}  // namespace

void StartTracking(const CallContext& context, LedgerParts& parts, TrackLanes& lanes,
                   std::vector<UsageEvent> events, TrackDetail detail, TrackDone done) {
  auto call =
      std::make_shared<TrackCall>(context, parts, std::move(events), detail, std::move(done));
  if (call->ResolveFromMemory(lanes)) {
    return std::make_shared<TrackAttempts>(parts, lanes, std::move(call))->Send();
  }
  auto task = [&parts, &lanes, call] { StartReading(parts, lanes, call); };
  if (!parts.executor.Post(std::move(task))) call->Fail(TooManyWait());
}

}  // namespace owo::ledger
