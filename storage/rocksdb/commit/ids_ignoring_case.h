// Completes the rows of customers' ids in a store of an earlier version.
//
//   OWO_RETURN_IF_ERROR(PutIdsIgnoringCase(database));   // when the store opens, before any commit

#ifndef OWO_STORAGE_ROCKSDB_COMMIT_IDS_IGNORING_CASE_H_
#define OWO_STORAGE_ROCKSDB_COMMIT_IDS_IGNORING_CASE_H_

#include "absl/status/status.h"
#include "storage/rocksdb/engine/database.h"

namespace owo::storage {

// Earlier versions wrote no keys::IdIgnoringCase rows, by which a commit finds that an email equals
// another customer's id. Puts these rows for all ids, if the store does not have the format of this
// version; then, if there were any, records that format. Takes the time of reading all ids, and
// about a megabyte of memory. Interrupted, it starts again at the next opening. Errors: those of
// reads and writes.
absl::Status PutIdsIgnoringCase(Database& database);

}  // namespace owo::storage

#endif  // OWO_STORAGE_ROCKSDB_COMMIT_IDS_IGNORING_CASE_H_
