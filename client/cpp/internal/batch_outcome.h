// Interprets the answer to a batch: each event was counted, failed, or must be sent again.
//
//   BatchOutcome outcome = OutcomeOf(std::move(batch), answer);
//   for (const TrackFailure& failure : outcome.failures) on_failure(failure);
//   if (!outcome.again.empty()) …  // after outcome.delay, with the same ids
//
// Events in neither list were counted.

#ifndef OWO_CLIENT_CPP_INTERNAL_BATCH_OUTCOME_H_
#define OWO_CLIENT_CPP_INTERNAL_BATCH_OUTCOME_H_

#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "client/cpp/metering.h"

namespace owo {

struct BatchOutcome {
  std::vector<TrackFailure> failures;
  std::vector<TrackParams> again;
  absl::Duration delay;     // minimum delay before sending again
  absl::Status transience;  // why events must be sent again; OK if none must
};

// `answer` has one code per event of `batch`, in the same order.
BatchOutcome OutcomeOf(TrackBatchParams batch, const absl::StatusOr<TrackBatchResult>& answer);

}  // namespace owo

#endif  // OWO_CLIENT_CPP_INTERNAL_BATCH_OUTCOME_H_
