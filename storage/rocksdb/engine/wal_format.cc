#include "storage/rocksdb/engine/wal_format.h"

#include <rocksdb/file_checksum.h>

#include <algorithm>
#include <cstdint>

namespace owo::storage {
namespace {

// A log consists of blocks. A record does not cross a block's end: masked CRC-32C of everything
// after the length (4 bytes), length of the payload (2), type (1), payload. Little endian. Less
// room than a header at a block's end is left empty.
constexpr size_t kBlockSize = 32768;
// Disks write a sector of this many bytes atomically.
constexpr size_t kSectorSize = 512;
constexpr size_t kHeaderSize = 7;
constexpr size_t kLengthAt = 4;
constexpr size_t kTypeAt = 6;

// A commit is one full record, or a first, any number of middle, and a last record.
enum Type : char { kFull = 1, kFirst = 2, kMiddle = 3, kLast = 4 };

uint32_t BigEndian32(std::string_view bytes) {
  uint32_t number = 0;
  for (const char byte : bytes) number = number << 8 | static_cast<uint8_t>(byte);
  return number;
}
uint32_t Masked(uint32_t crc) { return ((crc >> 15) | (crc << 17)) + 0xa282ead8U; }
uint32_t LittleEndian32(std::string_view bytes) {
  uint32_t number = 0;
  for (size_t i = bytes.size(); i > 0; --i) {
    number = number << 8 | static_cast<uint8_t>(bytes[i - 1]);
  }
  return number;
}

bool FitsTo(std::string_view checksum, std::string_view bytes) {
  const auto crc32c = rocksdb::GetFileChecksumGenCrc32cFactory()->CreateFileChecksumGenerator({});
  crc32c->Update(bytes.data(), bytes.size());
  crc32c->Finalize();
  return Masked(BigEndian32(crc32c->GetChecksum())) == LittleEndian32(checksum);
}

bool IsWhole(std::string_view record) {
  return FitsTo(record.substr(0, kLengthAt), record.substr(kTypeAt));
}

// The checksum matches the type and some number of the bytes after it.
bool IsWholeAtSomeLength(std::string_view record) {
  for (size_t size = kHeaderSize; size <= record.size(); ++size) {
    if (IsWhole(record.substr(0, size))) return true;
  }
  return false;
}

// The bytes from `at` to the end of the block or of the log.
std::string_view RestOfBlock(std::string_view log, size_t at) {
  return log.substr(at, kBlockSize - at % kBlockSize);
}

// Size of the record at `at` according to its header; nullopt if there is no valid header.
std::optional<size_t> SaidSize(std::string_view log, size_t at) {
  const std::string_view block = RestOfBlock(log, at);
  if (block.size() < kHeaderSize || block[kTypeAt] < kFull || block[kTypeAt] > kLast) {
    return std::nullopt;
  }
  const size_t size = kHeaderSize + LittleEndian32(block.substr(kLengthAt, 2));
  if (size > kBlockSize - at % kBlockSize) return std::nullopt;
  return size;
}

// The record at `at`; nullopt if the log does not hold all of it.
std::optional<std::string_view> RecordAt(std::string_view log, size_t at) {
  const std::optional<size_t> size = SaidSize(log, at);
  if (!size.has_value() || *size > log.size() - at) return std::nullopt;
  return log.substr(at, *size);
}

bool Begins(std::string_view record) {
  return record[kTypeAt] == kFull || record[kTypeAt] == kFirst;
}
bool Ends(std::string_view record) { return record[kTypeAt] == kFull || record[kTypeAt] == kLast; }

// Offset of the record that follows `record`, which is at `at`.
size_t After(size_t at, std::string_view record) {
  at += record.size();
  const size_t left = kBlockSize - at % kBlockSize;
  return left < kHeaderSize ? at + left : at;
}

// The end of the commit at `at`; nullopt if its records are not a whole commit.
std::optional<size_t> EndOfCommit(std::string_view log, size_t at) {
  for (bool first = true; at < log.size(); first = false) {
    const auto record = RecordAt(log, at);
    if (!record.has_value() || Begins(*record) != first || !IsWhole(*record)) return std::nullopt;
    at = After(at, *record);
    if (Ends(*record)) return at;
  }
  return std::nullopt;
}

// True if a whole commit follows the damage at `at`.
bool CommitBeginsAfter(std::string_view log, size_t at) {
  bool lost = true;  // the next record's offset is unknown, up to the block's end
  for (++at; at < log.size();) {
    if (EndOfCommit(log, at).has_value()) return true;
    if (at % kBlockSize == 0) lost = false;
    // The rest of a commit may come first.
    const auto record = RecordAt(log, at);
    lost = lost || !record.has_value() || !IsWhole(*record);
    at = lost ? at + 1 : After(at, *record);
  }
  return false;
}

// The end of the commit at `at` according to its headers, as far as they can be read.
size_t SaidEnd(std::string_view log, size_t at) {
  while (at < log.size()) {
    const auto record = RecordAt(log, at);
    if (!record.has_value()) return at + SaidSize(log, at).value_or(kHeaderSize);
    at = After(at, *record);
    if (Ends(*record)) return at;
  }
  return at + kHeaderSize;  // another record should follow
}

// True if sectors of the commit at `at` were never written: they are still zero, or the file ends
// before them.
bool LacksSectors(std::string_view log, size_t at) {
  const size_t last = log.find_last_not_of('\0');
  const size_t end = last - last % kSectorSize + kSectorSize;  // end of the last sector written
  if (SaidEnd(log, at) > std::min(end, log.size())) return true;
  while (at < last) {
    const size_t next = at - at % kSectorSize + kSectorSize;
    if (log.substr(at, next - at).find_first_not_of('\0') == std::string_view::npos) return true;
    at = next;
  }
  return false;
}

}  // namespace

bool HasDamagedLength(std::string_view log) {
  for (size_t at = 0; at < log.size();) {
    const std::string_view block = RestOfBlock(log, at);
    if (block.size() < kHeaderSize) {
      at += block.size();
      continue;
    }
    const size_t size = kHeaderSize + LittleEndian32(block.substr(kLengthAt, 2));
    if (size > block.size()) return IsWholeAtSomeLength(block);
    at += size;
  }
  return false;
}

std::optional<size_t> ValidPrefixSize(std::string_view log) {
  size_t whole = 0;
  while (whole < log.size()) {
    const std::optional<size_t> end = EndOfCommit(log, whole);
    if (!end.has_value()) break;
    whole = *end;
  }
  if (whole >= log.size() || log.find_first_not_of('\0', whole) == std::string_view::npos) {
    return log.size();
  }
  if (!LacksSectors(log, whole) || CommitBeginsAfter(log, whole)) return std::nullopt;
  return whole;
}

}  // namespace owo::storage
