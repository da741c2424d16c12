// The event ids that stand in tables. They are looked for where calls come in, many at once and
// beside each other, before the writer sees the command; the writer looks itself only for what may
// have become stored since.

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
  std::vector<std::pair<size_t, IdRow>> stored;  // by place in the command, ascending
  // No other id of the command is stored as long as this is the version; nullopt: nothing is known
  // of them.
  std::optional<uint64_t> version;
};

// Thread-safe.
class StoredIds {
 public:
  // `filter_bytes`: of what tells which ids are new; 0: nothing does.
  StoredIds(Database& database, size_t filter_bytes);

  // Rises whenever ids became stored.
  uint64_t version() const { return version_.load(std::memory_order_acquire); }

  absl::StatusOr<std::optional<IdRow>> Find(const IdKey& key) const;
  // When memory tells that none is stored; else nullopt.
  std::optional<IdsFound> FindInMemory(const TrackCommand& command) const;
  // What cannot be read is left to Find.
  IdsFound FindAll(const TrackCommand& command) const;

  // Ids that are in memory, or stored.
  void Add(const IdKey& key);
  // Whether IsNew knows.
  bool filled() const { return filled_.load(std::memory_order_acquire); }
  // Whether it is neither; false when that is not known.
  bool IsNew(const IdKey& key) const;
  // Begins to load what Add and IsNew of this id will look at.
  void Prefetch(const IdKey& key) const;

  absl::Status Ingest(const rocksdb::ExternalSstFileInfo& run);

  // What Fill has yet to add to the filter; null when that is nothing.
  std::unique_ptr<rocksdb::Iterator> ToFill() const;
  // Adds some more stored ids; false when there is no more, or the rest cannot be read. After the
  // last, IsNew knows.
  bool Fill(rocksdb::Iterator& rest);

  // Without the greatest, all ids would be taken for new.
  absl::Status status() const { return opened_; }

 private:
  // Calls `each` with the places of events whose ids may be stored, until it returns false.
  template <typename Each>
  void ForEachMaybe(const TrackCommand& command, Each each) const;
  // REQUIRES: `indexes` are of `command`, and as many as one read is to have at most.
  bool FindSome(const TrackCommand& command, std::span<const size_t> indexes,
                IdsFound& found) const;

  Database& database_;
  absl::Status opened_;
  std::atomic<uint64_t> version_ = 0;

  // Has every id that is in memory and, once it is filled, every one that is stored. Null: none.
  const std::unique_ptr<IdFilter> filter_;
  std::atomic<bool> filled_ = false;

  mutable absl::Mutex mutex_;
  std::string greatest_ ABSL_GUARDED_BY(mutex_);  // no stored key is greater
};

}  // namespace owo::storage

#endif  // OWO_STORAGE_ROCKSDB_IDS_STORED_IDS_H_
