// The RocksDB database under the store: its column families, options, and typed failures.

#ifndef OWO_STORAGE_ROCKSDB_ENGINE_DATABASE_H_
#define OWO_STORAGE_ROCKSDB_ENGINE_DATABASE_H_

#include <rocksdb/db.h>
#include <rocksdb/sst_file_writer.h>

#include <array>
#include <atomic>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

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

// The format that is written. Written with the first row, so that a store which is only opened, and
// had nothing to replay, stays readable for the former version.
inline constexpr std::string_view kFormatVersion = "5";
// Formats of the former version: 4 from the first journal record on that was dropped. Both are
// read.
inline constexpr std::string_view kFormerFormat = "3";
inline constexpr std::string_view kFormerArchivedFormat = "4";

// In the data directory: LOCK, WATERMARK, and the directory `db`, which is RocksDB's.
//
// Thread-safe, but for Acknowledge, SyncWatermark and Resume: the writing thread's.
class Database {
 public:
  // What becomes of opening where the disk has no room for what that writes.
  enum class OnFullDisk { kFail, kRead };
  // DATA_LOSS when it lacks what was acknowledged, as far as the watermark knows.
  static absl::StatusOr<std::unique_ptr<Database>> Open(const OpenOptions& options,
                                                        OnFullDisk on_full = OnFullDisk::kFail);
  ~Database();

  // A row; nullopt when there is none. No row is empty, so DATA_LOSS when what stands there is: in
  // RocksDB an empty value can also mean that a table was not looked into. In memory only,
  // ReadNeedsDisk() when memory does not tell.
  absl::StatusOr<std::optional<std::string>> Get(const ReadOptions& read, ColumnFamily family,
                                                 std::string_view key,
                                                 const rocksdb::Snapshot* snapshot = nullptr) const;
  // The same, for threads that may block.
  absl::StatusOr<std::optional<std::string>> Get(
      ColumnFamily family, std::string_view key,
      const rocksdb::Snapshot* snapshot = nullptr) const {
    return Get(kReadAll, family, key, snapshot);
  }
  // An iterator that is not valid is at the end only if its status is OK; FromRead says what else
  // it is. `options.read_tier` is overwritten.
  std::unique_ptr<rocksdb::Iterator> Iterate(const ReadOptions& read, ColumnFamily family,
                                             const rocksdb::ReadOptions& options = {}) const;
  // The same, for threads that may block.
  std::unique_ptr<rocksdb::Iterator> Iterate(ColumnFamily family,
                                             const rocksdb::ReadOptions& options = {}) const {
    return Iterate(kReadAll, family, options);
  }
  // About how many there are.
  uint64_t EstimatedRows(ColumnFamily family) const;
  // Returns once the batch is durable (unless the store was opened unsynced).
  absl::Status Write(rocksdb::WriteBatch& batch);
  // To be called when the journal's record of this sequence is durable, before it is answered.
  absl::Status Acknowledge(uint64_t sequence);
  // Whether SyncWatermark has something to do.
  bool watermark_synced() const { return watermark_->synced(); }
  absl::Status SyncWatermark() { return watermark_->Sync(); }
  // DiskFull, and why, if it was opened for reading as the disk was full. Then what is written goes
  // to memory, and is gone when the database is opened again: rows that the journal's tail replays
  // to. OK if it was opened for writing.
  const absl::Status& full() const { return full_; }
  // Opens it for reading, as above. REQUIRES: as Resume.
  absl::Status OpenForReading(const absl::Status& full);
  // From here on what is open for reading refuses writes.
  void RefuseWrites() { refuses_writes_ = !full_.ok(); }
  // Takes writes again after one failed on a full disk: waits for readers, and opens what is
  // durable again. RESOURCE_EXHAUSTED while the disk is full: it can be read then. After another
  // failure it may not be open. REQUIRES: nothing writes, and no iterator is left but under
  // in_use().
  absl::Status Resume();
  // Held by readers, so that it stays open, or closed, meanwhile.
  absl::Mutex& in_use() const { return in_use_; }
  bool is_open() const { return db_ != nullptr; }

  // A file of sorted rows for a column family, written apart and then taken in whole.
  std::string RunPath(uint64_t number) const;
  absl::StatusOr<std::unique_ptr<rocksdb::SstFileWriter>> NewRun(ColumnFamily family,
                                                                 const std::string& path) const;
  absl::Status Ingest(ColumnFamily family, const rocksdb::ExternalSstFileInfo& run);
  // Makes durable what was written, where that did not wait for it.
  absl::Status SyncLog();
  // Frees what the deleted rows of a column family before `end` take, unless it can only be read.
  // It must not follow work in the background that ended writing: then that failure.
  absl::Status Compact(ColumnFamily family, std::string_view end, std::atomic<bool>& cancelled);

  rocksdb::ColumnFamilyHandle* handle(ColumnFamily family) const {
    return handles_[static_cast<size_t>(family)];
  }
  rocksdb::DB& db() const { return *db_; }
  // The file system that has its files: another one after it was opened again.
  rocksdb::Env& env() const { return full_.ok() ? env_ : *overlay_.env(); }

 private:
  // Of the names of files that were not taken in yet.
  static constexpr char kRunPrefix[] = "run-";

  explicit Database(const OpenOptions& options);
  absl::Status Write(rocksdb::WriteBatch& batch, bool sync);
  absl::Status MakeDirectory() const;
  absl::Status Lock();
  absl::Status OpenFiles();
  absl::Status OpenInMemory(const absl::Status& full);
  // Makes what the logs hold durable, or fails. That takes no room.
  absl::Status SyncLogFiles() const;
  absl::Status OpenWatermark();
  absl::StatusOr<bool> HasTables() const;
  absl::Status OpenRocks();
  // RocksDB goes on without a table's properties, although they say how its index is to be read:
  // it would find nothing, or abort.
  absl::Status CheckTables() const;
  absl::Status CheckFormat();
  absl::Status CheckWatermark() const;
  absl::Status DropRuns(rocksdb::Env& env) const;
  absl::StatusOr<uint64_t> SpaceToOpen() const;
  void Close();

  mutable absl::Mutex in_use_;

  // Constant after Open, but for Resume, which has in_use_.
  rocksdb::Env& env_;
  const std::unique_ptr<rocksdb::Env> wal_env_;
  Overlay overlay_;
  const bool is_machines_;  // the file system
  const std::string data_dir_;
  const std::string directory_;
  const bool sync_;
  const TableLimits limits_;
  const size_t cache_bytes_;
  rocksdb::FileLock* lock_ = nullptr;
  std::unique_ptr<Watermark> watermark_;
  std::shared_ptr<BackgroundFailure> background_;
  std::unique_ptr<rocksdb::DB> db_;
  absl::Status full_;
  bool refuses_writes_ = false;
  uint64_t opening_bytes_ = 0;  // that opening for reading wrote to memory
  std::array<rocksdb::ColumnFamilyHandle*, kColumnFamilyNames.size()> handles_{};
};

}  // namespace owo::storage

#endif  // OWO_STORAGE_ROCKSDB_ENGINE_DATABASE_H_
