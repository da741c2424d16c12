// What an answer to a batch means for its events: each is counted, failed, or to be sent again.
//
//   BatchOutcome outcome = OutcomeOf(std::move(batch), answer);
//   for (const TrackFailure& failure : outcome.failures) on_failure(failure);
//   if (!outcome.again.empty()) …  // after outcome.delay, with the same ids
//
// Those in neither list are counted.

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
  absl::Duration delay;     // to wait at least before sending again
  absl::Status transience;  // what asks for sending again; OK if nothing does
};

// `answer` is to the events of `batch`, in their order.
BatchOutcome OutcomeOf(TrackBatchParams batch, const absl::StatusOr<TrackBatchResult>& answer);

}  // namespace owo

#endif  // OWO_CLIENT_CPP_INTERNAL_BATCH_OUTCOME_H_
