// The event ids that are stored in RocksDB. Lookups run before a command reaches the writer, many
// ids at once and several commands in parallel. The writer itself looks up only ids that may have
// been stored since.

#ifndef OWO_STORAGE_ROCKSDB_IDS_STORED_IDS_H_
#define OWO_STORAGE_ROCKSDB_IDS_STORED_IDS_H_

#include <atomic>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/synchronization/mutex.h"
#include "storage/commands.h"
#include "storage/rocksdb/engine/database.h"
#include "storage/rocksdb/format/id_row.h"
#include "storage/rocksdb/ids/id_filter.h"
#include "storage/types.h"

namespace owo::storage {

// Which ids of a command's events are stored.
struct IdsFound {
  std::vector<std::pair<size_t, IdRow>> stored;  // by index in the command's events, ascending
  // No other id of the command is stored while StoredIds::version() has this value. nullopt: it is
  // not known whether they are.
  std::optional<uint64_t> version;
};

// Thread-safe.
class StoredIds {
 public:
  // `filter_bytes`: memory of the filter that recognizes new ids; 0 for no filter. `database` must
  // outlive this object.
  StoredIds(Database& database, size_t filter_bytes);

  // Incremented after ids were stored.
  uint64_t version() const { return version_.load(std::memory_order_acquire); }

  // Returns the row of a stored id; nullopt if the id is not stored. May read from disk.
  absl::StatusOr<std::optional<IdRow>> Find(const IdKey& key) const;
  // Returns an empty result if memory alone shows that no id of the command is stored; nullopt if
  // the disk has to be read. Does not block.
  std::optional<IdsFound> FindInMemory(const TrackCommand& command) const;
  // Looks up all ids of the command. May read from disk. If a row cannot be read, the result has no
  // version, so that Find reads the row again and reports the error.
  IdsFound FindAll(const TrackCommand& command) const;

  // Adds an id that is in memory or stored to the filter.
  void Add(const IdKey& key);
  // Whether the filter has all stored ids. Until then IsNew is always false.
  bool filled() const { return filled_.load(std::memory_order_acquire); }
  // True if the id is neither in memory nor stored. False if it is, or if that is not known.
  bool IsNew(const IdKey& key) const;
  // Prefetches the memory that Add and IsNew of this id will read.
  void Prefetch(const IdKey& key) const;

  // Stores the ids of a run.
  absl::Status Ingest(const rocksdb::ExternalSstFileInfo& run);

  // An iterator over the ids that Fill has to add to the filter. Null if there is nothing to do: no
  // filter, one that is filled already, or one that is too small for the number of stored ids.
  std::unique_ptr<rocksdb::Iterator> ToFill() const;
  // Adds the next stored ids. Returns false after the last one, or if the rest cannot be read.
  // After the last one filled() is true.
  bool Fill(rocksdb::Iterator& rest);

  // Not OK if the greatest stored key could not be read: without it every id would look new.
  absl::Status status() const { return opened_; }

 private:
  // Calls `each` with the indexes of events whose ids may be stored, until it returns false.
  template <typename Each>
  void ForEachMaybe(const TrackCommand& command, Each each) const;
  // Reads the ids of the events at `indexes` of the command. Returns false if some row could not be
  // read. REQUIRES: not more indexes than fit one read.
  bool FindSome(const TrackCommand& command, std::span<const size_t> indexes,
                IdsFound& found) const;

  Database& database_;
  absl::Status opened_;
  std::atomic<uint64_t> version_ = 0;

  // Has every id that is in memory and, once filled, every id that is stored. Null: no filter.
  const std::unique_ptr<IdFilter> filter_;
  std::atomic<bool> filled_ = false;

  mutable absl::Mutex mutex_;
  std::string greatest_ ABSL_GUARDED_BY(mutex_);  // no stored key is greater
};

}  // namespace owo::storage

#endif  // OWO_STORAGE_ROCKSDB_IDS_STORED_IDS_H_
