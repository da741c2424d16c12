#include "client/cpp/examples/replay.h"

#include "absl/strings/str_cat.h"

namespace owo::examples {
namespace {

constexpr size_t kBatchSize = 1000;

// Returns the first event that was not counted, as an error.
absl::Status CheckRecorded(const TrackBatchParams& batch, const TrackBatchResult& result) {
  for (const TrackBatchDetail& detail : result.details) {
    if (detail.recorded) continue;
    return absl::FailedPreconditionError(absl::StrCat(
        "event ", batch.events.at(detail.index).event_id, ": ", ToString(detail.code),
        detail.error ? absl::StrCat(": ", detail.error->reason, ": ", detail.error->message) : ""));
  }
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<ReplayTotals> Replay(const Owostack& owo, absl::Span<const TrackParams> events) {
  ReplayTotals totals;
  for (; !events.empty(); events.remove_prefix(std::min(kBatchSize, events.size()))) {
    const absl::Span<const TrackParams> batch_events = events.subspan(0, kBatchSize);
    const TrackBatchParams batch = {.events = {batch_events.begin(), batch_events.end()}};
    const absl::StatusOr<TrackBatchResult> result = owo.track_batch(batch);
    if (!result.ok()) return result.status();
    if (absl::Status status = CheckRecorded(batch, *result); !status.ok()) return status;
    totals.recorded += result->recorded;
    totals.duplicates += result->duplicates;
  }
  return totals;
}

}  // namespace owo::examples
