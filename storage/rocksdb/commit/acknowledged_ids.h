// What is known of counted events while the disk is full: enough to answer their repeats, which
// write nothing.
//
//   const AcknowledgedIds ids(state.ids.Release(), state.sequence);
//   OWO_TRY(const auto outcomes, AnswerDuplicates(ids, work, stored_ids, database, snapshots));
//   if (outcomes.has_value()) …   // every event of the command was counted before

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
#include "storage/rocksdb/ids/recent_ids.h"
#include "storage/rocksdb/ids/stored_ids.h"
#include "storage/rocksdb/read/account_snapshots.h"

namespace owo::storage {

// The ids that stood in memory when a write failed.
class AcknowledgedIds {
 public:
  // `durable`: the newest journal record that was acknowledged. Whether ids of later ones are
  // counted is not known.
  AcknowledgedIds(std::pair<RecentIds, RecentIds> ids, uint64_t durable)
      : ids_(std::move(ids)), durable_(durable) {}

  // Null when it is not here, or not known to be counted.
  const IdRow* Find(const IdKey& key) const;

 private:
  const std::pair<RecentIds, RecentIds> ids_;
  const uint64_t durable_;
};

// Outcomes as Track gives them, from what is durable; nullopt when some event of the command is not
// known to be counted: nothing of the command may be answered then. `ids`: null where memory
// has nothing. REQUIRES: the database is open, and stays so meanwhile.
absl::StatusOr<std::optional<std::vector<TrackOutcome>>> AnswerDuplicates(
    const AcknowledgedIds* ids, const TrackWork& work, const StoredIds& stored_ids,
    const Database& database, const AccountSnapshots& snapshots);

}  // namespace owo::storage

#endif  // OWO_STORAGE_ROCKSDB_COMMIT_ACKNOWLEDGED_IDS_H_
