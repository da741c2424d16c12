// Expiry of request rows after 30 days: readers check the age, compaction removes the rows.

#ifndef OWO_STORAGE_ROCKSDB_ENGINE_REQUEST_EXPIRY_H_
#define OWO_STORAGE_ROCKSDB_ENGINE_REQUEST_EXPIRY_H_

#include <rocksdb/compaction_filter.h>

#include <memory>

#include "storage/types.h"

namespace owo::storage {

inline constexpr Micros kRequestAgeMax = Micros{30} * 24 * 3600 * 1'000'000;

inline bool RequestExpired(Micros committed, Micros now) {
  return committed < now - kRequestAgeMax;
}

// Removes requests that had expired by the real clock when the compaction began.
std::shared_ptr<rocksdb::CompactionFilterFactory> RequestExpiry();

}  // namespace owo::storage

#endif  // OWO_STORAGE_ROCKSDB_ENGINE_REQUEST_EXPIRY_H_
