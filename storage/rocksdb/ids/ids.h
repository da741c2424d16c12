// The index of counted event ids. This is the only header of this directory that others include: it
// includes those that define StoredIds and IdsFound, which lookups before the commit use, and
// RecentIds.
//
// New ids are kept in memory and stored later: once there are enough, a background thread sorts
// them into a run, which RocksDB ingests as a whole. The ids of a run stay in memory until the run
// can be read, so an id is always found.

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

// Not thread-safe: used by the committer only. A thread of its own writes runs.
class Ids {
 public:
  // `run_size`: ids per run. `database` and `stored` must outlive this object.
  Ids(Database& database, StoredIds& stored, size_t run_size);
  ~Ids();

  // Returns the row of a counted id; nullopt if the id is new. `stored_version`: the
  // StoredIds::version() at which the id was found not to be stored; nullopt if that is not known.
  absl::StatusOr<std::optional<IdRow>> Find(const IdKey& key,
                                            std::optional<uint64_t> stored_version) const;
  // Prefetches the memory that Find and Put of this id will read.
  void Prefetch(const IdKey& key) const;
  // Adds an id. REQUIRES: Find returned nullopt for it.
  void Put(const IdKey& key, const IdRow& row);

  // Call after each durable commit. Returns the first sequence whose ids the stored runs may lack.
  // Ids of commits up to `overdue` are stored soon, however few they are. Waits for the disk while
  // too many ids are in memory. Fails if a run could not be written.
  absl::StatusOr<uint64_t> OnCommit(uint64_t sequence, uint64_t overdue);
  // Stores all ids, and waits until that is done.
  absl::Status Drain();
  // Waits until no run is being written, then moves out the ids in memory. All other counted ids
  // are stored. Afterwards only the destructor may be called.
  std::pair<RecentIds, RecentIds> Release();
  // Starts adding stored ids to the filter, on the background thread. This keeps one CPU busy for a
  // while.
  void FillFilter();

 private:
  // Passes the fresh ids to the background thread, to be written. REQUIRES: no run is being
  // written.
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

  // Used by the committer's thread only.
  RecentIds fresh_;
  uint64_t fresh_since_ = 0;  // the first sequence whose ids are in fresh_, not in frozen_
  uint64_t frozen_since_ = 0;

  // Immutable while a run is being written, since both threads read it. Cleared once it is stored.
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
