// Rate-limited log lines, for what callers can cause again and again.
//
//   static auto* const log = new BoundedLog();
//   log->Write("internal error", status.ToString());

#ifndef OWO_SERVICE_RPC_BOUNDED_LOG_H_
#define OWO_SERVICE_RPC_BOUNDED_LOG_H_

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "absl/base/thread_annotations.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"

namespace owo::rpc {

// A burst of kBurst lines, then one line per kPause. Thread-safe.
class BoundedLog {
 public:
  static constexpr int kBurst = 10;
  static constexpr absl::Duration kPause = absl::Seconds(10);
  static constexpr size_t kTextMax = 300;

  // Writes one line to stderr, escaped and truncated, unless the rate limit is exceeded.
  void Write(std::string_view source, std::string_view text);
  // The line that Write would write at `now`; nullopt if the rate limit is exceeded.
  std::optional<std::string> Line(std::string_view source, std::string_view text, absl::Time now);

 private:
  absl::Mutex mutex_;
  // Each line reserves kPause after the line before; up to kBurst pauses may be reserved ahead.
  absl::Time reserved_until_ ABSL_GUARDED_BY(mutex_) = absl::InfinitePast();
  int64_t left_out_ ABSL_GUARDED_BY(mutex_) = 0;
};

}  // namespace owo::rpc

#endif  // OWO_SERVICE_RPC_BOUNDED_LOG_H_
