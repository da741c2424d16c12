// Decides commands against the books, in order, and adds what they change to the journal record
// and, through the fold, to the rows of the commit that is being built.

#ifndef OWO_STORAGE_ROCKSDB_COMMIT_JUDGE_H_
#define OWO_STORAGE_ROCKSDB_COMMIT_JUDGE_H_

#include <utility>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/status/statusor.h"
#include "storage/commands.h"
#include "storage/rocksdb/commit/books.h"
#include "storage/rocksdb/commit/fold.h"
#include "storage/rocksdb/commit/pending.h"
#include "storage/rocksdb/format/journal.h"
#include "storage/rocksdb/ids/ids.h"
#include "storage/rocksdb/ids/stored_ids.h"

namespace owo::storage {

// Of each plan: the first journal sequence of the newest commit that subscribed a customer to it.
// Since the process began, whether that commit was written or not.
using SubscribedPlans = absl::flat_hash_map<std::pair<TenantId, PlanNo>, uint64_t>;

// What a commit is built with. A failed status means that the rows cannot be trusted: nothing of
// the commit may be written.
struct Build {
  Pending& pending;
  Books& books;
  Ids& ids;
  Fold& fold;
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

absl::StatusOr<std::vector<TrackOutcome>> Judge(Build& build, const TrackWork& work);
absl::StatusOr<MutationResult> Judge(Build& build, Mutation&& mutation);

}  // namespace owo::storage

#endif  // OWO_STORAGE_ROCKSDB_COMMIT_JUDGE_H_
