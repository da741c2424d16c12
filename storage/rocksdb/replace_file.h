// A file that is made, or given other content, as a whole: after a loss of power it is as it was,
// or as it should be.
//
//   OWO_RETURN_IF_ERROR(ReplaceFile(env, "/data/WATERMARK", bytes));   // durable

#ifndef OWO_STORAGE_ROCKSDB_REPLACE_FILE_H_
#define OWO_STORAGE_ROCKSDB_REPLACE_FILE_H_

#include <rocksdb/env.h>

#include <string>
#include <string_view>

#include "absl/status/status.h"

namespace owo::storage {

// What is not finished is in a file beside it, its name with ".new".
absl::Status ReplaceFile(rocksdb::Env& env, const std::string& path, std::string_view bytes);

}  // namespace owo::storage

#endif  // OWO_STORAGE_ROCKSDB_REPLACE_FILE_H_
