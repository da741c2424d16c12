// Files as a whole: whether one is there, and one that is made, or given other content, so that
// after a loss of power it is as it was, or as it should be.
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

// An error where that cannot be seen. (Env::FileExists says of a file in a directory which this
// process may not enter that it is missing.)
absl::StatusOr<bool> HasFile(rocksdb::Env& env, const std::string& path);

// What is not finished is in a file beside it, its name with ".new".
absl::Status ReplaceFile(rocksdb::Env& env, const std::string& path, std::string_view bytes);

}  // namespace owo::storage

#endif  // OWO_STORAGE_ROCKSDB_ENGINE_REPLACE_FILE_H_
