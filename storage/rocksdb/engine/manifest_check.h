// Checks RocksDB's manifest before RocksDB opens it. If a record's damaged length reaches past the
// end of the file, RocksDB treats the record as unfinished, and silently forgets every table that
// the rest of the file names.
//
//   OWO_RETURN_IF_ERROR(CheckManifest(env, "/data/db"));

#ifndef OWO_STORAGE_ROCKSDB_ENGINE_MANIFEST_CHECK_H_
#define OWO_STORAGE_ROCKSDB_ENGINE_MANIFEST_CHECK_H_

#include <rocksdb/env.h>

#include <string>

#include "absl/status/status.h"

namespace owo::storage {

// DATA_LOSS if the manifest has such a record, or is missing. RocksDB finds other damage itself.
absl::Status CheckManifest(rocksdb::Env& env, const std::string& directory);

}  // namespace owo::storage

#endif  // OWO_STORAGE_ROCKSDB_ENGINE_MANIFEST_CHECK_H_
