// Variable-length integers (LEB128, as in protobuf) of up to 128 bits, and a reader that never
// reads past its bytes: after a short or malformed read it stays failed and returns zeros.
//
//   std::string out;  AppendVarint(out, 300);  AppendSigned128(out, -5);
//   ByteReader in(out);  in.Varint64();  in.Signed128();  in.AtEnd();   // 300, -5, true

#ifndef OWO_STORAGE_UTIL_VARINT_H_
#define OWO_STORAGE_UTIL_VARINT_H_

#include <cstdint>
#include <string>
#include <string_view>

#include "absl/numeric/int128.h"

namespace owo::storage {

inline void AppendVarint(std::string& out, absl::uint128 value) {
  while (value >= 128) {
    out.push_back(static_cast<char>(static_cast<uint8_t>(value) | 128));
    value >>= 7;
  }
  out.push_back(static_cast<char>(static_cast<uint8_t>(value)));
}

inline void AppendVarint64(std::string& out, uint64_t value) {
  while (value >= 128) {
    out.push_back(static_cast<char>(value | 128));
    value >>= 7;
  }
  out.push_back(static_cast<char>(value));
}

// Maps small magnitudes to small values: 0, -1, 1, -2, … become 0, 1, 2, 3, …
inline uint64_t ZigZag(int64_t value) {
  return static_cast<uint64_t>(value) << 1 ^ static_cast<uint64_t>(value >> 63);
}
inline int64_t UnZigZag(uint64_t value) {
  return static_cast<int64_t>(value >> 1) ^ -static_cast<int64_t>(value & 1);
}

inline void AppendSigned128(std::string& out, absl::int128 value) {
  const absl::uint128 bits = static_cast<absl::uint128>(value);
  AppendVarint(out, value < 0 ? ~(bits << 1) : bits << 1);
}

class ByteReader {
 public:
  explicit ByteReader(std::string_view bytes) : rest_(bytes) {}

  uint8_t Byte() { return Take(1).empty() ? 0 : static_cast<uint8_t>(last_); }

  uint64_t Varint64() {
    const absl::uint128 value = Varint128();
    if (absl::Uint128High64(value) != 0) Fail();
    return failed_ ? 0 : absl::Uint128Low64(value);
  }

  uint32_t Varint32() {
    const uint64_t value = Varint64();
    if (value > UINT32_MAX) Fail();
    return failed_ ? 0 : static_cast<uint32_t>(value);
  }

  absl::uint128 Varint128() {
    absl::uint128 value = 0;
    for (int shift = 0; shift < 133; shift += 7) {
      const uint8_t byte = Byte();
      if (shift == 126 && byte > 3) break;  // beyond 128 bits
      value |= absl::uint128(byte & 127) << shift;
      if (byte < 128) return failed_ ? 0 : value;
    }
    Fail();
    return 0;
  }

  absl::int128 Signed128() {
    const absl::uint128 bits = Varint128();
    const absl::uint128 half = bits >> 1;
    return static_cast<absl::int128>((bits & 1) != 0 ? ~half : half);
  }

  std::string_view Take(size_t n) {
    if (failed_ || n > rest_.size()) {
      Fail();
      return {};
    }
    const std::string_view taken = rest_.substr(0, n);
    rest_.remove_prefix(n);
    if (n > 0) last_ = taken.back();
    return taken;
  }

  // Marks the reader as failed, for callers that find the content malformed.
  void Fail() {
    failed_ = true;
    rest_ = {};
  }

  bool ok() const { return !failed_; }
  bool AtEnd() const { return !failed_ && rest_.empty(); }

 private:
  std::string_view rest_;
  char last_ = 0;
  bool failed_ = false;
};

}  // namespace owo::storage

#endif  // OWO_STORAGE_UTIL_VARINT_H_
