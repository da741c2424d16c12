// Executes commands: decides each one against the account cache, in order, and adds its changes to
// the journal record and, through the journal applier, to the staged batch of the commit.
//
//   CommitContext commit{staged, account_cache, ids, applier, journal, subscribed};
//   OWO_TRY(const std::vector<TrackOutcome> outcomes, Execute(commit, work));

#ifndef OWO_STORAGE_ROCKSDB_COMMIT_EXECUTE_H_
#define OWO_STORAGE_ROCKSDB_COMMIT_EXECUTE_H_

#include <utility>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/status/statusor.h"
#include "storage/commands.h"
#include "storage/rocksdb/commit/account_cache.h"
#include "storage/rocksdb/commit/journal_applier.h"
#include "storage/rocksdb/commit/staged_batch.h"
#include "storage/rocksdb/format/journal.h"
#include "storage/rocksdb/ids/ids.h"

namespace owo::storage {

// For each plan, a journal sequence at or after the newest commit that subscribed a customer to it.
// Covers the time since the process started. May be that of a commit that failed since the last
// recovery.
using SubscribedPlans = absl::flat_hash_map<std::pair<TenantId, PlanNo>, uint64_t>;

// What a commit is built with. If executing a command fails, the rows cannot be trusted, and
// nothing of the commit may be written.
struct CommitContext {
  StagedBatch& staged;
  AccountCache& account_cache;
  Ids& ids;
  JournalApplier& applier;
  JournalBuilder& journal;
  SubscribedPlans& subscribed;
};

// A track command, with the ids that were looked up before it was queued.
struct TrackWork {
  TrackCommand command;
  IdsFound ids;
};

// Whether the event that was counted under this id had the same customer, feature and quantity.
bool HasContentOf(const TrackEvent& event, const IdRow& known);

// Not thread-safe: called by the committer only.
absl::StatusOr<std::vector<TrackOutcome>> Execute(CommitContext& commit, const TrackWork& work);
absl::StatusOr<MutationResult> Execute(CommitContext& commit, Mutation&& mutation);

}  // namespace owo::storage

#endif  // OWO_STORAGE_ROCKSDB_COMMIT_EXECUTE_H_
