// Whether a disk that was full has space again.
//
//   OWO_TRY(const uint64_t logs, LogBytes(env, "/data/db"));
//   OWO_RETURN_IF_ERROR(ProbeSpace(env, "/data", logs));   // DiskFull when there is less

#ifndef OWO_STORAGE_ROCKSDB_ENGINE_DISK_SPACE_H_
#define OWO_STORAGE_ROCKSDB_ENGINE_DISK_SPACE_H_

#include <rocksdb/env.h>

#include <cstdint>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"

namespace owo::storage {

// Writes so many bytes to a file in the directory, durably, and removes it.
absl::Status ProbeSpace(rocksdb::Env& env, const std::string& directory, uint64_t bytes);

// How large the write-ahead logs of a database are.
absl::StatusOr<uint64_t> LogBytes(rocksdb::Env& env, const std::string& directory);

}  // namespace owo::storage

#endif  // OWO_STORAGE_ROCKSDB_ENGINE_DISK_SPACE_H_
