// What is stored against what the journal replays to, row by row and event by event.

#ifndef OWO_STORAGE_ROCKSDB_VERIFY_VERIFY_ROWS_H_
#define OWO_STORAGE_ROCKSDB_VERIFY_VERIFY_ROWS_H_

#include "absl/status/status.h"
#include "storage/rocksdb/engine/database.h"
#include "storage/verify.h"

namespace owo::storage {

// Every column family that the journal replays to, but ids and the events of counters.
absl::Status CompareRows(const Database& stored, const Database& replayed, VerifyReport& report);

// That each customer has as many rows of metadata as its record says, and each subscription that
// has metadata exists. What metadata says is not in the journal.
absl::Status CheckMetadata(const Database& stored, VerifyReport& report);

// Where the events of counters stand in the journal from this record on, wherever their chunks were
// cut.
absl::Status CompareEvents(const Database& stored, const Database& replayed,
                           uint64_t first_sequence, VerifyReport& report);

// Has each group of `replayed`'s counters checked for what is unbilled of it.
absl::Status CheckUnbilled(const Database& replayed, InvoiceRating& rating, VerifyReport& report);

}  // namespace owo::storage

#endif  // OWO_STORAGE_ROCKSDB_VERIFY_VERIFY_ROWS_H_
