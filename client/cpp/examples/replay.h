// Tracks any number of events that have happened already.
//
//   absl::StatusOr<owo::examples::ReplayTotals> totals = owo::examples::Replay(owo, events);
//
// Give the events ids of their own: repeated with the same ids, a replay changes nothing.

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

// Tracks the events in their order, in batches of 1,000. Stops after a batch in which an event was
// not counted, and fails with the first such event; the others of that batch and of the batches
// before it are counted.
absl::StatusOr<ReplayTotals> Replay(const Owostack& owo, absl::Span<const TrackParams> events);

}  // namespace owo::examples

#endif  // OWO_CLIENT_CPP_EXAMPLES_REPLAY_H_
