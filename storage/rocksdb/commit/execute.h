// Decides commands against the account cache, in order, and adds what they change to the journal
// record and, through the applier, to the rows of the commit that is being built.

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
#include "storage/rocksdb/ids/stored_ids.h"

namespace owo::storage {

// Of each plan: the first journal sequence of the newest commit that subscribed a customer to it.
// Since the process began, whether that commit was written or not.
using SubscribedPlans = absl::flat_hash_map<std::pair<TenantId, PlanNo>, uint64_t>;

// What a commit is built with. A failed status means that the rows cannot be trusted: nothing of
// the commit may be written.
struct CommitContext {
  StagedBatch& staged;
  AccountCache& account_cache;
  Ids& ids;
  JournalApplier& applier;
  JournalBuilder& journal;
  SubscribedPlans& subscribed;
};

// A command, and what was found out about its ids before.
struct TrackWork {
  TrackCommand command;
  IdsFound ids;
};

// Of an event whose id is known. `total`: of its counter.
TrackOutcome OutcomeOfKnown(const TrackEvent& event, const IdRow& known, Quantity total);

absl::StatusOr<std::vector<TrackOutcome>> Execute(CommitContext& commit, const TrackWork& work);
absl::StatusOr<MutationResult> Execute(CommitContext& commit, Mutation&& mutation);

}  // namespace owo::storage

#endif  // OWO_STORAGE_ROCKSDB_COMMIT_EXECUTE_H_
