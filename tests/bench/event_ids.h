// Millions of ids for events and requests. The n-th id is a function of n, so an old id can be sent
// again without storing it.
//
//   EventIds ids(EventIds::Version::kTimeOrdered, /*seed=*/1, /*first_ms=*/1'794'744'000'000);
//   ids.Write(41, place);   // 36 characters, not NUL-terminated

#ifndef OWO_TESTS_BENCH_EVENT_IDS_H_
#define OWO_TESTS_BENCH_EVENT_IDS_H_

#include <cstddef>
#include <cstdint>

namespace owo::bench {

// Maps each number to a different, pseudo-random number.
uint64_t Mix(uint64_t n);

// Thread-safe.
class EventIds {
 public:
  enum class Version {
    kTimeOrdered = 7,  // as the client makes them: increasing, a thousand per millisecond
    kRandom = 4,
  };

  static constexpr size_t kLength = 36;

  // Different seeds give different ids. The n-th time-ordered id has the time first_ms + n / 1000.
  EventIds(Version version, uint64_t seed, uint64_t first_ms)
      : version_(version), seed_(Mix(seed)), first_ms_(first_ms) {}

  void Write(uint64_t n, char* to) const;

 private:
  const Version version_;
  const uint64_t seed_;
  const uint64_t first_ms_;
};

// Returns ids that differ from all others of this process and of earlier processes.
EventIds FreshIds(EventIds::Version version);

}  // namespace owo::bench

#endif  // OWO_TESTS_BENCH_EVENT_IDS_H_
