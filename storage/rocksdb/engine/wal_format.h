// Parses the records of RocksDB's logs: the manifest and the write-ahead logs.

#ifndef OWO_STORAGE_ROCKSDB_ENGINE_WAL_FORMAT_H_
#define OWO_STORAGE_ROCKSDB_ENGINE_WAL_FORMAT_H_

#include <cstddef>
#include <optional>
#include <string_view>

namespace owo::storage {

// True if a record of the log has a damaged length: the length reaches past the block or the file,
// but the checksum matches at some other length. False for a record that was never finished.
bool HasDamagedLength(std::string_view log);

// Length of the valid prefix if the log ends in a torn commit: one with sectors that were never
// written, so that they are zero or past the end of the file. All bytes if there is no such commit.
// nullopt if the log is damaged otherwise: no sector is missing, or a whole commit follows.
std::optional<size_t> ValidPrefixSize(std::string_view log);

}  // namespace owo::storage

#endif  // OWO_STORAGE_ROCKSDB_ENGINE_WAL_FORMAT_H_
