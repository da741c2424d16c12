#include <algorithm>
#include <optional>
#include <span>
#include <utility>

#include "absl/container/flat_hash_set.h"
#include "storage/rocksdb/commit/execute.h"
#include "storage/util/try.h"

namespace owo::storage {
namespace {

// Prefetch window in events, sized so that their accounts, counters and ids fit the CPU caches.
constexpr size_t kPrefetchedEvents = 200;

uint32_t LaterSegments(const Target& target) {
  const uint32_t last = std::max(target.group_segments, 1U) - 1;
  return last > target.counter.segment ? last - target.counter.segment : 0;
}

class TrackExecution {
 public:
  TrackExecution(CommitContext& commit, const TrackWork& work)
      : commit_(commit), command_(work.command), found_(work.ids), stored_(work.ids.stored) {}

  // Executes one event. REQUIRES: called for the events of the command in their order.
  absl::StatusOr<TrackOutcome> Execute(size_t index) {
    if (index % kPrefetchedEvents == 0) PrefetchEvents(index);
    commit_.account_cache.UseHint(hints_[index % kPrefetchedEvents]);
    const TrackEvent& event = command_.events[index];
    OWO_TRY(const auto known, FindId(index));
    const Counter* counter = nullptr;
    if (event.refusal == 0) {
      OWO_TRY(AccountState* const account,
              commit_.account_cache.Account(command_.tenant, event.target->counter.customer));
      OWO_TRY(counter, commit_.account_cache.FindCounter(*account, event.target->counter));
    }
    const Quantity total = counter == nullptr ? Quantity{} : counter->total;
    if (known.has_value()) return OutcomeOfKnown(event, *known, total);
    if (event.refusal != 0) return TrackOutcome{.code = TrackCode::kRefused};

    OWO_TRY(const TrackCode code, Compare(event, total));
    if (code == TrackCode::kStale || code == TrackCode::kConflict) put_off_.insert(event.id);
    if (code != TrackCode::kCounted) return TrackOutcome{.code = code, .total = total};
    return Count(event, counter);
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

  absl::StatusOr<TrackCode> Compare(const TrackEvent& event, Quantity total) {
    // An event that is to be retried must not be overtaken by another one with the same id.
    if (put_off_.contains(event.id)) return TrackCode::kConflict;
    OWO_TRY(const TenantRecord* const tenant, commit_.account_cache.Tenant(command_.tenant));
    OWO_TRY(const AccountState* const account,
            commit_.account_cache.Account(command_.tenant, event.customer));
    const Target& target = *event.target;
    if (tenant->catalog_generation() != command_.catalog_generation ||
        account->generation != target.customer_generation) {
      return TrackCode::kStale;
    }
    if (target.expected_usage_version.value_or(account->usage_version) != account->usage_version) {
      return TrackCode::kConflict;
    }
    const Quantity after = total + event.quantity;
    if (after < Quantity{}) return TrackCode::kBelowZero;
    if (target.total_max < after) return TrackCode::kOutOfRange;
    const bool limited = !event.unlimited && Quantity{} < event.quantity;
    if (limited && target.limit.has_value() && *target.limit < after) return TrackCode::kOverLimit;
    return TrackCode::kCounted;
  }

  absl::StatusOr<TrackOutcome> Count(const TrackEvent& event, const Counter* counter) {
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
        .over = target.allowance.has_value() && *target.allowance < after,
        .closes = target.closed_up_to.has_value() && after <= *target.closed_up_to &&
                  (counter == nullptr || counter->covered == Coverage{}),
    };
    if (counter == nullptr) counted.opens = target.terms;
    const EventLocation location = commit_.journal.Add(command_.tenant, counted);
    OWO_RETURN_IF_ERROR(commit_.applier.Count(command_.tenant, counted, location).status());
    return TrackOutcome{.code = counted.over ? TrackCode::kCountedOver : TrackCode::kCounted,
                        .total = after};
  }

  CommitContext& commit_;
  const TrackCommand& command_;
  const IdsFound& found_;
  std::span<const std::pair<size_t, IdRow>> stored_;  // the rest of found_.stored
  absl::flat_hash_set<EventId> put_off_;
  // Of the events in the prefetch window.
  std::vector<IdKey> ids_;
  std::vector<AccountCache::CounterHint> hints_;
};

}  // namespace

TrackOutcome OutcomeOfKnown(const TrackEvent& event, const IdRow& known, Quantity total) {
  if (known.fingerprint != Fingerprint(event.customer, event.feature, event.quantity)) {
    return {.code = TrackCode::kIdReused, .total = total};
  }
  return {.code = known.over ? TrackCode::kCountedOver : TrackCode::kCounted,
          .duplicate = true,
          .total = total};
}

absl::StatusOr<std::vector<TrackOutcome>> Execute(CommitContext& commit, const TrackWork& work) {
  const TrackCommand& command = work.command;
  TrackExecution execution(commit, work);
  std::vector<TrackOutcome> outcomes;
  outcomes.reserve(command.events.size());
  for (size_t i = 0; i < command.events.size(); ++i) {
    OWO_TRY(outcomes.emplace_back(), execution.Execute(i));
  }
  return outcomes;
}

}  // namespace owo::storage
