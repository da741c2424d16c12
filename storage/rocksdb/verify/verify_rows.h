// What is stored against what the journal folds to, row by row and event by event.

#ifndef OWO_STORAGE_ROCKSDB_VERIFY_VERIFY_ROWS_H_
#define OWO_STORAGE_ROCKSDB_VERIFY_VERIFY_ROWS_H_

#include "absl/status/status.h"
#include "storage/rocksdb/engine/database.h"
#include "storage/verify.h"

namespace owo::storage {

// Every space that the journal folds to, but ids and the events of counters.
absl::Status CompareRows(const Database& stored, const Database& folded, VerifyReport& report);

// That each customer has as many rows of metadata as its record says, and each subscription that
// has metadata exists. What metadata says is not in the journal.
absl::Status CheckMetadata(const Database& stored, VerifyReport& report);

// Where the events of counters stand in the journal from this record on, wherever their chunks were
// cut.
absl::Status CompareEvents(const Database& stored, const Database& folded, uint64_t first_sequence,
                           VerifyReport& report);

// Has each group of `folded`'s counters checked for what is unbilled of it.
absl::Status CheckUnbilled(const Database& folded, InvoiceRating& rating, VerifyReport& report);

}  // namespace owo::storage

#endif  // OWO_STORAGE_ROCKSDB_VERIFY_VERIFY_ROWS_H_
