// Ids of events, and of requests, by the million: the n-th id is a function of n, so that an id of
// long ago can be sent again without having been kept.
//
//   EventIds ids(EventIds::Version::kTimeOrdered, /*seed=*/1, /*first_ms=*/1'794'744'000'000);
//   ids.Write(41, place);   // 36 characters, without an end

#ifndef OWO_TESTS_BENCH_EVENT_IDS_H_
#define OWO_TESTS_BENCH_EVENT_IDS_H_

#include <cstddef>
#include <cstdint>

namespace owo::bench {

// A number that looks random, for each number another one.
uint64_t Mix(uint64_t n);

// Thread-safe.
class EventIds {
 public:
  enum class Version {
    kTimeOrdered = 7,  // as the client makes them: increasing, a thousand in a millisecond
    kRandom = 4,
  };

  static constexpr size_t kLength = 36;

  // Other seeds give other ids; the n-th time-ordered one is of first_ms + n / 1000.
  EventIds(Version version, uint64_t seed, uint64_t first_ms)
      : version_(version), seed_(Mix(seed)), first_ms_(first_ms) {}

  void Write(uint64_t n, char* to) const;

 private:
  const Version version_;
  const uint64_t seed_;
  const uint64_t first_ms_;
};

// Ids that no others of this process, nor of an earlier one, are equal to.
EventIds FreshIds(EventIds::Version version);

}  // namespace owo::bench

#endif  // OWO_TESTS_BENCH_EVENT_IDS_H_
