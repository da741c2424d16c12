#include "client/cpp/retry.h"

#include <algorithm>
#include <optional>

#include "absl/random/random.h"
#include "absl/time/clock.h"
#include "client/cpp/status_details.h"
#include "google/rpc/error_details.pb.h"

namespace owo {
namespace {

using google::rpc::RetryInfo;

// How long to wait at least before trying again; nothing if that is of no use.
std::optional<absl::Duration> DelayMin(const absl::Status& status) {
  const bool is_transient = absl::IsUnavailable(status) || absl::IsAborted(status);
  if (!is_transient && !absl::IsResourceExhausted(status)) return std::nullopt;
  if (const std::optional<RetryInfo> info = Detail<RetryInfo>(status)) {
    const auto& delay = info->retry_delay();
    return std::max(absl::Seconds(delay.seconds()) + absl::Nanoseconds(delay.nanos()),
                    absl::ZeroDuration());
  }
  if (!is_transient) return std::nullopt;
  return absl::ZeroDuration();
}

absl::Duration Jitter(const RetryOptions& options, absl::Duration backoff) {
  if (options.jitter) return options.jitter(backoff);
  thread_local absl::BitGen random;
  return absl::Uniform(absl::IntervalClosed, random, 0.0, 1.0) * backoff;
}

}  // namespace

absl::Status CallWithRetries(const RetryOptions& options, absl::Time deadline,
                             absl::FunctionRef<absl::Status()> attempt) {
  absl::Duration backoff = options.backoff_first;
  for (int attempts = 1;; ++attempts) {
    absl::Status status = attempt();
    if (status.ok() || attempts >= options.attempts_max) return status;
    const std::optional<absl::Duration> delay_min = DelayMin(status);
    if (!delay_min.has_value()) return status;
    const absl::Duration pause =
        *delay_min + Jitter(options, std::min(backoff, options.backoff_max));
    if (absl::Now() + pause >= deadline) return status;
    options.sleep(pause);
    backoff *= 2;
  }
}

}  // namespace owo
