// Replays a journal, from its first record that is not archived, and checks what depends on the
// order of records.
//
//   JournalVerifier verifier(source, archive, scratch, rating, report);
//   OWO_RETURN_IF_ERROR(verifier.Run(stopped));     // scratch holds what the journal replays to
//   verifier.ids();                                 // sums of the ids, which scratch lacks

#ifndef OWO_STORAGE_ROCKSDB_VERIFY_VERIFY_JOURNAL_H_
#define OWO_STORAGE_ROCKSDB_VERIFY_VERIFY_JOURNAL_H_

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <tuple>

#include "absl/container/flat_hash_map.h"
#include "absl/container/flat_hash_set.h"
#include "absl/status/status.h"
#include "storage/rocksdb/commit/account_cache.h"
#include "storage/rocksdb/commit/journal_applier.h"
#include "storage/rocksdb/commit/staged_batch.h"
#include "storage/rocksdb/engine/database.h"
#include "storage/rocksdb/read/account_snapshots.h"
#include "storage/rocksdb/read/reader.h"
#include "storage/rocksdb/retention/archive_db.h"
#include "storage/rocksdb/verify/verify_ids.h"
#include "storage/rocksdb/verify/verify_invoices.h"
#include "storage/rocksdb/verify/verify_times.h"
#include "storage/verify.h"

namespace owo::storage {

// An invoice is decided on an account as it was read. It is committed if no other invoice came in
// between, but events may have been counted. So the journal is read twice. The first pass collects
// the usage versions that invoices were decided on. The second pass replays: before an event
// changes an account that is at such a version, the account is copied. Otherwise it is read when
// the invoice comes.
class JournalVerifier {
 public:
  // `archive`: null if nothing is archived. `scratch` has the rows of CopyArchive, or is empty.
  // `rating`: null to check neither sums nor amounts of invoices. All must outlive the verifier.
  JournalVerifier(const Database& source, const ArchiveDb* archive, Database& scratch,
                  InvoiceRating* rating, VerifyReport& report);

  // DATA_LOSS if a record is missing, damaged, or does not follow from those before it.
  absl::Status Run(const std::function<bool()>& stopped);
  const IdSums& ids() const { return id_sums_; }

 private:
  using Version = std::tuple<TenantId, CustomerNo, uint64_t>;  // of a customer's usage
  struct Decided {
    uint64_t invoices = 0;          // decided on this version, and not replayed yet
    std::unique_ptr<Account> kept;  // a copy of the account, if events have changed it since
  };

  // Continues after the archived records.
  absl::Status StartAfterArchive();
  absl::Status FindDecided(const std::function<bool()>& stopped);
  absl::Status ApplyRecord(uint64_t sequence, const JournalRecord& record);
  absl::Status Count(TenantId tenant, const CountedEvent& event, EventLocation location);
  absl::Status Apply(TenantId tenant, const JournalChange& change);
  absl::Status CheckInvoiceCreated(TenantId tenant, const InvoiceCreatedRecord& created);
  // `invoice`: the invoice after the change, as an earlier version journaled it; null: apply
  // `update`.
  absl::Status CheckChange(TenantId tenant, const InvoiceUpdateRecord& update,
                           const InvoiceRecord* invoice);
  absl::Status CheckNumber(TenantId tenant, const InvoiceRecord& invoice);
  absl::Status CheckNumberJump(TenantId tenant, const NumberJumpRecord& jump);
  absl::Status StartSeries(TenantId tenant, const std::string& series);
  absl::Status RefreshCatalog(TenantId tenant);
  // The account as the applier has it now.
  absl::StatusOr<Account> ReadAccount(TenantId tenant, CustomerNo customer);
  // The account that the invoice was decided on; null if it never was at that version.
  absl::StatusOr<std::unique_ptr<Account>> DecidedOn(TenantId tenant,
                                                     const InvoiceCreatedRecord& created);
  // Whether the invoice may have been decided on a version of the account from before the archive.
  absl::StatusOr<bool> DecidedBefore(TenantId tenant, const InvoiceCreatedRecord& created) const;
  // Ends a step, which is one commit of the applier: its changes can be read afterwards.
  void EndStep(size_t cached_max);
  absl::Status WriteStep();

  const Database& source_;
  const ArchiveDb* const archive_;
  const uint64_t first_;  // the first record that is not archived
  InvoiceRating* const rating_;
  VerifyReport& report_;

  StagedBatch staged_;
  AccountSnapshots snapshots_;
  AccountCache account_cache_;
  JournalApplier applier_;
  Reader reader_;

  IdSums id_sums_;
  InvoiceHistory invoices_;
  ChunkTimesCheck chunk_times_;
  absl::flat_hash_map<Version, Decided> decided_;
  absl::flat_hash_set<TenantId> stale_catalogs_;  // tenants whose catalog in rating_ is outdated
  uint64_t step_;
  size_t weight_ = 0;  // of changes that are not written yet
};

}  // namespace owo::storage

#endif  // OWO_STORAGE_ROCKSDB_VERIFY_VERIFY_JOURNAL_H_
