#include "storage/rocksdb/engine/disk_space.h"

#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "storage/rocksdb/engine/rocks_status.h"
#include "storage/util/try.h"

namespace owo::storage {

absl::Status ProbeSpace(rocksdb::Env& env, const std::string& directory, uint64_t bytes) {
  const std::string path = absl::StrCat(directory, "/SPACE");
  const absl::Status written = FromRocks(
      rocksdb::WriteStringToFile(&env, std::string(bytes, '\0'), path, /*should_sync=*/true));
  const absl::Status removed = FromRocks(env.DeleteFile(path));
  return written.ok() ? removed : written;
}

absl::StatusOr<uint64_t> LogBytes(rocksdb::Env& env, const std::string& directory) {
  std::vector<rocksdb::Env::FileAttributes> files;
  OWO_RETURN_IF_ERROR(FromRocks(env.GetChildrenFileAttributes(directory, &files)));
  uint64_t bytes = 0;
  for (const auto& file : files) {
    if (absl::EndsWith(file.name, ".log")) bytes += file.size_bytes;
  }
  return bytes;
}

}  // namespace owo::storage
