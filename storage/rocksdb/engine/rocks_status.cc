#include "storage/rocksdb/engine/rocks_status.h"

#include <cerrno>
#include <cstring>
#include <string>

#include "absl/strings/match.h"
#include "storage/disk_full.h"

namespace owo::storage {
namespace {

// RocksDB has no status for an exhausted quota, and sometimes keeps only the text of a full-disk
// error. It also refuses compactions that it estimates not to fit on the disk.
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
