// Checks whether a disk that was full has space again.
//
//   OWO_TRY(const uint64_t logs, LogBytes(env, "/data/db"));
//   OWO_RETURN_IF_ERROR(ProbeSpace(env, "/data", logs));   // DiskFull if there is less

#ifndef OWO_STORAGE_ROCKSDB_ENGINE_DISK_SPACE_H_
#define OWO_STORAGE_ROCKSDB_ENGINE_DISK_SPACE_H_

#include <rocksdb/env.h>

#include <cstdint>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"

namespace owo::storage {

// Writes `bytes` bytes to a file in the directory, durably, and removes it. DiskFull if they do not
// fit.
absl::Status ProbeSpace(rocksdb::Env& env, const std::string& directory, uint64_t bytes);

// The total size of a database's write-ahead logs, in bytes.
absl::StatusOr<uint64_t> LogBytes(rocksdb::Env& env, const std::string& directory);

}  // namespace owo::storage

#endif  // OWO_STORAGE_ROCKSDB_ENGINE_DISK_SPACE_H_
