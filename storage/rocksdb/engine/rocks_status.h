// RocksDB's statuses and slices as the rest of the store has them.
//
//   OWO_RETURN_IF_ERROR(FromRocks(db.Put(options, ToSlice(key), ToSlice(value))));

#ifndef OWO_STORAGE_ROCKSDB_ENGINE_ROCKS_STATUS_H_
#define OWO_STORAGE_ROCKSDB_ENGINE_ROCKS_STATUS_H_

#include <rocksdb/slice.h>
#include <rocksdb/status.h>

#include <string_view>

#include "absl/status/status.h"
#include "storage/read_options.h"

namespace owo::storage {

// DiskFull when the disk is, DATA_LOSS when what was read is damaged, else UNAVAILABLE.
absl::Status FromRocks(const rocksdb::Status& status);
// The same for a read: ReadNeedsDisk() where it was to be in memory only, and could not be.
absl::Status FromRead(const ReadOptions& read, const rocksdb::Status& status);

inline rocksdb::Slice ToSlice(std::string_view bytes) { return {bytes.data(), bytes.size()}; }
inline std::string_view ToView(const rocksdb::Slice& slice) { return {slice.data(), slice.size()}; }

}  // namespace owo::storage

#endif  // OWO_STORAGE_ROCKSDB_ENGINE_ROCKS_STATUS_H_
