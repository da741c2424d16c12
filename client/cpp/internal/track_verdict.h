// What an answer to a batch means for its events: each is counted, failed, or to be sent again.
//
//   TrackVerdict verdict = Judge(std::move(batch), answer);
//   for (const TrackFailure& failure : verdict.failures) on_failure(failure);
//   if (!verdict.again.empty()) …  // after verdict.delay, with the same ids
//
// Those in neither list are counted.

#ifndef OWO_CLIENT_CPP_INTERNAL_TRACK_VERDICT_H_
#define OWO_CLIENT_CPP_INTERNAL_TRACK_VERDICT_H_

#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "client/cpp/metering.h"

namespace owo {

struct TrackVerdict {
  std::vector<TrackFailure> failures;
  std::vector<TrackParams> again;
  absl::Duration delay;     // to wait at least before sending again
  absl::Status transience;  // what asks for sending again; OK if nothing does
};

// `answer` is to the events of `batch`, in their order.
TrackVerdict Judge(TrackBatchParams batch, const absl::StatusOr<TrackBatchResult>& answer);

}  // namespace owo

#endif  // OWO_CLIENT_CPP_INTERNAL_TRACK_VERDICT_H_
