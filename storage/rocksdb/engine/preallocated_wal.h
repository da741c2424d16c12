// Preallocated write-ahead logs: zeros are written past the last commit, so that the next commits
// overwrite existing bytes. When a commit makes the file longer, its sync must also write the
// file's new size, a second wait for the disk.
//
//   const std::unique_ptr<rocksdb::Env> padded = NewPreallocatedWalEnv(env);
//   db_options.env = padded.get();
//   OWO_RETURN_IF_ERROR(TruncateTornTail(env, "/data/db"));   // before DB::Open

#ifndef OWO_STORAGE_ROCKSDB_ENGINE_PREALLOCATED_WAL_H_
#define OWO_STORAGE_ROCKSDB_ENGINE_PREALLOCATED_WAL_H_

#include <rocksdb/env.h>

#include <memory>
#include <string>

#include "absl/status/status.h"

namespace owo::storage {

// Returns `env` with preallocated write-ahead logs. `env` must outlive it.
std::unique_ptr<rocksdb::Env> NewPreallocatedWalEnv(rocksdb::Env& env);

// Removes a torn commit from the end of the newest non-empty log. A power loss can leave such a
// commit, with its middle missing; RocksDB treats it as corruption and does not open. It was never
// acknowledged, which the watermark check confirms afterwards. DATA_LOSS, without changing
// anything, if any log has other damage. RocksDB would miss some of that: it skips a zero header,
// and treats some invalid record types as the end of the log.
absl::Status TruncateTornTail(rocksdb::Env& env, const std::string& directory);

// Syncs all logs of a directory, which need not exist. Needs no disk space. Bytes that an earlier
// fsync reported as failed may stay unwritten: the kernel does not try them again.
absl::Status SyncLogs(rocksdb::Env& env, const std::string& directory);

}  // namespace owo::storage

#endif  // OWO_STORAGE_ROCKSDB_ENGINE_PREALLOCATED_WAL_H_
