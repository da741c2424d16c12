// The RocksDB database of a store: column families, options, opening, and typed errors.

#ifndef OWO_STORAGE_ROCKSDB_ENGINE_DATABASE_H_
#define OWO_STORAGE_ROCKSDB_ENGINE_DATABASE_H_

#include <rocksdb/db.h>
#include <rocksdb/sst_file_writer.h>

#include <array>
#include <atomic>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "absl/base/thread_annotations.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/synchronization/mutex.h"
#include "storage/read_options.h"
#include "storage/rocksdb/engine/database_options.h"
#include "storage/rocksdb/engine/open_options.h"
#include "storage/rocksdb/engine/overlay.h"
#include "storage/rocksdb/engine/rocks_status.h"
#include "storage/rocksdb/engine/watermark.h"
#include "storage/rocksdb/format/column_families.h"

namespace owo::storage {

// The format that this program writes. A new store records it; an older one with the first row that
// is written, so that a store which was only opened, with nothing to write, stays readable by the
// version that it is of.
inline constexpr std::string_view kFormatVersion = "7";
// Formats of earlier versions, which are read too. "4" is "3" once the first journal record has
// been dropped; "5" lacks rows of ids (ids_ignoring_case.h); "6" lacks number jumps, API keys.
inline constexpr std::string_view kFormerFormat = "3";
inline constexpr std::string_view kFormerArchivedFormat = "4";
inline constexpr std::string_view kFormerIdsFormat = "5";
inline constexpr std::string_view kFormerAccessFormat = "6";

// True if this program reads stores of this format.
bool IsReadableFormat(std::string_view format);

// A file in a data directory that is being restored. Such a directory does not open. It is created
// before the first restored file, and removed after the last one.
inline constexpr std::string_view kRestoringFile = "RESTORING";

// The data directory holds LOCK, WATERMARK and RocksDB's directory `db`.
//
// Thread-safe, except Acknowledge, SyncWatermark and Resume: only the writing thread may call them.
class Database {
 public:
  // What Open does if the disk has no room for what opening writes: fail, or open for reading.
  enum class OnFullDisk { kFail, kRead };
  // DATA_LOSS if the database lacks acknowledged records, as far as the watermark can tell.
  static absl::StatusOr<std::unique_ptr<Database>> Open(const OpenOptions& options,
                                                        OnFullDisk on_full = OnFullDisk::kFail);
  ~Database();

  // A row; nullopt if there is none. No row is empty, so an empty value is DATA_LOSS: RocksDB also
  // returns one for a table that it did not read. With kMemoryOnly, ReadNeedsDisk() if memory
  // cannot answer.
  absl::StatusOr<std::optional<std::string>> Get(const ReadOptions& read, ColumnFamily family,
                                                 std::string_view key,
                                                 const rocksdb::Snapshot* snapshot = nullptr) const;
  // The same, for threads that may block.
  absl::StatusOr<std::optional<std::string>> Get(
      ColumnFamily family, std::string_view key,
      const rocksdb::Snapshot* snapshot = nullptr) const {
    return Get(kReadAll, family, key, snapshot);
  }
  // An iterator that is not valid is at the end only if its status is OK; FromRead converts any
  // other status. `options.read_tier` is overwritten.
  std::unique_ptr<rocksdb::Iterator> Iterate(const ReadOptions& read, ColumnFamily family,
                                             const rocksdb::ReadOptions& options = {}) const;
  // The same, for threads that may block.
  std::unique_ptr<rocksdb::Iterator> Iterate(ColumnFamily family,
                                             const rocksdb::ReadOptions& options = {}) const {
    return Iterate(kReadAll, family, options);
  }
  // An estimate of the number of rows.
  uint64_t EstimatedRows(ColumnFamily family) const;
  // Returns once the batch is durable (unless the store was opened unsynced).
  absl::Status Write(rocksdb::WriteBatch& batch);
  // Call once the journal record of this sequence is durable, before answering it.
  absl::Status Acknowledge(uint64_t sequence);
  // False if SyncWatermark has something to do.
  bool watermark_synced() const { return watermark_->synced(); }
  absl::Status SyncWatermark() { return watermark_->Sync(); }
  // OK if the database is open for writing. DiskFull with the cause if it is open for reading
  // because the disk was full. Writes then go to memory, and are dropped when the database is
  // reopened: they are rows that the journal's tail replays to.
  const absl::Status& full() const { return full_; }
  // True once a write or background work failed, so that nothing is written until the database is
  // reopened. REQUIRES: as for reads.
  bool failed() const { return background_->worst().severity() >= rocksdb::Status::kHardError; }
  // Reopens the database for reading, as above. REQUIRES: as for Resume.
  absl::Status OpenForReading(const absl::Status& full);
  // From now on a database that is open for reading refuses writes.
  void RefuseWrites() { refuses_writes_ = !full_.ok(); }
  // Accepts writes again after one failed on a full disk: waits for readers, and reopens the
  // durable files. RESOURCE_EXHAUSTED while the disk is still full; the database is then open for
  // reading. After any other failure it may not be open. Whenever it was reopened, calls `replay`
  // before readers see it: until then rows are older than what was read before; its failure is
  // returned. `replay` must not wait for in_use(). REQUIRES: no write is running, and every
  // iterator is used under in_use().
  absl::Status Resume(const std::function<absl::Status()>& replay);
  // Readers hold this lock, so that the database is not opened or closed meanwhile.
  absl::Mutex& in_use() const { return in_use_; }
  bool is_open() const { return db_ != nullptr; }
  // For work that holds in_use() for long. `stop` makes it end soon; it is called, on another
  // thread, when the database is to be reopened. Not ok() if that has begun: do nothing then.
  class LongUse {
   public:
    LongUse(const Database& database, std::function<void()> stop);
    ~LongUse();
    bool ok() const { return lock_.has_value(); }

