#include "storage/rocksdb/commit/acknowledged_ids.h"

#include <span>

#include "storage/convert.h"
#include "storage/decide_track.h"
#include "storage/rocksdb/format/keys.h"
#include "storage/util/try.h"

namespace owo::storage {
namespace {

absl::StatusOr<Quantity> TotalOf(const Database& database, const AccountSnapshots& snapshots,
                                 TenantId tenant, const CounterKey& key) {
  std::optional<Quantity> total;
  snapshots.Find({tenant, key.customer}, [&](const AccountSnapshot& account) {
    if (const Counter* const counter = account.Find(key)) total = counter->total;
  });
  if (total.has_value()) return *total;
  OWO_TRY(const auto row, database.Get(ColumnFamily::kUsage, keys::Counter(tenant, key)));
  if (!row.has_value()) return Quantity();
  OWO_TRY(const CounterRecord record, ParseRow<CounterRecord>(*row));
  return UnpackQuantity(record.total());
}

}  // namespace

const IdRow* AcknowledgedIds::Find(const IdKey& key) const {
  for (const RecentIds* const ids : {&ids_.first, &ids_.second}) {
    const IdRow* const row = ids->Find(key);
    if (row != nullptr) return row->sequence <= durable_ ? row : nullptr;
  }
  return nullptr;
}

absl::StatusOr<std::optional<std::vector<TrackOutcome>>> AnswerDuplicates(
    const AcknowledgedIds* ids, const TrackWork& work, const StoredIds& stored_ids,
    const Database& database, const AccountSnapshots& snapshots) {
  const TrackCommand& command = work.command;
  std::span<const std::pair<size_t, IdRow>> stored = work.ids.stored;
  std::vector<TrackOutcome> outcomes;
  for (size_t index = 0; index < command.events.size(); ++index) {
    const TrackEvent& event = command.events[index];
    const IdKey key(command.tenant, event.id);
    std::optional<IdRow> known;
    if (!stored.empty() && stored.front().first == index) {
      known = stored.front().second;
      stored = stored.subspan(1);
    } else if (const IdRow* const recent = ids == nullptr ? nullptr : ids->Find(key)) {
      known = *recent;
    } else if (work.ids.version != stored_ids.version()) {
      OWO_TRY(known, stored_ids.Find(key));
    }
    if (!known.has_value()) return std::optional<std::vector<TrackOutcome>>();
    Quantity total;
    if (event.refusal == 0) {
      OWO_TRY(total, TotalOf(database, snapshots, command.tenant, event.target->counter));
    }
    outcomes.push_back(
        OutcomeOfKnown(HasContentOf(event, *known), known->over, /*stale=*/false, total));
  }
  return std::optional(std::move(outcomes));
}

}  // namespace owo::storage
