#include "client/cpp/internal/uuid.h"

#include <algorithm>
#include <limits>

#include "absl/random/random.h"
#include "absl/strings/str_format.h"

namespace owo {
namespace {

// A tick: the 60 bits that order UUIDs, milliseconds since 1970 and 12 bits of their fraction.
constexpr int kFractionBits = 12;
constexpr uint64_t kFractionMask = (uint64_t{1} << kFractionBits) - 1;
constexpr int64_t kNanosPerMilli = 1'000'000;

uint64_t TickAt(int64_t nanos) {
  const uint64_t millis = nanos / kNanosPerMilli;
  const uint64_t fraction = ((nanos % kNanosPerMilli) << kFractionBits) / kNanosPerMilli;
  return millis << kFractionBits | fraction;
}

}  // namespace

std::string NewUuid() {
  static UuidGenerator generator;
  return generator.New();
}

// Returns the current tick, or the last one plus 1 if the clock did not advance.
uint64_t UuidGenerator::NextTick() {
  uint64_t last = last_tick_.load(std::memory_order_relaxed);
  uint64_t next = 0;
  do {
    next = std::max(TickAt(clock_()), last + 1);
  } while (!last_tick_.compare_exchange_weak(last, next, std::memory_order_relaxed));
  return next;
}

std::string UuidGenerator::New() {
  thread_local absl::BitGen random;
  const uint64_t tick = NextTick();
  const uint64_t millis = tick >> kFractionBits;
  const uint64_t bits = absl::Uniform<uint64_t>(absl::IntervalClosed, random, 0,
                                                std::numeric_limits<uint64_t>::max());
  constexpr uint64_t kVersion = 0x7000;
  constexpr uint64_t kVariant = 0x8000;
  return absl::StrFormat("%08x-%04x-%04x-%04x-%012x", millis >> 16, millis & 0xffff,
                         kVersion | (tick & kFractionMask), kVariant | (bits >> 50),
                         bits & 0xffff'ffff'ffff);
}

}  // namespace owo
