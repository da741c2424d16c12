// The event ids that were counted. New ones are kept in memory and written behind: when enough have
// gathered, a thread sorts them into a run that RocksDB takes in whole. What a run will hold stays
// in memory until it can be read back, so an id is always found.

#ifndef OWO_STORAGE_ROCKSDB_IDS_H_
#define OWO_STORAGE_ROCKSDB_IDS_H_

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/container/flat_hash_map.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/synchronization/mutex.h"
#include "storage/event_id.h"
#include "storage/huge_pages.h"
#include "storage/rocksdb/stored_ids.h"
#include "storage/thread.h"
#include "storage/types.h"

namespace owo::storage {

// Not thread-safe: the committer's. Its own thread writes runs.
class Ids {
 public:
  // `run_size`: ids in a run. `stored` outlives the ids.
  Ids(Database& database, StoredIds& stored, size_t run_size);
  ~Ids();

  // `stored_version`: the one at which it was found not to be stored.
  absl::StatusOr<std::optional<IdRow>> Find(TenantId tenant, const EventId& id,
                                            std::optional<uint64_t> stored_version) const;
  // Begins to load what Find and Put of this id will look at.
  void Prefetch(TenantId tenant, const EventId& id) const;
  void Put(TenantId tenant, const EventId& id, const IdRow& row);

  // After each durable commit. Gives the first sequence whose ids the stored runs may lack.
  absl::StatusOr<uint64_t> Settle(uint64_t sequence);
  // Returns once all are stored.
  absl::Status Drain();
  // Begins to add stored ids to the filter, which takes a processor for a while.
  void FillFilter();

 private:
  struct Key {
    TenantId tenant{};
    EventId id;
    friend bool operator==(const Key&, const Key&) = default;
    template <typename H>
    friend H AbslHashValue(H h, const Key& key) {
      return H::combine(std::move(h), key.tenant, key.id);
    }
  };
  using Map = absl::flat_hash_map<Key, IdRow, absl::Hash<Key>, std::equal_to<Key>,
                                  HugePages<std::pair<const Key, IdRow>>>;
  struct Sortable {
    TenantId tenant{};
    uint64_t prefix = 0;  // the id's first 8 bytes, which nearly always decide
    const Map::value_type* entry = nullptr;
  };

  // Hands the fresh ids over to be written. REQUIRES: no run is being written.
  void Seal() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  void Run();
  static std::vector<Sortable> Sorted(const Map& ids);
  absl::Status WriteRun(const Map& ids, uint64_t number);
  bool Idle() const ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_) { return !writing_ || !failure_.ok(); }
  bool Work() const ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_) {
    return stopping_ || writing_ || filling_;
  }

  Database& database_;
  StoredIds& stored_;
  const size_t run_size_;

  // The committer's.
  Map fresh_;
  uint64_t fresh_since_ = 0;  // the first sequence whose ids are in fresh_, not in sealed_
  uint64_t sealed_since_ = 0;

  // Constant while a run is being written: both threads read it.
  std::shared_ptr<const Map> sealed_;

  absl::Mutex mutex_;
  bool writing_ ABSL_GUARDED_BY(mutex_) = false;
  bool filling_ ABSL_GUARDED_BY(mutex_) = false;
  bool stopping_ ABSL_GUARDED_BY(mutex_) = false;
  uint64_t runs_ ABSL_GUARDED_BY(mutex_) = 0;
  absl::Status failure_ ABSL_GUARDED_BY(mutex_);

  Thread thread_;  // last: runs while everything above lives
};

}  // namespace owo::storage

#endif  // OWO_STORAGE_ROCKSDB_IDS_H_
