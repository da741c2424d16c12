// Verifies the embedded store: see storage/verify.h.
//
//   OWO_TRY(const VerifyReport report, VerifyRocksStore({.data_dir = "./var"}, &rating));
//
// The store is opened over an overlay (overlay.h), so that nothing in its directory changes, and no
// permission to write there is needed. It is opened and closed as a server does it, so that rows
// which are written behind are as new as the journal: what that writes stays in memory, about as
// much as the write-ahead logs hold. Then every file's checksums are checked, and the journal is
// replayed from its first record on into a scratch database, by the code that commits use, which is
// compared with what is stored:
//
//   accounts, counters, invoices, coverage, catalog, contracts, tenants    row by row
//   the events of counters                                                 one by one
//   event ids                                   as sums; where those differ, one by one
//
// What is archived (docs/decisions/0005-dropping-old-events.md) is taken from the archive, and
// the journal is replayed from there on. Archived events must each stand in a journal record still,
// or have an archived counter; their ids are compared as one sum.
//
// On the way each invoice is held against the counters it was made from, its lines are rated again,
// and numbers must follow each other. Memory is bounded but for a few bytes for each invoice.
// Not compared: what is not in the journal, which is what is personal of customers, and requests.

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
  // The scratch database is a directory in this one, gone at the end. "": next to the data, or
  // where that cannot be written to in $TMPDIR or /tmp.
  std::string scratch_dir;
  // Called with what the caller should know and did not ask for; may be empty.
  std::function<void(const std::string&)> on_note;
  // Asked now and then: whether to give up, with CANCELLED. Called on two threads.
  std::function<bool()> stopped;
  // Null: the machine's file system.
  rocksdb::Env* env = nullptr;
};

// `rating`: null when nothing is to be rated. A report, with what differs or is damaged. DATA_LOSS
// when the store is too damaged to be opened, as where its watermark is missing. Every other
// failure says nothing of the data: NOT_FOUND when there is no store, FAILED_PRECONDITION when
// another process has it open or its format is another's, PERMISSION_DENIED when it may not be
// read, CANCELLED when it was stopped, others when it could not be read or the scratch not be
// written.
absl::StatusOr<VerifyReport> VerifyRocksStore(const VerifyOptions& options, InvoiceRating* rating);

}  // namespace owo::storage

#endif  // OWO_STORAGE_ROCKSDB_VERIFY_VERIFY_H_
