// Repeats a call that failed in a way that a repetition can cure.
//
//   absl::Status status = CallWithRetries(options, deadline, [&] { return Attempt(deadline); });
//
// These are UNAVAILABLE, ABORTED, and RESOURCE_EXHAUSTED where the server says when to come back
// (google.rpc.RetryInfo): without that it is what gRPC gives to a message that is too large, which
// stays so.

#ifndef OWO_CLIENT_CPP_INTERNAL_RETRY_H_
#define OWO_CLIENT_CPP_INTERNAL_RETRY_H_

#include <optional>

#include "absl/functional/function_ref.h"
#include "absl/status/status.h"
#include "absl/time/time.h"
#include "client/cpp/options.h"

namespace owo {

// How long to wait at least before repeating what failed like this. Nothing where a repetition
// cannot cure it.
std::optional<absl::Duration> RepetitionDelay(const absl::Status& status);

// The pause after so many failures in a row: random, up to a bound that doubles with each.
// REQUIRES: `failures` ≥ 1.
absl::Duration BackoffPause(const RetryOptions& options, int failures);

// Calls `attempt` until it succeeds, fails for good, or has failed options.attempts_max times.
// Between attempts it pauses at random up to a bound that doubles each time, and never less than
// the server asks for. A pause that would end after `deadline` is not begun. Returns what the last
// attempt returned.
absl::Status CallWithRetries(const RetryOptions& options, absl::Time deadline,
                             absl::FunctionRef<absl::Status()> attempt);

}  // namespace owo

#endif  // OWO_CLIENT_CPP_INTERNAL_RETRY_H_
