// Verifies the embedded store: see storage/verify.h.
//
//   OWO_TRY(const VerifyReport report, VerifyRocksStore({.data_dir = "./var"}, &rating));
//
// The store is opened through an overlay (overlay.h), so that nothing in its directory changes and
// no write permission is needed. First it is opened and closed like in a server, which flushes all
// rows. What that writes stays in memory: about as much as the write-ahead logs hold. Then the
// checksums of all files are checked. Finally the journal is replayed from its first record on into
// a scratch database, by the code that commits use, and the result is compared with what is stored:
//
//   accounts, counters, invoices, coverage, catalog, contracts, tenants    row by row
//   the events of counters                                                 one by one
//   event ids                                   as sums; where those differ, one by one
//
// If records are archived (docs/decisions/0005-dropping-old-events.md), the replay starts with the
// state of the archive. Each archived event must still be in a journal record, or have an archived
// counter. The ids of archived events are compared as one sum.
//
// During the replay each invoice is compared with the counters that it was made from, its lines are
// rated again, and invoice numbers are checked for gaps. Memory is bounded, except for a few bytes
// per invoice. Not compared is what is not in the journal: personal data of customers, and
// requests.

#ifndef OWO_STORAGE_ROCKSDB_VERIFY_VERIFY_H_
#define OWO_STORAGE_ROCKSDB_VERIFY_VERIFY_H_

#include <functional>
#include <string>

#include "absl/status/statusor.h"
#include "storage/verify.h"

namespace rocksdb {
class Env;
}

namespace owo::storage {

struct VerifyOptions {
  std::string data_dir;
  // The scratch database is a directory in this one, and is removed at the end. "": next to the
  // data, or if that is not writable, in $TMPDIR or /tmp.
  std::string scratch_dir;
  // Called with notes for the caller; may be empty.
  std::function<void(const std::string&)> on_note;
  // Polled; true makes verify give up with CANCELLED. Called on two threads.
  std::function<bool()> stopped;
  // Null: the machine's file system.
  rocksdb::Env* env = nullptr;
};

// Returns a report of everything that differs or is damaged. `rating`: null to check
// neither sums nor amounts of invoices.
//
// DATA_LOSS if the store is too damaged to be opened, for example if its watermark is missing. All
// other errors say nothing about the data: NOT_FOUND if there is no store, FAILED_PRECONDITION if
// another process has it open or its format is that of another version, PERMISSION_DENIED if it may
// not be read, CANCELLED if it was stopped, others if the store could not be read or the scratch
// database could not be written.
absl::StatusOr<VerifyReport> VerifyRocksStore(const VerifyOptions& options, InvoiceRating* rating);

}  // namespace owo::storage

#endif  // OWO_STORAGE_ROCKSDB_VERIFY_VERIFY_H_
