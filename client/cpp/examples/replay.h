// Tracks any number of past events.
//
//   absl::StatusOr<owo::examples::ReplayTotals> totals = owo::examples::Replay(owo, events);
//
// Set the ids of the events: a replay that is repeated with the same ids changes nothing.

#ifndef OWO_CLIENT_CPP_EXAMPLES_REPLAY_H_
#define OWO_CLIENT_CPP_EXAMPLES_REPLAY_H_

#include <cstdint>

#include "absl/status/statusor.h"
#include "absl/types/span.h"
#include "client/cpp/owostack.h"

namespace owo::examples {

struct ReplayTotals {
  int64_t recorded = 0;
  int64_t duplicates = 0;
};

// Tracks the events in order, in batches of 1,000. Stops after a batch that has an event which was
// not counted, and returns the error of the first such event; the other events of that batch and of
// earlier batches are counted.
absl::StatusOr<ReplayTotals> Replay(const Owostack& owo, absl::Span<const TrackParams> events);

}  // namespace owo::examples

#endif  // OWO_CLIENT_CPP_EXAMPLES_REPLAY_H_
