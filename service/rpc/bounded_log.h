// Rate-limited log lines, for what callers can cause again and again.
//
//   BoundedLog log(sink);
//   log.Write(Severity::kError, "internal error", {{"error", status.ToString()}});

#ifndef OWO_SERVICE_RPC_BOUNDED_LOG_H_
#define OWO_SERVICE_RPC_BOUNDED_LOG_H_

#include <cstdint>
#include <string_view>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"
#include "service/telemetry/log_sink.h"

namespace owo::rpc {

// A burst of kBurst lines, then one line per kPause. Thread-safe.
class BoundedLog {
 public:
  static constexpr int kBurst = 10;
  static constexpr absl::Duration kPause = absl::Seconds(10);

  // REQUIRES: `sink` outlives the log.
  explicit BoundedLog(telemetry::LogSink& sink) : sink_(sink) {}

  // Writes one line to the sink, unless the rate limit is exceeded. The next line that is written
  // has a field `left_out`, with the number of lines that were not.
  void Write(telemetry::Severity severity, std::string_view message,
             std::vector<telemetry::LogField> fields);
  // The same, of a line at `now`.
  void WriteAt(absl::Time now, telemetry::Severity severity, std::string_view message,
               std::vector<telemetry::LogField> fields);

 private:
  telemetry::LogSink& sink_;
  absl::Mutex mutex_;
  // Each line reserves kPause after the line before; up to kBurst pauses may be reserved ahead.
  absl::Time reserved_until_ ABSL_GUARDED_BY(mutex_) = absl::InfinitePast();
  int64_t left_out_ ABSL_GUARDED_BY(mutex_) = 0;
};

}  // namespace owo::rpc

#endif  // OWO_SERVICE_RPC_BOUNDED_LOG_H_
