// RocksDB's manifest, looked at before it is opened: a record whose length is damaged so that it
// reaches behind the end of the file is taken by RocksDB for one that was never finished, and
// every table that the rest of the file names is forgotten without a word.
//
//   OWO_RETURN_IF_ERROR(CheckManifest(env, "/data/db"));

#ifndef OWO_STORAGE_ROCKSDB_ENGINE_MANIFEST_CHECK_H_
#define OWO_STORAGE_ROCKSDB_ENGINE_MANIFEST_CHECK_H_

#include <rocksdb/env.h>

#include <string>

#include "absl/status/status.h"

namespace owo::storage {

// DATA_LOSS when the manifest is so. Other damage RocksDB finds itself.
absl::Status CheckManifest(rocksdb::Env& env, const std::string& directory);

}  // namespace owo::storage

#endif  // OWO_STORAGE_ROCKSDB_ENGINE_MANIFEST_CHECK_H_
