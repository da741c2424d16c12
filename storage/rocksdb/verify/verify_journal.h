// Replays a journal, from its first record or behind those that are archived, and checks on the
// way what only its order shows.
//
//   JournalVerifier verifier(source, scratch, rating, report);
//   OWO_RETURN_IF_ERROR(verifier.Run(stopped));     // scratch holds what the journal replays to
//   verifier.ids();                                 // … but for ids: they are summed up

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

// An invoice is decided on an account as it was read, and committed if no other invoice came in
// between; events may have. So the journal is read twice: first for the usage versions that
// invoices were decided on; then, while it is replayed, an account is copied when an event is about
// to move it away from such a version, and otherwise looked at when the invoice comes.
class JournalVerifier {
 public:
  // `source`, `archive` (null: nothing is), `scratch`, which has the rows of CopyArchive or none,
  // `rating` (or null) and `report` outlive it.
  JournalVerifier(const Database& source, const ArchiveDb* archive, Database& scratch,
                  InvoiceRating* rating, VerifyReport& report);

  // DATA_LOSS when a record is missing, damaged, or does not follow from those before it.
  absl::Status Run(const std::function<bool()>& stopped);
  const IdSums& ids() const { return id_sums_; }

 private:
  using Version = std::tuple<TenantId, CustomerNo, uint64_t>;  // of a customer's usage
  struct Decided {
    uint64_t invoices = 0;          // that were decided on this version and are still to come
    std::unique_ptr<Account> kept;  // the account, if events have moved it on
  };

  // Goes on behind what is archived.
  absl::Status StartAfterArchive();
  absl::Status FindDecided(const std::function<bool()>& stopped);
  absl::Status ApplyRecord(uint64_t sequence, const JournalRecord& record);
  absl::Status Count(TenantId tenant, const CountedEvent& event, EventLocation location);
  absl::Status Apply(TenantId tenant, const JournalChange& change);
  absl::Status CheckInvoiceCreated(TenantId tenant, const InvoiceCreatedRecord& created);
  // `invoice`: what a former version journals of a change; null: what the update makes of it.
  absl::Status CheckChange(TenantId tenant, const InvoiceUpdateRecord& update,
                           const InvoiceRecord* invoice);
  absl::Status CheckNumber(TenantId tenant, const InvoiceRecord& invoice);
  absl::Status RefreshCatalog(TenantId tenant);
  // The account as the applier has it now.
  absl::StatusOr<Account> ReadAccount(TenantId tenant, CustomerNo customer);
  // The account that the invoice was decided on; nothing when it never was as the invoice says.
  absl::StatusOr<std::unique_ptr<Account>> DecidedOn(TenantId tenant,
                                                     const InvoiceCreatedRecord& created);
  // Whether the invoice may have been decided on an account as it was before it was archived.
  absl::StatusOr<bool> DecidedBefore(TenantId tenant, const InvoiceCreatedRecord& created) const;
  // What was changed since the last step can be read back. Each step is one commit of the applier.
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
  absl::flat_hash_set<TenantId> stale_catalogs_;  // newer than what rating_ has
  uint64_t step_;
  size_t weight_ = 0;  // of what waits to be written
};

}  // namespace owo::storage

#endif  // OWO_STORAGE_ROCKSDB_VERIFY_VERIFY_JOURNAL_H_
