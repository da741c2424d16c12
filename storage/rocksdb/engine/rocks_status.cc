#include "storage/rocksdb/engine/rocks_status.h"

#include <cerrno>
#include <cstring>
#include <string>

#include "absl/strings/match.h"
#include "storage/disk_full.h"

namespace owo::storage {
namespace {

// A quota that is used up is none of the errors that RocksDB knows, and of a full disk its text is
// sometimes all that is left. It also refuses merging what it thinks the disk has no room for.
bool MeetsFullDisk(const rocksdb::Status& status) {
  if (status.IsNoSpace() || status.IsCompactionTooLarge()) return true;
  if (!status.IsIOError()) return false;
  const std::string text = status.ToString();
  return absl::StrContains(text, std::strerror(EDQUOT)) ||
         absl::StrContains(text, std::strerror(ENOSPC));
}

}  // namespace

absl::Status FromRocks(const rocksdb::Status& status) {
  if (status.ok()) return absl::OkStatus();
  if (status.IsCorruption()) return absl::DataLossError(status.ToString());
  if (MeetsFullDisk(status)) return DiskFull(status.ToString());
  return absl::UnavailableError(status.ToString());
}

absl::Status FromRead(const ReadOptions& read, const rocksdb::Status& status) {
  const bool needs_disk = read.tier == ReadTier::kMemoryOnly && status.IsIncomplete();
  return needs_disk ? ReadNeedsDisk() : FromRocks(status);
}

}  // namespace owo::storage
