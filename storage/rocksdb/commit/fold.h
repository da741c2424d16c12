// What a journal change makes of the other rows. A commit and a replay go through the same code, so
// that replaying the journal gives the rows that are there.

#ifndef OWO_STORAGE_ROCKSDB_COMMIT_FOLD_H_
#define OWO_STORAGE_ROCKSDB_COMMIT_FOLD_H_

#include <vector>

#include "absl/status/status.h"
#include "storage/records.pb.h"
#include "storage/rocksdb/commit/books.h"
#include "storage/rocksdb/commit/pending.h"
#include "storage/rocksdb/format/journal.h"
#include "storage/rocksdb/ids/ids.h"
#include "storage/types.h"

namespace owo::storage {

// What the index of ids says of the event.
IdRow IdRowOf(const CountedEvent& event, uint64_t sequence);

// Works at the sequence that the books are at. An account whose rows reflect that sequence already
// is left as it is, so that the journal's tail can be folded over rows that were written behind.
//
// Not thread-safe: the committer's. A failure is corruption: the commit must not be written.
class Fold {
 public:
  // Null `ids`: none are kept.
  Fold(Books& books, Ids* ids, Pending& pending) : books_(books), ids_(ids), pending_(pending) {}

  // Counts the event that stands there; gives the counter as it is then.
  absl::StatusOr<const Counter*> Count(TenantId tenant, const CountedEvent& event,
                                       EventLocation location);
  // Whether a change writes the rows that are never written behind, those of customers, of the
  // catalog and of invoices, or finds them as they became by this change or by a later one.
  enum class Rows { kWritten, kPresent };

  // REQUIRES: change is not `events`.
  absl::Status Apply(TenantId tenant, const JournalChange& change, Rows rows = Rows::kWritten);
  // Everything of the journal record at the books' sequence. Returns its ReplayCost.
  absl::StatusOr<uint64_t> Replay(const JournalRecord& record, Rows rows);

 private:
  absl::Status ApplyContract(TenantId tenant, CustomerNo customer, uint64_t generation);
  absl::Status ApplyCatalog(TenantId tenant, const CatalogRecord& changes, Rows rows);
  absl::Status ApplyCut(TenantId tenant, const CutRecord& cut, Rows rows);
  absl::Status ApplyInvoice(TenantId tenant, const InvoiceChangeRecord& change, Rows rows);
  absl::Status ApplyInvoice(TenantId tenant, const InvoiceUpdateRecord& update, Rows rows);
  absl::Status GiveBack(TenantId tenant, const InvoiceRecord& invoice, Rows rows);
  absl::Status Cover(TenantId tenant, const InvoiceRecord& invoice, bool give_back);
  // The rows that say which events the invoice covers.
  absl::Status NameCovered(TenantId tenant, const InvoiceRecord& invoice, bool give_back);
  absl::Status Settle(TenantId tenant, const CutRecord& cut);
  void PutInvoice(TenantId tenant, const InvoiceRecord& invoice);
  absl::Status TakeNumber(TenantId tenant, const InvoiceRecord& invoice);

  Books& books_;
  Ids* const ids_;
  Pending& pending_;
  std::vector<CountedEvent> replayed_;  // of one change
};

}  // namespace owo::storage

#endif  // OWO_STORAGE_ROCKSDB_COMMIT_FOLD_H_
