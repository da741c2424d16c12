// Expires old events: adds journal records that are old enough to the archive, and deletes those
// whose events are no longer needed.
//
//   EventExpirer expirer(database, reader, options);
//   while (*expirer.Step()) {}                     // each step is small

#ifndef OWO_STORAGE_ROCKSDB_RETENTION_EVENT_EXPIRER_H_
#define OWO_STORAGE_ROCKSDB_RETENTION_EVENT_EXPIRER_H_

#include <algorithm>
#include <atomic>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/container/flat_hash_set.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "storage/rocksdb/engine/database.h"
#include "storage/rocksdb/read/reader.h"
#include "storage/rocksdb/retention/archive_db.h"

namespace owo::storage {

// A counter is *old* if its period ended longer ago than the age. It is *archived* if it is old and
// nothing of it is unbilled.
//
// Records are added to the archive in order, from the oldest one on, up to the first record that is
// younger than the age, or has an event of a period that is not old. (Periods that never end do not
// count here.) An archived record is deleted if all its events are of archived counters, once an
// archived counter row of each of those is durable. The other archived records are examined again
// every day.
//
// Crash-safe: a step that was interrupted is repeated.
class EventExpirer {
 public:
  // `database` and `reader` must outlive it. options.retain defines the age.
  EventExpirer(Database& database, const Reader& reader, const OpenOptions& options);

  // Does a small part of the work. Returns false if there is nothing to do for now. REQUIRES: the
  // database is open, and stays open during the call. RESOURCE_EXHAUSTED, UNAVAILABLE: the step was
  // not finished; the next one repeats it. DATA_LOSS: no more events may be deleted.
  absl::StatusOr<bool> Step();
  // Makes a long step end soon. Thread-safe.
  void Cancel() { cancelled_ = true; }
  // The archive, opened if it is not open; null if there is none. REQUIRES: as for Step().
  absl::StatusOr<const ArchiveDb*> Archive();

 private:
  using CounterId = std::pair<TenantId, CounterKey>;
  // The state of a counter a few seconds ago. A counter that has become open since then still
  // counts as archived: what is unbilled of it are later events, or events whose coverage was
  // released.
  struct CounterState {
    Micros period_end = 0;
    bool open = false;
  };
  // Records that are examined together.
  struct Slice {
    uint64_t end = 0;                              // the first sequence after the slice
    std::vector<uint64_t> dropped;                 // sequences to delete, ascending
    absl::flat_hash_set<CounterId> counters = {};  // with events in dropped records
  };

  absl::StatusOr<bool> TryStep();
  absl::Status Open();
  absl::Status PutFormat();
  absl::StatusOr<bool> ArchiveSome();
  absl::StatusOr<bool> DropSome();
  absl::Status ReclaimSpace();
  // The first sequence that must not be archived, since opening the store needs the record.
  absl::StatusOr<uint64_t> ArchivableEnd() const;
  absl::StatusOr<bool> MayBeArchived(const JournalRecord& record);
  absl::StatusOr<Slice> Choose(uint64_t first, uint64_t end);
  absl::Status PutArchivedCounters(const Slice& slice);
  absl::Status Drop(const Slice& slice);
  absl::Status DropChunks(const Slice& slice, const CounterId& counter, rocksdb::WriteBatch& batch);
  // Whether all records of the chunk's events are deleted. `last`: set to the chunk's last record.
  absl::StatusOr<bool> IsGone(const Slice& slice, std::string_view chunk, uint64_t& last) const;
  absl::StatusOr<CounterState> Find(const CounterId& id);
  // Records before this sequence may be deleted.
  uint64_t LookedAtTo(const Slice& slice) const { return std::max(dropped_to_, slice.end); }
  bool IsOld(const CounterState& counter) const { return counter.period_end <= cutoff_; }

  // Constant after construction.
  Database& database_;
  const Reader& reader_;
  const std::string data_dir_;
  rocksdb::Env* const env_;
  const RetainOptions options_;

  // Not thread-safe.
  std::unique_ptr<ArchiveDb> archive_;  // null: to be opened
  Micros cutoff_ = 0;                   // periods that ended by then are old
  uint64_t dropped_to_ = 1;             // archived records before this were examined
  uint64_t next_ = 1;                   // the next record to examine in this pass
  Micros next_pass_ = 0;                // when the remaining records are examined again
  uint64_t dropped_ = 0;                // records that were deleted in this pass
  // Caches. Each is cleared when it becomes large.
  absl::flat_hash_map<CounterId, CounterState> found_;
  absl::Time found_since_;
  absl::flat_hash_set<CounterId> put_;  // archived counters that are as new as the archive
  absl::flat_hash_map<CounterId, uint64_t> reaches_;  // the last record of the first chunk

  std::atomic<bool> cancelled_ = false;
};

}  // namespace owo::storage

#endif  // OWO_STORAGE_ROCKSDB_RETENTION_EVENT_EXPIRER_H_
