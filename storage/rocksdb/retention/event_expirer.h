// Drops old events: adds journal records that are old enough to the archive, and deletes
// those whose events nobody has to explain any more.
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

// A counter is *old* when its period ended longer than the age ago, and *archived* when also
// nothing of it is unbilled. From the journal's oldest record on, up to the first that is younger
// than the age or has an event of a period that is not old (but for periods that never end),
// records are added to the archive. Of those, each record whose events are all of archived counters
// is deleted, when an archived counter row of each of them is durable; the others are looked at
// again every day. Whatever is lost when this ends at any point is done again.
class EventExpirer {
 public:
  // `database` and `reader` outlive it. options.retain says what is old.
  EventExpirer(Database& database, const Reader& reader, const OpenOptions& options);

  // False when there is nothing to do for now. REQUIRES: the database is open, and stays so.
  // RESOURCE_EXHAUSTED, UNAVAILABLE: not all was done that was begun; the next step does it.
  // DATA_LOSS: nothing may be dropped any more.
  absl::StatusOr<bool> Step();
  // Has a step that takes its time end soon. Thread-safe.
  void Cancel() { cancelled_ = true; }

 private:
  using CounterId = std::pair<TenantId, CounterKey>;
  // Of a counter, as it was a moment ago. One that has come to be open since is as well archived:
  // what is unbilled of it then are later events, or what an invoice gave back that had covered it.
  struct CounterState {
    Micros period_end = 0;
    bool open = false;
  };
  // Records that are looked at together.
  struct Slice {
    uint64_t end = 0;                              // the first sequence behind it
    std::vector<uint64_t> dropped;                 // ascending
    absl::flat_hash_set<CounterId> counters = {};  // with events in those
  };

  absl::StatusOr<bool> TryStep();
  absl::Status Open();
  absl::StatusOr<bool> ArchiveSome();
  absl::StatusOr<bool> DropSome();
  absl::Status ReclaimSpace();
  // No record from here on may be archived: who opens the store needs it.
  absl::StatusOr<uint64_t> ArchivableEnd() const;
  absl::StatusOr<bool> MayBeArchived(const JournalRecord& record);
  absl::StatusOr<Slice> Choose(uint64_t first, uint64_t end);
  absl::Status PutArchivedCounters(const Slice& slice);
  absl::Status Drop(const Slice& slice);
  absl::Status DropChunks(const Slice& slice, const CounterId& counter, rocksdb::WriteBatch& batch);
  // Whether none of the chunk's records is there. `last`: of them.
  absl::StatusOr<bool> IsGone(const Slice& slice, std::string_view chunk, uint64_t& last) const;
  absl::StatusOr<CounterState> Find(const CounterId& id);
  // Records before this may be gone.
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
  Micros cutoff_ = 0;                   // what ended by then is old
  uint64_t dropped_to_ = 1;             // archived records before this were looked at
  uint64_t next_ = 1;                   // … in this pass: the next one
  Micros next_pass_ = 0;                // when the rest of them is looked at again
  uint64_t dropped_ = 0;                // records, in this pass
  // What need not be read again. Each is dropped when it grows.
  absl::flat_hash_map<CounterId, CounterState> found_;
  absl::Time found_since_;
  absl::flat_hash_set<CounterId> put_;  // archived counters that are as new as the archive
  absl::flat_hash_map<CounterId, uint64_t> reaches_;  // up to which record the first chunk does

  std::atomic<bool> cancelled_ = false;
};

}  // namespace owo::storage

#endif  // OWO_STORAGE_ROCKSDB_RETENTION_EVENT_EXPIRER_H_
