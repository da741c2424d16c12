// Ids for events and requests: UUIDs of version 7 (RFC 9562), which start with a timestamp.
//
//   owo::NewUuid() == "019ab0c2-7e5f-7a31-9d04-5f3c8e21b6aa"
//
// Ids of one process increase in text order, so that the server stores ids of the same moment next
// to each other. After fork() at most one of the two processes may continue to make ids, because
// both would draw the same random bits.

#ifndef OWO_CLIENT_CPP_INTERNAL_UUID_H_
#define OWO_CLIENT_CPP_INTERNAL_UUID_H_

#include <atomic>
#include <cstdint>
#include <string>

#include "absl/time/clock.h"

namespace owo {

// Thread-safe.
std::string NewUuid();

// Makes the ids of NewUuid() from a given clock: nanoseconds since 1970. Thread-safe.
class UuidGenerator {
 public:
  explicit UuidGenerator(int64_t (*clock)() = absl::GetCurrentTimeNanos) : clock_(clock) {}

  std::string New();

 private:
  uint64_t NextTick();

  int64_t (*const clock_)();
  std::atomic<uint64_t> last_tick_{0};
};

}  // namespace owo

#endif  // OWO_CLIENT_CPP_INTERNAL_UUID_H_
