#include "storage/rocksdb/engine/replace_file.h"

#include <cstdint>
#include <filesystem>
#include <memory>

#include "storage/rocksdb/engine/rocks_status.h"
#include "storage/util/try.h"

namespace owo::storage {

absl::StatusOr<bool> HasFile(rocksdb::Env& env, const std::string& path) {
  uint64_t bytes = 0;
  const rocksdb::Status found = env.GetFileSize(path, &bytes);
  if (found.IsNotFound() || found.IsPathNotFound()) return false;
  OWO_RETURN_IF_ERROR(FromRocks(found));
  return true;
}

absl::Status ReplaceFile(rocksdb::Env& env, const std::string& path, std::string_view bytes) {
  const std::string unfinished = path + ".new";
  OWO_RETURN_IF_ERROR(FromRocks(
      rocksdb::WriteStringToFile(&env, ToSlice(bytes), unfinished, /*should_sync=*/true)));
  OWO_RETURN_IF_ERROR(FromRocks(env.RenameFile(unfinished, path)));
  std::unique_ptr<rocksdb::Directory> directory;
  OWO_RETURN_IF_ERROR(
      FromRocks(env.NewDirectory(std::filesystem::path(path).parent_path(), &directory)));
  return FromRocks(directory->Fsync());
}

}  // namespace owo::storage