   private:
    const Database& database_;
    std::optional<absl::ReaderMutexLock> lock_;
  };
  // Ingestions hold this lock. Who holds it sees no rows of a run that the captured tables lack.
  absl::Mutex& ingesting() const { return ingesting_; }

  // Runs: files of sorted rows for a column family, written separately and ingested as a whole.
  std::string RunPath(uint64_t number) const;
  absl::StatusOr<std::unique_ptr<rocksdb::SstFileWriter>> NewRun(ColumnFamily family,
                                                                 const std::string& path) const;
  absl::Status Ingest(ColumnFamily family, const rocksdb::ExternalSstFileInfo& run);
  // Makes earlier writes durable, if the store was opened unsynced.
  absl::Status SyncLog();
  // Frees the space of a column family's deleted rows before `end`; does nothing if the database is
  // open for reading. If a background failure has ended writing, returns that failure.
  absl::Status Compact(ColumnFamily family, std::string_view end, std::atomic<bool>& cancelled);

  rocksdb::ColumnFamilyHandle* handle(ColumnFamily family) const {
    return handles_[static_cast<size_t>(family)];
  }
  rocksdb::DB& db() const { return *db_; }
  // The file system that holds the database's files. It changes when the database is reopened.
  rocksdb::Env& env() const { return full_.ok() ? env_ : *overlay_.env(); }

 private:
  // File name prefix of runs that are not ingested yet.
  static constexpr char kRunPrefix[] = "run-";

  explicit Database(const OpenOptions& options);
  absl::Status Write(rocksdb::WriteBatch& batch, bool sync);
  absl::Status MakeDirectory() const;
  absl::Status Lock();
  absl::Status CheckRestored() const;
  absl::Status OpenFiles();
  absl::Status OpenInMemory(const absl::Status& full);
  absl::Status OpenWatermark();
  absl::StatusOr<bool> HasTables() const;
  absl::Status OpenRocks();
  // DATA_LOSS if a table's properties are damaged. RocksDB would open such a table although the
  // properties say how to read its index: it would find nothing, or abort.
  absl::Status CheckTables() const;
  absl::Status CheckFormat();
  absl::Status CheckWatermark() const;
  absl::Status DropRuns(rocksdb::Env& env) const;
  absl::StatusOr<uint64_t> SpaceToOpen() const;
  void Close();
  absl::Status TryResume(const std::function<absl::Status()>& replay);
  // Makes the long use end, and refuses others until `reopening` is false again.
  void StopLongUse(bool reopening);

  mutable absl::Mutex in_use_;
  mutable absl::Mutex ingesting_;
  mutable absl::Mutex long_use_mutex_;
  mutable std::function<void()> stop_long_use_ ABSL_GUARDED_BY(long_use_mutex_);  // empty: none
  bool reopening_ ABSL_GUARDED_BY(long_use_mutex_) = false;

  // Constant after Open, except in OpenForReading and Resume, which hold in_use_.
  rocksdb::Env& env_;
  const std::unique_ptr<rocksdb::Env> wal_env_;
  Overlay overlay_;
  const bool is_machines_;  // env_ is the machine's file system
  const std::string data_dir_;
  const std::string directory_;
  const bool restoring_;
  const bool sync_;
  const TableLimits limits_;
  const size_t cache_bytes_;
  rocksdb::FileLock* lock_ = nullptr;
  std::unique_ptr<Watermark> watermark_;
  std::shared_ptr<BackgroundFailure> background_;
  std::unique_ptr<rocksdb::DB> db_;
  absl::Status full_;
  bool refuses_writes_ = false;
  uint64_t opening_bytes_ = 0;  // written to memory by opening for reading
  std::array<rocksdb::ColumnFamilyHandle*, kColumnFamilyNames.size()> handles_{};
};

}  // namespace owo::storage

#endif  // OWO_STORAGE_ROCKSDB_ENGINE_DATABASE_H_
