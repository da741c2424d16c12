// The records of RocksDB's logs: of its manifest, and of its write-ahead logs.

#ifndef OWO_STORAGE_ROCKSDB_ENGINE_WAL_FORMAT_H_
#define OWO_STORAGE_ROCKSDB_ENGINE_WAL_FORMAT_H_

#include <cstddef>
#include <optional>
#include <string_view>

namespace owo::storage {

// Whether, behind whole records, one stands in these bytes of a log that has another length than it
// says. One that was never finished does not.
bool HasDamagedLength(std::string_view log);

// How many bytes of a log there are up to a commit, the last one, of which not all sectors were
// written: the others are zero still, or the file ends before them. All bytes, if there is no such
// commit. Nothing, if it is not that: no sector is missing, or a whole commit stands behind it.
std::optional<size_t> ValidPrefixSize(std::string_view log);

}  // namespace owo::storage

#endif  // OWO_STORAGE_ROCKSDB_ENGINE_WAL_FORMAT_H_
