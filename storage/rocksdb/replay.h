// The journal, read back: it is the truth, the other rows are what it folds to.

#ifndef OWO_STORAGE_ROCKSDB_REPLAY_H_
#define OWO_STORAGE_ROCKSDB_REPLAY_H_

#include <cstdint>

#include "absl/status/statusor.h"
#include "storage/rocksdb/database.h"

namespace owo::storage {

// The sequence of the newest journal record; 0 when there is none.
absl::StatusOr<uint64_t> LastSequence(const Database& database);

// Folds the journal of `source` into `target`, which has no rows of its own. Gives the number of
// records. DATA_LOSS when a record is missing, damaged, or does not follow from those before it.
absl::StatusOr<uint64_t> ReplayJournal(const Database& source, Database& target);

}  // namespace owo::storage

#endif  // OWO_STORAGE_ROCKSDB_REPLAY_H_
