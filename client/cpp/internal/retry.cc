#include "client/cpp/internal/retry.h"

#include <algorithm>
#include <cmath>

#include "absl/random/random.h"
#include "absl/time/clock.h"
#include "client/cpp/internal/status_details.h"
#include "google/rpc/error_details.pb.h"

namespace owo {
namespace {

using google::rpc::RetryInfo;

absl::Duration Jitter(const RetryOptions& options, absl::Duration longest) {
  if (options.jitter) return options.jitter(longest);
  thread_local absl::BitGen random;
  return absl::Uniform(absl::IntervalClosed, random, 0.0, 1.0) * longest;
}

}  // namespace

std::optional<absl::Duration> RepetitionDelay(const absl::Status& status) {
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

absl::Duration BackoffPause(const RetryOptions& options, int failures) {
  constexpr int kDoublingsMax = 40;  // by then every pause has reached its bound
  const double factor = std::exp2(std::min(failures - 1, kDoublingsMax));
  return Jitter(options, std::min(factor * options.backoff_first, options.backoff_max));
}

absl::Status CallWithRetries(const RetryOptions& options, absl::Time deadline,
                             absl::FunctionRef<absl::Status()> attempt) {
  for (int attempts = 1;; ++attempts) {
    absl::Status status = attempt();
    if (status.ok() || attempts >= options.attempts_max) return status;
    const std::optional<absl::Duration> delay = RepetitionDelay(status);
    if (!delay.has_value()) return status;
    const absl::Duration pause = *delay + BackoffPause(options, attempts);
    if (absl::Now() + pause >= deadline) return status;
    options.sleep(pause);
  }
}

}  // namespace owo
