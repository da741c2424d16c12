// RocksDB's options: against silent data loss, and to bound memory.

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

// Records the worst failure of background work. Turns off RocksDB's own recovery, which fails
// assertions on the way: the database is reopened instead (Database::Resume). Thread-safe.
class BackgroundFailure : public rocksdb::EventListener {
 public:
  void OnBackgroundError(rocksdb::BackgroundErrorReason reason, rocksdb::Status* error) override;
  void OnErrorRecoveryBegin(rocksdb::BackgroundErrorReason reason, rocksdb::Status error,
                            bool* recover) override;
  // Among equally severe failures, the first one.
  rocksdb::Status worst() const;

 private:
  mutable absl::Mutex mutex_;
  rocksdb::Status worst_ ABSL_GUARDED_BY(mutex_);
};

// As in OpenOptions; limits for all column families together.
struct TableLimits {
  size_t memtable_bytes = 0;
  size_t open_tables_max = 0;
  size_t table_bytes = 0;
};

rocksdb::DBOptions DbOptions(rocksdb::Env& env, Watermark& watermark, const TableLimits& limits);

// `cache` is shared by all column families. It holds blocks, indexes, filters, and RocksDB's memory
// for open tables.
rocksdb::ColumnFamilyOptions FamilyOptions(ColumnFamily family, const TableLimits& limits,
                                           const std::shared_ptr<rocksdb::Cache>& cache);

}  // namespace owo::storage

#endif  // OWO_STORAGE_ROCKSDB_ENGINE_DATABASE_OPTIONS_H_
