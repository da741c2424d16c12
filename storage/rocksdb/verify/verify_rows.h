// Compares what is stored with what the journal replays to, row by row and event by event.

#ifndef OWO_STORAGE_ROCKSDB_VERIFY_VERIFY_ROWS_H_
#define OWO_STORAGE_ROCKSDB_VERIFY_VERIFY_ROWS_H_

#include "absl/status/status.h"
#include "storage/rocksdb/engine/database.h"
#include "storage/verify.h"

namespace owo::storage {

// Compares all column families that the journal replays to, except ids and the events of counters.
absl::Status CompareRows(const Database& stored, const Database& replayed, VerifyReport& report);

// Checks that each customer has as many metadata rows as its record says, and that each
// subscription with metadata exists. The content of metadata is not in the journal.
absl::Status CheckMetadata(const Database& stored, VerifyReport& report);

// Compares the locations of counters' events in the journal, from record `first_sequence` on.
// Chunks may be split differently.
absl::Status CompareEvents(const Database& stored, const Database& replayed,
                           uint64_t first_sequence, VerifyReport& report);

// Checks what is unbilled of each group of `replayed`'s counters, using `rating`.
absl::Status CheckUnbilled(const Database& replayed, InvoiceRating& rating, VerifyReport& report);

}  // namespace owo::storage

#endif  // OWO_STORAGE_ROCKSDB_VERIFY_VERIFY_ROWS_H_
