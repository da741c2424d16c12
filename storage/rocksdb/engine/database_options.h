// How RocksDB is set up: what it must not lose silently, and how much memory it takes.

#ifndef OWO_STORAGE_ROCKSDB_ENGINE_DATABASE_OPTIONS_H_
#define OWO_STORAGE_ROCKSDB_ENGINE_DATABASE_OPTIONS_H_

#include <rocksdb/cache.h>
#include <rocksdb/listener.h>
#include <rocksdb/options.h>

#include <memory>

#include "absl/base/thread_annotations.h"
#include "absl/synchronization/mutex.h"
#include "storage/rocksdb/engine/watermark.h"
#include "storage/rocksdb/format/column_families.h"

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

// As in OpenOptions, of all column families together.
struct TableLimits {
  size_t memtable_bytes = 0;
  size_t open_tables_max = 0;
  size_t table_bytes = 0;
};

rocksdb::DBOptions DbOptions(rocksdb::Env& env, Watermark& watermark, const TableLimits& limits);

// `cache` has all column families' tables: what is read of them, their indexes, their filters, and
// what RocksDB keeps of one that is open.
rocksdb::ColumnFamilyOptions FamilyOptions(ColumnFamily family, const TableLimits& limits,
                                           const std::shared_ptr<rocksdb::Cache>& cache);

}  // namespace owo::storage

#endif  // OWO_STORAGE_ROCKSDB_ENGINE_DATABASE_OPTIONS_H_
