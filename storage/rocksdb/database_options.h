// How RocksDB is set up: what it must not lose silently, and how much memory it takes.

#ifndef OWO_STORAGE_ROCKSDB_DATABASE_OPTIONS_H_
#define OWO_STORAGE_ROCKSDB_DATABASE_OPTIONS_H_

#include <rocksdb/cache.h>
#include <rocksdb/listener.h>
#include <rocksdb/options.h>

#include <memory>

#include "absl/base/thread_annotations.h"
#include "absl/synchronization/mutex.h"
#include "storage/rocksdb/spaces.h"
#include "storage/rocksdb/watermark.h"

namespace owo::storage {

// The worst failure of work in the background, of which RocksDB is not to recover by itself, as it
// asserts on the way: the database is opened anew (Database::Resume). Thread-safe.
class BackgroundFailure : public rocksdb::EventListener {
 public:
  void OnBackgroundError(rocksdb::BackgroundErrorReason reason, rocksdb::Status* error) override;
  void OnErrorRecoveryBegin(rocksdb::BackgroundErrorReason reason, rocksdb::Status error,
                            bool* recover) override;
  // The first of those that are as bad.
  rocksdb::Status worst() const;

 private:
  mutable absl::Mutex mutex_;
  rocksdb::Status worst_ ABSL_GUARDED_BY(mutex_);
};

// `memtable_bytes`: of all spaces together.
rocksdb::DBOptions DbOptions(rocksdb::Env& env, Watermark& watermark, size_t memtable_bytes);

// `cache` has all spaces' tables: what is read of them, their indexes and their filters.
rocksdb::ColumnFamilyOptions FamilyOptions(Space space, size_t memtable_bytes,
                                           const std::shared_ptr<rocksdb::Cache>& cache);

}  // namespace owo::storage

#endif  // OWO_STORAGE_ROCKSDB_DATABASE_OPTIONS_H_
