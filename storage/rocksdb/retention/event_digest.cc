#include "storage/rocksdb/retention/event_digest.h"

#include <openssl/sha.h>

namespace owo::storage {
namespace {

// Mixes all bits of both arguments: the finalizer of SplitMix64.
uint64_t Mix(uint64_t sum, uint64_t value) {
  uint64_t x = sum + value + 0x9e3779b97f4a7c15;
  x = (x ^ (x >> 30)) * 0xbf58476d1ce4e5b9;
  x = (x ^ (x >> 27)) * 0x94d049bb133111eb;
  return x ^ (x >> 31);
}

uint64_t LittleEndian64(std::string_view bytes) {
  uint64_t value = 0;
  for (size_t i = bytes.size(); i > 0; --i) value = value << 8 | static_cast<uint8_t>(bytes[i - 1]);
  return value;
}

}  // namespace

std::string EmptyDigest() { return std::string(SHA256_DIGEST_LENGTH, '\0'); }

std::string AddToDigest(std::string_view digest, const CountedEvent& event) {
  std::string bytes(digest);
  AppendEvent(bytes, event, /*committed=*/0);
  std::string out(SHA256_DIGEST_LENGTH, '\0');
  SHA256(reinterpret_cast<const unsigned char*>(bytes.data()), bytes.size(),
         reinterpret_cast<unsigned char*>(out.data()));
  return out;
}

uint64_t IdSum(TenantId tenant, const EventId& id, const IdRow& row) {
  constexpr size_t kHalf = 8;
  const uint64_t sequence = row.sequence;
  const uint64_t over = row.over;
  uint64_t sum = Mix(static_cast<uint32_t>(tenant), LittleEndian64(id.bytes().substr(0, kHalf)));
  sum = Mix(sum, LittleEndian64(id.bytes().substr(kHalf)));
  sum = Mix(sum, row.fingerprint);
  return Mix(sum, sequence << 1 | over);
}

}  // namespace owo::storage
