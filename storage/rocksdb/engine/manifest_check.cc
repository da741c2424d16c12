#include "storage/rocksdb/engine/manifest_check.h"

#include <algorithm>
#include <string>

#include "absl/strings/str_cat.h"
#include "storage/rocksdb/engine/rocks_status.h"
#include "storage/rocksdb/engine/wal_format.h"
#include "storage/util/try.h"

namespace owo::storage {

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
