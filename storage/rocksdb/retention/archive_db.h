// The archive: what the journal's archived records replay to, in a database of its own. The rows of
// the store are this and the journal from there on.
//
//   OWO_TRY(const auto archive, ArchiveDb::Open("./var", env));
//   while (…) OWO_RETURN_IF_ERROR(archive->Apply(archive->next(), record));    // in order
//   OWO_RETURN_IF_ERROR(archive->Write());                                 // durable now

#ifndef OWO_STORAGE_ROCKSDB_RETENTION_ARCHIVE_DB_H_
#define OWO_STORAGE_ROCKSDB_RETENTION_ARCHIVE_DB_H_

#include <cstdint>
#include <memory>
#include <optional>
#include <string>

#include "absl/container/flat_hash_map.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "storage/rocksdb/commit/account_cache.h"
#include "storage/rocksdb/commit/journal_applier.h"
#include "storage/rocksdb/commit/staged_batch.h"
#include "storage/rocksdb/engine/database.h"
#include "storage/rocksdb/read/account_snapshots.h"

namespace owo::storage {

// It has the rows that replaying a journal gives, and a digest of each counter's events; not the
// index of ids, nor where events stand. Not thread-safe.
class ArchiveDb {
 public:
  // In the directory `state` of the data directory, where it is made if it is not there.
  static absl::StatusOr<std::unique_ptr<ArchiveDb>> Open(const std::string& data_dir,
                                                         rocksdb::Env* env);
  static absl::StatusOr<bool> Exists(const std::string& data_dir, rocksdb::Env* env);

  // The sequence of the first journal record that what was written lacks.
  uint64_t first_sequence() const { return state_.first_sequence(); }
  const ArchiveStateRecord& state() const { return state_; }
  // Of the next record to be taken.
  uint64_t next() const { return next_; }
  // How many events all that was taken has.
  uint64_t events() const { return events_; }
  // REQUIRES: sequence == next().
  absl::Status Apply(uint64_t sequence, const JournalRecord& record);
  // Makes durable what was taken. After a failure of this or of Take it must be opened anew.
  absl::Status Write();

  // The counter as it was written; nothing when none of its events is archived.
  absl::StatusOr<std::optional<ArchivedCounterRecord>> FindCounter(TenantId tenant,
                                                                   const CounterKey& counter) const;
  const Database& database() const { return *database_; }

 private:
  explicit ArchiveDb(std::unique_ptr<Database> database);
  absl::Status Load();
  absl::Status Count(TenantId tenant, const CountedEvent& event, EventLocation location);

  const std::unique_ptr<Database> database_;
  StagedBatch staged_;
  AccountSnapshots snapshots_;
  AccountCache account_cache_;
  JournalApplier applier_;
  absl::flat_hash_map<std::string, std::string> digests_;  // that have changed, by key
  ArchiveStateRecord state_;
  // With what was taken since.
  uint64_t next_ = 1;
  uint64_t events_ = 0;
  uint64_t ids_sum_ = 0;
};

}  // namespace owo::storage

#endif  // OWO_STORAGE_ROCKSDB_RETENTION_ARCHIVE_DB_H_
