// The ids of counted events that are kept while the disk is full. They are enough to answer
// duplicates, which write nothing.
//
//   const AcknowledgedIds ids(state.ids.Release(), state.sequence);
//   OWO_TRY(const auto outcomes, AnswerDuplicates(&ids, work, stored_ids, database, snapshots));
//   if (outcomes.has_value()) …   // the ids of all events of the command are known

#ifndef OWO_STORAGE_ROCKSDB_COMMIT_ACKNOWLEDGED_IDS_H_
#define OWO_STORAGE_ROCKSDB_COMMIT_ACKNOWLEDGED_IDS_H_

#include <cstdint>
#include <optional>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "storage/commands.h"
#include "storage/rocksdb/commit/execute.h"
#include "storage/rocksdb/engine/database.h"
#include "storage/rocksdb/ids/ids.h"
#include "storage/rocksdb/read/account_snapshots.h"

namespace owo::storage {

// The ids that were in memory when a write failed. Immutable.
class AcknowledgedIds {
 public:
  // `durable`: sequence of the newest acknowledged journal record. It is not known whether ids of
  // later records are counted.
  AcknowledgedIds(std::pair<RecentIds, RecentIds> ids, uint64_t durable)
      : ids_(std::move(ids)), durable_(durable) {}

  // Null if the id is not in memory, or not known to be counted.
  const IdRow* Find(const IdKey& key) const;

 private:
  const std::pair<RecentIds, RecentIds> ids_;
  const uint64_t durable_;
};

// Returns the outcomes that Track returns for duplicates, from durable data. nullopt if some event
// of the command is not known to be counted: then no part of the command may be answered. `ids` may
// be null if no ids are in memory. REQUIRES: the database is open, and stays open during the call.
absl::StatusOr<std::optional<std::vector<TrackOutcome>>> AnswerDuplicates(
    const AcknowledgedIds* ids, const TrackWork& work, const StoredIds& stored_ids,
    const Database& database, const AccountSnapshots& snapshots);

}  // namespace owo::storage

#endif  // OWO_STORAGE_ROCKSDB_COMMIT_ACKNOWLEDGED_IDS_H_
