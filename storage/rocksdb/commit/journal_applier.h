// Applies journal changes to the other rows. Commits and replays use the same code, so that
// replaying the journal gives the rows that are stored.
//
//   JournalApplier applier(account_cache, &ids, staged);
//   account_cache.Start(sequence);
//   OWO_RETURN_IF_ERROR(applier.Apply(tenant, change));

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

// The row of the event in the index of ids.
IdRow IdRowOf(const CountedEvent& event, uint64_t sequence);

// Applies changes at the account cache's sequence. Skips accounts whose rows reflect that sequence
// already, so that the journal's tail can be replayed over rows that were flushed at different
// times.
//
// Not thread-safe. A failure means corruption: the commit must not be written.
class JournalApplier {
 public:
  // `ids` may be null: then event ids are not indexed.
  JournalApplier(AccountCache& account_cache, Ids* ids, StagedBatch& staged)
      : account_cache_(account_cache), ids_(ids), staged_(staged) {}

  // Counts the event, which is at `location` in the journal. Returns its counter after that.
  absl::StatusOr<const Counter*> Count(TenantId tenant, const CountedEvent& event,
                                       EventLocation location);
  // How to treat the rows that are always written with their commit: those of customers, the
  // catalog, invoices, tenant profiles and API keys. kWritten writes them. kPresent expects them to
  // be stored already, as this change or a later one left them.
  enum class Rows { kWritten, kPresent };

  // Applies one change. REQUIRES: it is not `events`.
  absl::Status Apply(TenantId tenant, const JournalChange& change, Rows rows = Rows::kWritten);
  struct Replayed {
    uint64_t events = 0;
    uint64_t cost = 0;  // the sum over all changes: 1 for each event, ReplayCost for any other
  };
  // Applies all changes of the journal record at the account cache's sequence.
  absl::StatusOr<Replayed> Replay(const JournalRecord& record, Rows rows);

 private:
  absl::Status ApplyContract(TenantId tenant, CustomerNo customer, uint64_t generation);
  absl::Status ApplyCatalog(TenantId tenant, const CatalogRecord& changes, Rows rows);
  void ApplyAccess(const AccessChangeRecord& changes);
  absl::Status ApplyInvoiceCreated(TenantId tenant, const InvoiceCreatedRecord& created, Rows rows);
  absl::Status ApplyInvoice(TenantId tenant, const InvoiceChangeRecord& change, Rows rows);
  absl::Status ApplyInvoice(TenantId tenant, const InvoiceUpdateRecord& update, Rows rows);
  absl::Status ReleaseCoverage(TenantId tenant, const InvoiceRecord& invoice, Rows rows);
  absl::Status ApplyCoverage(TenantId tenant, const InvoiceRecord& invoice, bool release);
  // Stages the rows that say which events the invoice covers.
  absl::Status PutCoveredRanges(TenantId tenant, const InvoiceRecord& invoice, bool release);
  absl::Status CloseCounters(TenantId tenant, const InvoiceCreatedRecord& created);
  void PutInvoice(TenantId tenant, const InvoiceRecord& invoice);
  absl::Status ApplyNumberJump(TenantId tenant, const NumberJumpRecord& jump);
  absl::Status RecordNumber(TenantId tenant, const InvoiceRecord& invoice);

  AccountCache& account_cache_;
  Ids* const ids_;
  StagedBatch& staged_;
  std::vector<CountedEvent> replayed_;  // of one change
};

}  // namespace owo::storage

#endif  // OWO_STORAGE_ROCKSDB_COMMIT_JOURNAL_APPLIER_H_
