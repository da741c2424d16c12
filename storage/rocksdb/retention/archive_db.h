// The archive: a database of its own with the state that the archived journal records replay to.
// The rows of the store follow from the archive and the journal records after it.
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

// Has the rows that a replay of the journal gives, and a digest of each counter's events. Has
// neither the index of ids nor the locations of events. Not thread-safe.
class ArchiveDb {
 public:
  // Opens the archive in the directory `sealed` of the data directory. Creates it if it is missing.
  static absl::StatusOr<std::unique_ptr<ArchiveDb>> Open(const std::string& data_dir,
                                                         rocksdb::Env* env);
  static absl::StatusOr<bool> Exists(const std::string& data_dir, rocksdb::Env* env);

  // The sequence of the first journal record that the written archive lacks.
  uint64_t first_sequence() const { return state_.first_sequence(); }
  const ArchiveStateRecord& state() const { return state_; }
  // The sequence of the next record to apply.
  uint64_t next() const { return next_; }
  // The number of events in all records that were applied.
  uint64_t events() const { return events_; }
  // Applies a record, in memory only until Write. REQUIRES: sequence == next().
  absl::Status Apply(uint64_t sequence, const JournalRecord& record);
  // Makes the applied records durable. After a failure of Write or Apply the archive must be
  // reopened.
  absl::Status Write();

  // The counter as of the last Write; nullopt if none of its events is archived.
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
  absl::flat_hash_map<std::string, std::string> digests_;  // changed digests, by key
  ArchiveStateRecord state_;
  // These include the records that were applied since the last Write.
  uint64_t next_ = 1;
  uint64_t events_ = 0;
  uint64_t ids_sum_ = 0;
};

}  // namespace owo::storage

#endif  // OWO_STORAGE_ROCKSDB_RETENTION_ARCHIVE_DB_H_
