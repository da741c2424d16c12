// The event ids that were counted. New ones are kept in memory and written behind: when enough have
// gathered, a thread sorts them into a run that RocksDB takes in whole. What a run will hold stays
// in memory until it can be read back, so an id is always found.

#ifndef OWO_STORAGE_ROCKSDB_IDS_IDS_H_
#define OWO_STORAGE_ROCKSDB_IDS_IDS_H_

#include <optional>
#include <utility>

#include "absl/base/thread_annotations.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/synchronization/mutex.h"
#include "storage/rocksdb/format/id_row.h"
#include "storage/rocksdb/ids/recent_ids.h"
#include "storage/rocksdb/ids/stored_ids.h"
#include "storage/util/thread.h"

namespace owo::storage {

// Not thread-safe: the committer's. Its own thread writes runs.
class Ids {
 public:
  // `run_size`: ids in a run. `stored` outlives the ids.
  Ids(Database& database, StoredIds& stored, size_t run_size);
  ~Ids();

  // `stored_version`: the one at which it was found not to be stored.
  absl::StatusOr<std::optional<IdRow>> Find(const IdKey& key,
                                            std::optional<uint64_t> stored_version) const;
  // Begins to load what Find and Put of this id will look at.
  void Prefetch(const IdKey& key) const;
  // REQUIRES: Find did not find it.
  void Put(const IdKey& key, const IdRow& row);

  // After each durable commit. Gives the first sequence whose ids the stored runs may lack. Ids of
  // commits up to `overdue` are stored soon, however few they are.
  absl::StatusOr<uint64_t> OnCommit(uint64_t sequence, uint64_t overdue);
  // Returns once all are stored.
  absl::Status Drain();
  // Gives away the ids in memory, once no run is being written; all else may be stored. Nothing but
  // the destructor may be called then.
  std::pair<RecentIds, RecentIds> Release();
  // Begins to add stored ids to the filter, which takes a processor for a while.
  void FillFilter();

 private:
  // Hands the fresh ids over to be written. REQUIRES: no run is being written.
  void Freeze() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  void Run();
  absl::Status WriteRun(uint64_t number);
  bool Written() const ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_) { return !writing_; }
  bool Idle() const ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_) { return !writing_ || !failure_.ok(); }
  bool Work() const ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_) {
    return stopping_ || writing_ || filling_;
  }

  Database& database_;
  StoredIds& stored_;
  const size_t run_size_;

  // The committer's.
  RecentIds fresh_;
  uint64_t fresh_since_ = 0;  // the first sequence whose ids are in fresh_, not in frozen_
  uint64_t frozen_since_ = 0;

  // Constant while a run is being written: both threads read it. Empty when all are stored.
  RecentIds frozen_;

  absl::Mutex mutex_;
  bool writing_ ABSL_GUARDED_BY(mutex_) = false;
  bool filling_ ABSL_GUARDED_BY(mutex_) = false;
  bool stopping_ ABSL_GUARDED_BY(mutex_) = false;
  uint64_t runs_ ABSL_GUARDED_BY(mutex_) = 0;
  absl::Status failure_ ABSL_GUARDED_BY(mutex_);

  Thread thread_;  // last: runs while everything above lives
};

}  // namespace owo::storage

#endif  // OWO_STORAGE_ROCKSDB_IDS_IDS_H_
