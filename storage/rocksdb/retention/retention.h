// A thread that drops old events, a little at a time, so that commits, whose disk and processors it
// shares, do not wait.
//
//   Retention retention(database, reader, options);    // until it is destroyed

#ifndef OWO_STORAGE_ROCKSDB_RETENTION_RETENTION_H_
#define OWO_STORAGE_ROCKSDB_RETENTION_RETENTION_H_

#include "absl/base/thread_annotations.h"
#include "absl/status/statusor.h"
#include "absl/synchronization/mutex.h"
#include "storage/rocksdb/engine/database.h"
#include "storage/rocksdb/read/reader.h"
#include "storage/rocksdb/retention/event_expirer.h"
#include "storage/util/thread.h"

namespace owo::storage {

class Retention {
 public:
  // `database` and `reader` outlive it.
  Retention(Database& database, const Reader& reader, const OpenOptions& options);
  ~Retention();

 private:
  void Run();
  absl::StatusOr<bool> Step();

  // Constant after construction.
  Database& database_;
  const RetainOptions options_;

  EventExpirer expirer_;  // the thread's

  absl::Mutex mutex_;
  bool stopping_ ABSL_GUARDED_BY(mutex_) = false;

  Thread thread_;  // last: runs while everything above lives
};

}  // namespace owo::storage

#endif  // OWO_STORAGE_ROCKSDB_RETENTION_RETENTION_H_
