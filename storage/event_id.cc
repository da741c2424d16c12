#include "storage/event_id.h"

#include <openssl/sha.h>

#include <cstring>

namespace owo::storage {
namespace {

int LowerHex(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  return -1;
}

bool DashAt(size_t i) { return i == 8 || i == 13 || i == 18 || i == 23; }

bool ParseUuid(std::string_view text, char* out) {
  if (text.size() != 36) return false;
  for (size_t i = 0; i < 36;) {
    if (DashAt(i)) {
      if (text[i++] != '-') return false;
      continue;
    }
    const int high = LowerHex(text[i]);
    const int low = LowerHex(text[i + 1]);
    if (high < 0 || low < 0) return false;
    *out++ = static_cast<char>(high << 4 | low);
    i += 2;
  }
  return true;
}

constexpr unsigned char kVariantMask = 0xc0;  // of byte 8
constexpr unsigned char kUuidVariant = 0x80;  // RFC 9562
constexpr unsigned char kHashVariant = 0xc0;  // reserved there: marks a hash here

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
  static constexpr char kHex[] = "0123456789abcdef";
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
