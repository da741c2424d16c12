#include "storage/rocksdb/engine/watermark.h"

#include <array>
#include <optional>
#include <string_view>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "storage/rocksdb/engine/replace_file.h"
#include "storage/rocksdb/engine/rocks_status.h"
#include "storage/rocksdb/format/keys.h"
#include "storage/util/try.h"

namespace owo::storage {
namespace {

constexpr absl::Duration kUnsyncedMax = absl::Seconds(1);

// Slots are in separate pages, so that writing one does not touch the other.
constexpr std::array<uint64_t, 2> kSlots = {0, 4096};
constexpr size_t kNumberSize = 8;
constexpr size_t kMarkSize = 2 * kNumberSize;

std::optional<uint64_t> ParseMark(std::string_view bytes) {
  if (bytes.size() != kMarkSize) return std::nullopt;
  const uint64_t sequence = keys::TrailingNumber(bytes.substr(0, kNumberSize));
  if (keys::TrailingNumber(bytes) != ~sequence) return std::nullopt;
  return sequence;
}

}  // namespace

// The sequence and, as a check, its complement.
std::string PackMark(uint64_t sequence) {
  return absl::StrCat(keys::Journal(sequence), keys::Journal(~sequence));
}

absl::Status Watermark::Create(rocksdb::Env& env, const std::string& path, uint64_t sequence) {
  std::string bytes = PackMark(sequence);
  bytes.resize(kSlots[1], '\0');
  bytes.append(PackMark(sequence));
  return ReplaceFile(env, path, bytes);
}

absl::StatusOr<std::unique_ptr<Watermark>> Watermark::Open(rocksdb::Env& env,
                                                           const std::string& path) {
  OWO_TRY(const bool exists, HasFile(env, path));
  if (!exists) return absl::NotFoundError(absl::StrCat(path, " is missing"));
  std::unique_ptr<rocksdb::RandomRWFile> file;
  OWO_RETURN_IF_ERROR(FromRocks(env.NewRandomRWFile(path, &file, rocksdb::EnvOptions())));
  auto watermark = std::unique_ptr<Watermark>(new Watermark(std::move(file), path));
  OWO_RETURN_IF_ERROR(watermark->Read());
  return watermark;
}

absl::Status Watermark::Read() {
  std::optional<uint64_t> newest;
  for (const int slot : {0, 1}) {
    std::array<char, kMarkSize> buffer;
    rocksdb::Slice bytes;
    OWO_RETURN_IF_ERROR(FromRocks(
        file_->Read(kSlots[static_cast<size_t>(slot)], buffer.size(), &bytes, buffer.data())));
    const std::optional<uint64_t> sequence = ParseMark(ToView(bytes));
    if (!sequence.has_value() || (newest.has_value() && *sequence <= *newest)) continue;
    newest = sequence;
    next_ = 1 - slot;
  }
  if (!newest.has_value()) return absl::DataLossError(absl::StrCat(path_, " is damaged"));
  sequence_ = *newest;
  // What a killed process wrote may not have reached the disk.
  return FromRocks(file_->Sync());
}

absl::Status Watermark::Advance(uint64_t sequence) {
  OWO_RETURN_IF_ERROR(
      FromRocks(file_->Write(kSlots[static_cast<size_t>(next_)], ToSlice(PackMark(sequence)))));
  sequence_ = sequence;
  synced_ = false;
  const bool new_log = new_log_.exchange(false);
  if (!new_log && absl::Now() - synced_at_ < kUnsyncedMax) return absl::OkStatus();
  return Sync();
}

absl::Status Watermark::Sync() {
  if (synced_) return absl::OkStatus();
  OWO_RETURN_IF_ERROR(FromRocks(file_->Sync()));
  synced_ = true;
  synced_at_ = absl::Now();
  next_ = 1 - next_;
  return absl::OkStatus();
}

}  // namespace owo::storage
