// Reads and replays the journal. The journal is the truth: the other rows follow from it.
//
//   OWO_TRY(const uint64_t newest, ForEachRecord(database, /*first=*/1, each));

#ifndef OWO_STORAGE_ROCKSDB_COMMIT_REPLAY_H_
#define OWO_STORAGE_ROCKSDB_COMMIT_REPLAY_H_

#include <cstdint>
#include <functional>

#include "absl/status/statusor.h"
#include "storage/records.pb.h"
#include "storage/rocksdb/engine/database.h"
#include "storage/rocksdb/format/journal.h"
#include "storage/types.h"

namespace owo::storage {

// Calls `each` with the record's events, in order.
absl::Status ForEachEvent(const JournalRecord& record,
                          const std::function<absl::Status(TenantId, const CountedEvent&)>& each);

// Calls `each` with the journal's records from sequence `first` on, in order. Returns the newest
// sequence; first - 1 if there is none. DATA_LOSS if a record is missing or damaged.
absl::StatusOr<uint64_t> ForEachRecord(
    const Database& source, uint64_t first,
    const std::function<absl::Status(uint64_t, const JournalRecord&)>& each);

// Replays the journal of `source` into `target`. Returns the number of records. DATA_LOSS if a
// record is missing, damaged, or does not follow from those before it. REQUIRES: nothing of
// `source` is archived, and `target` is empty.
absl::StatusOr<uint64_t> ReplayJournal(const Database& source, Database& target);

}  // namespace owo::storage

#endif  // OWO_STORAGE_ROCKSDB_COMMIT_REPLAY_H_
