// The records of RocksDB's logs: of its manifest, and of its write-ahead logs.

#ifndef OWO_STORAGE_ROCKSDB_LOG_RECORDS_H_
#define OWO_STORAGE_ROCKSDB_LOG_RECORDS_H_

#include <cstddef>
#include <string_view>

namespace owo::storage {

// Whether, behind whole records, one stands in these bytes of a log that has another length than it
// says. One that was never finished does not.
bool HasDamagedLength(std::string_view log);

// How many bytes of a log there are up to a commit, the last one, that was written in part only:
// pages of it may be there and others be zero still. All, if there is no such commit. All as well
// if a commit begins behind what is not whole: that is damage, and RocksDB sees it.
size_t SizeUpToTornCommit(std::string_view log);

}  // namespace owo::storage

#endif  // OWO_STORAGE_ROCKSDB_LOG_RECORDS_H_
