#include "tests/bench/event_ids.h"

#include <array>
#include <atomic>

#include "absl/time/clock.h"

namespace owo::bench {
namespace {

constexpr uint64_t kPerMilli = 1000;
constexpr uint64_t kVariant = uint64_t{0b10} << 62;

// Two hexadecimal digits for each byte.
constexpr std::array<std::array<char, 2>, 256> kHex = [] {
  constexpr char kDigits[] = "0123456789abcdef";
  std::array<std::array<char, 2>, 256> hex{};
  for (size_t byte = 0; byte < hex.size(); ++byte) {
    hex[byte] = {kDigits[byte >> 4], kDigits[byte & 0xf]};
  }
  return hex;
}();

// Writes the `count` lowest bytes of `bits`, highest first. Returns the end of the text.
char* WriteBytes(uint64_t bits, int count, char* to) {
  for (int shift = 8 * (count - 1); shift >= 0; shift -= 8) {
    const std::array<char, 2>& digits = kHex[(bits >> shift) & 0xff];
    *to++ = digits[0];
    *to++ = digits[1];
  }
  return to;
}

}  // namespace

// The finalizer of SplitMix64.
uint64_t Mix(uint64_t n) {
  n += 0x9e3779b97f4a7c15;
  n = (n ^ (n >> 30)) * 0xbf58476d1ce4e5b9;
  n = (n ^ (n >> 27)) * 0x94d049bb133111eb;
  return n ^ (n >> 31);
}

void EventIds::Write(uint64_t n, char* to) const {
  const uint64_t random = Mix(seed_ ^ n);
  uint64_t high = Mix(random);
  if (version_ == Version::kTimeOrdered) {
    // The lower bits are the fraction of the millisecond, in 1/4096.
    high = (first_ms_ + n / kPerMilli) << 16 | (n % kPerMilli) * 4096 / kPerMilli;
  }
  high = (high & ~uint64_t{0xf000}) | static_cast<uint64_t>(version_) << 12;
  const uint64_t low = kVariant | random >> 2;
  to = WriteBytes(high >> 32, 4, to);
  *to++ = '-';
  to = WriteBytes(high >> 16, 2, to);
  *to++ = '-';
  to = WriteBytes(high, 2, to);
  *to++ = '-';
  to = WriteBytes(low >> 48, 2, to);
  *to++ = '-';
  WriteBytes(low, 6, to);
}

EventIds FreshIds(EventIds::Version version) {
  static std::atomic<uint64_t> made = 0;
  const absl::Time now = absl::Now();
  return {version, static_cast<uint64_t>(absl::ToUnixNanos(now)) + made++,
          static_cast<uint64_t>(absl::ToUnixMillis(now))};
}

}  // namespace owo::bench
