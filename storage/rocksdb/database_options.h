// How RocksDB is set up: what it must not lose silently, and how much memory it takes.

#ifndef OWO_STORAGE_ROCKSDB_DATABASE_OPTIONS_H_
#define OWO_STORAGE_ROCKSDB_DATABASE_OPTIONS_H_

#include <rocksdb/cache.h>
#include <rocksdb/options.h>

#include <memory>

#include "storage/rocksdb/spaces.h"
#include "storage/rocksdb/watermark.h"

namespace owo::storage {

// `memtable_bytes`: of all spaces together.
rocksdb::DBOptions DbOptions(rocksdb::Env& env, Watermark& watermark, size_t memtable_bytes);

// `cache` has all spaces' tables: what is read of them, their indexes and their filters.
rocksdb::ColumnFamilyOptions FamilyOptions(Space space, size_t memtable_bytes,
                                           const std::shared_ptr<rocksdb::Cache>& cache);

}  // namespace owo::storage

#endif  // OWO_STORAGE_ROCKSDB_DATABASE_OPTIONS_H_
