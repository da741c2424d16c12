// Write-ahead logs with room ahead: zeros are written behind the last commit, so that the next ones
// change bytes that the file has already. A file that gets longer has its size synced with every
// commit, a second wait for the disk.
//
//   db_options.env = padded.get();                             // of NewPreallocatedWalEnv(env)
//   OWO_RETURN_IF_ERROR(TruncateTornTail(env, "/data/db"));      // before it is opened

#ifndef OWO_STORAGE_ROCKSDB_ENGINE_PREALLOCATED_WAL_H_
#define OWO_STORAGE_ROCKSDB_ENGINE_PREALLOCATED_WAL_H_

#include <rocksdb/env.h>

#include <memory>
#include <string>

#include "absl/status/status.h"

namespace owo::storage {

// `env`, but for write-ahead logs that are written: those are padded. `env` must outlive it.
std::unique_ptr<rocksdb::Env> NewPreallocatedWalEnv(rocksdb::Env& env);

// RocksDB takes a commit of which the middle is missing for damage, and does not open. At the end
// of the newest log to which anything was written a loss of power leaves such a commit, which
// nobody was told of: it is cut off. (That it was none which was acknowledged, the watermark tells
// afterwards.) DATA_LOSS, and nothing is changed, for all else that is not whole in any log. Of
// that RocksDB does not see all: it passes over a header that is zero, and takes some wrong types
// for the log's end.
absl::Status TruncateTornTail(rocksdb::Env& env, const std::string& directory);

}  // namespace owo::storage

#endif  // OWO_STORAGE_ROCKSDB_ENGINE_PREALLOCATED_WAL_H_
