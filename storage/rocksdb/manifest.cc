#include "storage/rocksdb/manifest.h"

#include <algorithm>
#include <array>
#include <cstdint>

#include "absl/strings/str_cat.h"
#include "storage/rocksdb/database.h"
#include "storage/try.h"

namespace owo::storage {
namespace {

// A log is made of blocks. A record is within one: masked CRC-32C of what follows the length 4,
// length of the payload 2, type 1, payload. Little endian.
constexpr size_t kBlockSize = 32768;
constexpr size_t kHeaderSize = 7;
constexpr size_t kTypeAt = 6;

constexpr std::array<uint32_t, 256> CrcTable() {
  std::array<uint32_t, 256> table{};
  for (uint32_t i = 0; i < table.size(); ++i) {
    uint32_t crc = i;
    for (int bit = 0; bit < 8; ++bit) crc = (crc >> 1) ^ ((crc & 1) != 0 ? 0x82f63b78U : 0U);
    table[i] = crc;
  }
  return table;
}
constexpr std::array<uint32_t, 256> kCrcTable = CrcTable();

uint32_t Extend(uint32_t crc, char byte) {
  return kCrcTable[(crc ^ static_cast<uint8_t>(byte)) & 0xff] ^ (crc >> 8);
}
uint32_t Masked(uint32_t crc) {
  crc = ~crc;
  return ((crc >> 15) | (crc << 17)) + 0xa282ead8U;
}
uint32_t LittleEndian32(std::string_view bytes) {
  uint32_t number = 0;
  for (size_t i = bytes.size(); i > 0; --i) {
    number = number << 8 | static_cast<uint8_t>(bytes[i - 1]);
  }
  return number;
}

// The checksum fits to the type and some number of the bytes behind it.
bool IsWholeAtSomeLength(std::string_view record) {
  const uint32_t expected = LittleEndian32(record.substr(0, 4));
  uint32_t crc = ~0U;
  for (const char byte : record.substr(kTypeAt)) {
    crc = Extend(crc, byte);
    if (Masked(crc) == expected) return true;
  }
  return false;
}

}  // namespace

bool HasDamagedLength(std::string_view log) {
  for (size_t at = 0; at < log.size();) {
    const std::string_view block = log.substr(at, kBlockSize - at % kBlockSize);
    if (block.size() < kHeaderSize) {
      at += block.size();
      continue;
    }
    const size_t size = kHeaderSize + LittleEndian32(block.substr(4, 2));
    if (size > block.size()) return IsWholeAtSomeLength(block);
    at += size;
  }
  return false;
}

absl::Status CheckManifest(rocksdb::Env& env, const std::string& directory) {
  std::string name;
  OWO_RETURN_IF_ERROR(
      FromRocks(rocksdb::ReadFileToString(&env, absl::StrCat(directory, "/CURRENT"), &name)));
  name.erase(std::remove(name.begin(), name.end(), '\n'), name.end());
  const std::string path = absl::StrCat(directory, "/", name);
  if (!env.FileExists(path).ok()) return absl::DataLossError(absl::StrCat(path, " is missing"));
  std::string bytes;
  OWO_RETURN_IF_ERROR(FromRocks(rocksdb::ReadFileToString(&env, path, &bytes)));
  if (!HasDamagedLength(bytes)) return absl::OkStatus();
  return absl::DataLossError(absl::StrCat(path, " is damaged: a record has another length"));
}

}  // namespace owo::storage
