#include <algorithm>
#include <optional>
#include <span>
#include <utility>

#include "absl/container/flat_hash_set.h"
#include "storage/decide_track.h"
#include "storage/rocksdb/commit/execute.h"
#include "storage/util/try.h"

namespace owo::storage {
namespace {

// Prefetch window in events, sized so that their accounts, counters and ids fit the CPU caches.
constexpr size_t kPrefetchedEvents = 200;

class TrackExecution {
 public:
  TrackExecution(CommitContext& commit, const TenantRecord& tenant, const TrackWork& work)
      : commit_(commit),
        tenant_(tenant),
        command_(work.command),
        found_(work.ids),
        stored_(work.ids.stored) {}

  // Executes one event. REQUIRES: called for the events of the command in their order.
  absl::StatusOr<TrackOutcome> Execute(size_t index) {
    if (index % kPrefetchedEvents == 0) PrefetchEvents(index);
    commit_.account_cache.UseHint(hints_[index % kPrefetchedEvents]);
    const TrackEvent& event = command_.events[index];
    OWO_TRY(const auto known, FindId(index));
    TrackState state{.catalog_generation = tenant_.catalog_generation()};
    const Counter* counter = nullptr;
    if (event.refusal == 0) {
      OWO_TRY(AccountState* const account,
              commit_.account_cache.Account(command_.tenant, event.customer));
      OWO_TRY(counter, commit_.account_cache.FindCounter(*account, event.target->counter));
      state.customer_generation = account->generation;
      state.usage_version = account->usage_version;
      if (counter != nullptr) state.total = counter->total;
    } else {
      OWO_TRY(state.customer_generation, GenerationOfRefused(event.customer));
    }
    if (known.has_value()) {
      return OutcomeOfKnown(HasContentOf(event, *known), known->over,
                            IsStale(event, command_.catalog_generation, state), state.total);
    }
    const TrackCode code = Decide(event, state);
    if (!IsCounted(code)) return TrackOutcome{.code = code, .total = state.total};
    return Count(event, counter, code);
  }

 private:
  void PrefetchEvents(size_t index) {
    const auto rest = std::span(command_.events).subspan(index);
    const auto next = rest.first(std::min(rest.size(), kPrefetchedEvents));
    ids_.clear();
    for (const TrackEvent& event : next) {
      commit_.ids.Prefetch(ids_.emplace_back(command_.tenant, event.id));
    }
    hints_ = commit_.account_cache.PrefetchCounters(command_.tenant, next);
  }

  absl::StatusOr<std::optional<IdRow>> FindId(size_t index) {
    if (!stored_.empty() && stored_.front().first == index) {
      const IdRow& row = stored_.front().second;
      stored_ = stored_.subspan(1);
      return row;
    }
    return commit_.ids.Find(ids_[index % kPrefetchedEvents], found_.version);
  }

  // The generation of a customer whose event is to be refused. Does not load the account: many
  // refused events are of customers without one.
  absl::StatusOr<uint64_t> GenerationOfRefused(CustomerNo customer) {
    if (customer != refused_customer_) {
      OWO_TRY(refused_generation_, commit_.account_cache.Generation(command_.tenant, customer));
      refused_customer_ = customer;
    }
    return refused_generation_;
  }

  TrackCode Decide(const TrackEvent& event, const TrackState& state) {
    // An event that is to be retried must not be overtaken by another one with the same id.
    const bool overtakes = !put_off_.empty() && put_off_.contains(event.id);
    if (overtakes) return TrackCode::kConflict;
    const TrackCode code = DecideTrack(event, command_.catalog_generation, state);
    if (code == TrackCode::kStale || code == TrackCode::kConflict) put_off_.insert(event.id);
    return code;
  }

  absl::StatusOr<TrackOutcome> Count(const TrackEvent& event, const Counter* counter,
                                     TrackCode code) {
    const Target& target = *event.target;
    const Quantity after = (counter == nullptr ? Quantity{} : counter->total) + event.quantity;
    CountedEvent counted{
        .id = event.id,
        .id_text = event.id_text,
        .properties = event.properties,
        .counter = target.counter,
        .quantity = event.quantity,
        .time = event.time,
        .later_segments = LaterSegments(target),
        .over = code == TrackCode::kCountedOver,
        .closes = ClosesCounter(target, after, counter == nullptr ? nullptr : &counter->covered),
    };
    if (counter == nullptr) counted.opens = target.terms;
    const EventLocation location = commit_.journal.Add(command_.tenant, counted);
    OWO_RETURN_IF_ERROR(commit_.applier.Count(command_.tenant, counted, location).status());
    return TrackOutcome{.code = code, .total = after};
  }

  CommitContext& commit_;
  const TenantRecord& tenant_;
  const TrackCommand& command_;
  const IdsFound& found_;
  std::span<const std::pair<size_t, IdRow>> stored_;  // the rest of found_.stored
  absl::flat_hash_set<EventId> put_off_;
  // Of the last refused event. No event changes a generation.
  CustomerNo refused_customer_{};
  uint64_t refused_generation_ = 0;
  // Of the events in the prefetch window.
  std::vector<IdKey> ids_;
  std::vector<AccountCache::CounterHint> hints_;
};

}  // namespace

bool HasContentOf(const TrackEvent& event, const IdRow& known) {
  return known.fingerprint == Fingerprint(event.customer, event.feature, event.quantity);
}

absl::StatusOr<std::vector<TrackOutcome>> Execute(CommitContext& commit, const TrackWork& work) {
  const TrackCommand& command = work.command;
  OWO_TRY(const TenantRecord* const tenant, commit.account_cache.Tenant(command.tenant));
  TrackExecution execution(commit, *tenant, work);
  std::vector<TrackOutcome> outcomes;
  outcomes.reserve(command.events.size());
  for (size_t i = 0; i < command.events.size(); ++i) {
    OWO_TRY(outcomes.emplace_back(), execution.Execute(i));
  }
  return outcomes;
}

}  // namespace owo::storage
