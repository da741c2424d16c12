// Converts between RocksDB's statuses and slices and those of the rest of the store.
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

// DiskFull if the disk is full, DATA_LOSS if what was read is damaged, otherwise UNAVAILABLE.
absl::Status FromRocks(const rocksdb::Status& status);
// The same for a read; ReadNeedsDisk() if a kMemoryOnly read needs the disk.
absl::Status FromRead(const ReadOptions& read, const rocksdb::Status& status);

inline rocksdb::Slice ToSlice(std::string_view bytes) { return {bytes.data(), bytes.size()}; }
inline std::string_view ToView(const rocksdb::Slice& slice) { return {slice.data(), slice.size()}; }

}  // namespace owo::storage

#endif  // OWO_STORAGE_ROCKSDB_ENGINE_ROCKS_STATUS_H_
