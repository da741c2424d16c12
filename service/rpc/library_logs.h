// Bounds what gRPC and Protocol Buffers write to stderr. Callers cause much of it and it repeats
// their bytes, so lines are escaped, truncated and rate-limited, and parse errors of requests,
// which callers receive anyway, are dropped.

#ifndef OWO_SERVICE_RPC_LIBRARY_LOGS_H_
#define OWO_SERVICE_RPC_LIBRARY_LOGS_H_

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "absl/base/thread_annotations.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"

namespace owo::rpc {

// Rate limit for log lines: a burst of kBurst lines, then one line per kPause. Thread-safe.
class BoundedLog {
 public:
  static constexpr int kBurst = 10;
  static constexpr absl::Duration kPause = absl::Seconds(10);
  static constexpr size_t kTextMax = 300;

  // Returns the line to show, escaped; nullopt if the rate limit is exceeded.
  std::optional<std::string> Line(std::string_view source, std::string_view text, absl::Time now);

 private:
  absl::Mutex mutex_;
  // Each line reserves kPause after the line before; up to kBurst pauses may be reserved ahead.
  absl::Time reserved_until_ ABSL_GUARDED_BY(mutex_) = absl::InfinitePast();
  int64_t left_out_ ABSL_GUARDED_BY(mutex_) = 0;
};

// Takes effect for the whole process, from now on.
void BoundLibraryLogs();

}  // namespace owo::rpc

#endif  // OWO_SERVICE_RPC_LIBRARY_LOGS_H_
