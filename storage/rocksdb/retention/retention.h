// A thread that expires old events. It works in small steps with pauses, so that commits, which
// share the disk and the CPUs, do not wait.
//
//   Retention retention(database, reader, options);    // until it is destroyed

#ifndef OWO_STORAGE_ROCKSDB_RETENTION_RETENTION_H_
#define OWO_STORAGE_ROCKSDB_RETENTION_RETENTION_H_

#include "absl/base/thread_annotations.h"
#include "absl/functional/function_ref.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/synchronization/mutex.h"
#include "storage/rocksdb/engine/database.h"
#include "storage/rocksdb/read/reader.h"
#include "storage/rocksdb/retention/event_expirer.h"
#include "storage/util/thread.h"

namespace owo::storage {

class Retention {
 public:
  // Starts the thread. `database` and `reader` must outlive this object.
  Retention(Database& database, const Reader& reader, const OpenOptions& options);
  ~Retention();

  // Calls `use` with the archive's database, or with null if nothing is archived. Until it returns,
  // nothing is archived and no event is dropped. REQUIRES: the caller holds database.in_use(), and
  // the database is open for writing.
  absl::Status BetweenSteps(absl::FunctionRef<absl::Status(const ArchiveDb*)> use);

 private:
  void Run();
  absl::StatusOr<bool> Step();

  // Constant after construction.
  Database& database_;
  const RetainOptions options_;

  absl::Mutex stepping_;  // taken after database_.in_use()
  EventExpirer expirer_;  // used under stepping_, except Cancel()

  absl::Mutex mutex_;
  bool stopping_ ABSL_GUARDED_BY(mutex_) = false;

  Thread thread_;  // last: runs while everything above lives
};

}  // namespace owo::storage

#endif  // OWO_STORAGE_ROCKSDB_RETENTION_RETENTION_H_
