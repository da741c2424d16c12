// What gRPC and Protocol Buffers write to stderr by themselves. Much of it is caused by callers and
// repeats their bytes, so it is bounded: lines are escaped and cut, some a minute are shown, and
// what a parser has to say about a request is for its caller only.

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

// Lines that may be shown: some at once, then one now and then. Thread-safe.
class BoundedLog {
 public:
  static constexpr int kBurst = 10;
  static constexpr absl::Duration kPause = absl::Seconds(10);
  static constexpr size_t kTextMax = 300;

  // The line to show, escaped, or nullopt if there were too many of late.
  std::optional<std::string> Line(std::string_view source, std::string_view text, absl::Time now);

 private:
  absl::Mutex mutex_;
  // Each line reserves a pause behind the one before; a burst is what may be reserved ahead.
  absl::Time reserved_until_ ABSL_GUARDED_BY(mutex_) = absl::InfinitePast();
  int64_t left_out_ ABSL_GUARDED_BY(mutex_) = 0;
};

// For the whole process, from here on.
void BoundLibraryLogs();

}  // namespace owo::rpc

#endif  // OWO_SERVICE_RPC_LIBRARY_LOGS_H_
