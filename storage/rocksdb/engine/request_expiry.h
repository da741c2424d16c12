// Removes the rows of expired requests during compaction. Readers check the age themselves.

#ifndef OWO_STORAGE_ROCKSDB_ENGINE_REQUEST_EXPIRY_H_
#define OWO_STORAGE_ROCKSDB_ENGINE_REQUEST_EXPIRY_H_

#include <rocksdb/compaction_filter.h>

#include <memory>

namespace owo::storage {

// Removes requests that had expired by the real clock when the compaction began.
std::shared_ptr<rocksdb::CompactionFilterFactory> RequestExpiry();

}  // namespace owo::storage

#endif  // OWO_STORAGE_ROCKSDB_ENGINE_REQUEST_EXPIRY_H_
