// What a journal change makes of the other rows. A commit and a replay go through the same code, so
// that replaying the journal gives the rows that are there.

#ifndef OWO_STORAGE_ROCKSDB_COMMIT_JOURNAL_APPLIER_H_
#define OWO_STORAGE_ROCKSDB_COMMIT_JOURNAL_APPLIER_H_

#include <vector>

#include "absl/status/status.h"
#include "storage/records.pb.h"
#include "storage/rocksdb/commit/account_cache.h"
#include "storage/rocksdb/commit/staged_batch.h"
#include "storage/rocksdb/format/journal.h"
#include "storage/rocksdb/ids/ids.h"
#include "storage/types.h"

namespace owo::storage {

// What the index of ids says of the event.
IdRow IdRowOf(const CountedEvent& event, uint64_t sequence);

// Works at the sequence that the account cache is at. An account whose rows reflect that sequence
// already is left as it is, so that the journal's tail can be replayed over rows that were written
// behind.
//
// Not thread-safe: the committer's. A failure is corruption: the commit must not be written.
class JournalApplier {
 public:
  // Null `ids`: none are kept.
  JournalApplier(AccountCache& account_cache, Ids* ids, StagedBatch& staged)
      : account_cache_(account_cache), ids_(ids), staged_(staged) {}

  // Counts the event that stands there; gives the counter as it is then.
  absl::StatusOr<const Counter*> Count(TenantId tenant, const CountedEvent& event,
                                       EventLocation location);
  // Whether a change writes the rows that are never written behind, those of customers, of the
  // catalog and of invoices, or finds them as they became by this change or by a later one.
  enum class Rows { kWritten, kPresent };

  // REQUIRES: change is not `events`.
  absl::Status Apply(TenantId tenant, const JournalChange& change, Rows rows = Rows::kWritten);
  // Everything of the journal record at the account cache's sequence. Returns its ReplayCost.
  absl::StatusOr<uint64_t> Replay(const JournalRecord& record, Rows rows);

 private:
  absl::Status ApplyContract(TenantId tenant, CustomerNo customer, uint64_t generation);
  absl::Status ApplyCatalog(TenantId tenant, const CatalogRecord& changes, Rows rows);
  absl::Status ApplyInvoiceCreated(TenantId tenant, const InvoiceCreatedRecord& created, Rows rows);
  absl::Status ApplyInvoice(TenantId tenant, const InvoiceChangeRecord& change, Rows rows);
  absl::Status ApplyInvoice(TenantId tenant, const InvoiceUpdateRecord& update, Rows rows);
  absl::Status ReleaseCoverage(TenantId tenant, const InvoiceRecord& invoice, Rows rows);
  absl::Status ApplyCoverage(TenantId tenant, const InvoiceRecord& invoice, bool release);
  // The rows that say which events the invoice covers.
  absl::Status PutCoveredRanges(TenantId tenant, const InvoiceRecord& invoice, bool release);
  absl::Status CloseCounters(TenantId tenant, const InvoiceCreatedRecord& created);
  void PutInvoice(TenantId tenant, const InvoiceRecord& invoice);
  absl::Status RecordNumber(TenantId tenant, const InvoiceRecord& invoice);

  AccountCache& account_cache_;
  Ids* const ids_;
  StagedBatch& staged_;
  std::vector<CountedEvent> replayed_;  // of one change
};

}  // namespace owo::storage

#endif  // OWO_STORAGE_ROCKSDB_COMMIT_JOURNAL_APPLIER_H_
