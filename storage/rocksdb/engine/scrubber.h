// A thread that periodically reads every table, to find a flipped bit while there are still backups
// from before it, not when a customer asks for the data.
//
//   Scrubber scrubber(database, options);    // runs until destroyed

#ifndef OWO_STORAGE_ROCKSDB_ENGINE_SCRUBBER_H_
#define OWO_STORAGE_ROCKSDB_ENGINE_SCRUBBER_H_

#include "absl/base/thread_annotations.h"
#include "absl/status/status.h"
#include "absl/synchronization/mutex.h"
#include "storage/rocksdb/engine/database.h"
#include "storage/util/thread.h"

namespace owo::storage {

class Scrubber {
 public:
  // `database` must outlive it.
  Scrubber(const Database& database, const ScrubOptions& options);
  ~Scrubber();

 private:
  void Run();
  // Reads all tables. False: stopping.
  bool Pass();
  // Waits for as long as reading `bytes` should take. False: stopping.
  bool RestAfter(size_t bytes);
  // Waits for `duration`. False: stopping.
  bool Rest(absl::Duration duration);

  // Constant after construction.
  const Database& database_;
  const ScrubOptions options_;

  absl::Mutex mutex_;
  bool stopping_ ABSL_GUARDED_BY(mutex_) = false;

  Thread thread_;  // last: runs while everything above lives
};

}  // namespace owo::storage

#endif  // OWO_STORAGE_ROCKSDB_ENGINE_SCRUBBER_H_
