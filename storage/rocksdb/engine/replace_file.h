// Checks for a file, and replaces or creates one atomically and durably: after a power loss it has
// either its old or its new content.
//
//   OWO_TRY(const bool there, HasFile(env, "/data/WATERMARK"));
//   OWO_RETURN_IF_ERROR(ReplaceFile(env, "/data/WATERMARK", bytes));   // durable

#ifndef OWO_STORAGE_ROCKSDB_ENGINE_REPLACE_FILE_H_
#define OWO_STORAGE_ROCKSDB_ENGINE_REPLACE_FILE_H_

#include <rocksdb/env.h>

#include <string>
#include <string_view>

#include "absl/status/status.h"
#include "absl/status/statusor.h"

namespace owo::storage {

// True if the file exists. An error if that cannot be determined. (Env::FileExists reports a file
// as missing if this process may not enter its directory.)
absl::StatusOr<bool> HasFile(rocksdb::Env& env, const std::string& path);

// Writes `path`.new first, then renames it to `path`.
absl::Status ReplaceFile(rocksdb::Env& env, const std::string& path, std::string_view bytes);

}  // namespace owo::storage

#endif  // OWO_STORAGE_ROCKSDB_ENGINE_REPLACE_FILE_H_
