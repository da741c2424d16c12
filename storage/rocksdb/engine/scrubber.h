// A thread that reads every table once in a while: a bit that flipped is found while there are
// backups from before, not when a customer asks for what it was.
//
//   Scrubber scrubber(database, options);    // until it is destroyed

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
  // `database` outlives it.
  Scrubber(const Database& database, const ScrubOptions& options);
  ~Scrubber();

 private:
  void Run();
  // Reads all tables there are. False: told to stop.
  bool Pass();
  // For as long as reading so much is to take. False: told to stop.
  bool RestAfter(size_t bytes);
  // False: told to stop.
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
