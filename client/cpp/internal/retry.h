// Retries a call that failed with a transient error.
//
//   absl::Status status = CallWithRetries(options, deadline, [&] { return Attempt(deadline); });
//
// Transient errors are UNAVAILABLE, ABORTED, and RESOURCE_EXHAUSTED with a google.rpc.RetryInfo.
// Without RetryInfo, RESOURCE_EXHAUSTED is the error of gRPC for a message that is too large, which
// no retry can fix. The pauses of track(), which does not block, are in track_queue.h.

#ifndef OWO_CLIENT_CPP_INTERNAL_RETRY_H_
#define OWO_CLIENT_CPP_INTERNAL_RETRY_H_

#include <optional>

#include "absl/functional/function_ref.h"
#include "absl/status/status.h"
#include "absl/time/time.h"
#include "client/cpp/options.h"

namespace owo {

// Returns the minimum delay before a retry after this failure; nullopt if a retry cannot help.
std::optional<absl::Duration> RepetitionDelay(const absl::Status& status);

// Returns the pause after `failures` consecutive failures: random, up to a bound that doubles with
// each failure.
// REQUIRES: `failures` ≥ 1.
absl::Duration BackoffPause(const RetryOptions& options, int failures);

// Calls `attempt` until it succeeds, fails with an error that is not transient, or has failed
// options.attempts_max times. The pause between attempts is the delay that the server requested
// plus BackoffPause(). Does not start a pause that would end after `deadline`. Returns the result
// of the last attempt.
absl::Status CallWithRetries(const RetryOptions& options, absl::Time deadline,
                             absl::FunctionRef<absl::Status()> attempt);

}  // namespace owo

#endif  // OWO_CLIENT_CPP_INTERNAL_RETRY_H_
