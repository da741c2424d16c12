#include "storage/event_id.h"

#include <openssl/sha.h>

#include <array>
#include <cstring>

namespace owo::storage {
namespace {

constexpr std::string_view kHex = "0123456789abcdef";
constexpr uint8_t kNoHex = 0xf0;

// The value of each lower-case hexadecimal digit; kNoHex of every other byte.
constexpr std::array<uint8_t, 256> kHexValues = [] {
  std::array<uint8_t, 256> values{};
  for (uint8_t& value : values) value = kNoHex;
  for (size_t i = 0; i < kHex.size(); ++i) {
    values[static_cast<uint8_t>(kHex[i])] = static_cast<uint8_t>(i);
  }
  return values;
}();

bool DashAt(size_t i) { return i == 8 || i == 13 || i == 18 || i == 23; }

// For each of the 16 bytes, the offset of its two digits in the text.
constexpr std::array<uint8_t, 16> kDigitsAt = {0,  2,  4,  6,  9,  11, 14, 16,
                                               19, 21, 24, 26, 28, 30, 32, 34};

// Checks every digit without an early exit: nearly all texts are UUIDs.
bool ParseUuid(std::string_view text, char* out) {
  if (text.size() != 36) return false;
  if (text[8] != '-' || text[13] != '-' || text[18] != '-' || text[23] != '-') return false;
  uint8_t wrong = 0;
  for (size_t i = 0; i < kDigitsAt.size(); ++i) {
    const uint8_t high = kHexValues[static_cast<uint8_t>(text[kDigitsAt[i]])];
    const uint8_t low = kHexValues[static_cast<uint8_t>(text[kDigitsAt[i] + 1U])];
    wrong |= high | low;
    out[i] = static_cast<char>(high << 4 | low);
  }
  return (wrong & kNoHex) == 0;
}

constexpr unsigned char kVariantMask = 0xc0;  // of byte 8
constexpr unsigned char kUuidVariant = 0x80;  // RFC 9562
constexpr unsigned char kHashVariant = 0xc0;  // reserved by RFC 9562; marks a hash here

}  // namespace

EventId EventId::Of(std::string_view text) {
  EventId id;
  if (ParseUuid(text, id.bytes_.data()) &&
      (static_cast<unsigned char>(id.bytes_[8]) & kVariantMask) == kUuidVariant) {
    id.is_uuid_ = true;
    return id;
  }
  unsigned char digest[SHA256_DIGEST_LENGTH];
  SHA256(reinterpret_cast<const unsigned char*>(text.data()), text.size(), digest);
  digest[8] |= kHashVariant;
  std::memcpy(id.bytes_.data(), digest, id.bytes_.size());
  return id;
}

EventId EventId::FromBytes(const char* bytes, bool is_uuid) {
  EventId id;
  std::memcpy(id.bytes_.data(), bytes, id.bytes_.size());
  id.is_uuid_ = is_uuid;
  return id;
}

std::string EventId::UuidText() const {
  std::string text;
  text.reserve(36);
  for (const char c : bytes_) {
    if (DashAt(text.size())) text.push_back('-');
    text.push_back(kHex[static_cast<unsigned char>(c) >> 4]);
    text.push_back(kHex[c & 15]);
  }
  return text;
}

}  // namespace owo::storage
