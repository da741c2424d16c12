// The event ids that were counted. New ones are kept in memory and written behind: when enough have
// gathered, a thread sorts them into a run that RocksDB takes in whole. What a run will hold stays
// in memory until it can be read back, so an id is always found.

#ifndef OWO_STORAGE_ROCKSDB_IDS_H_
#define OWO_STORAGE_ROCKSDB_IDS_H_

#include <atomic>
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
#include "storage/rocksdb/database.h"
#include "storage/rocksdb/id_filter.h"
#include "storage/thread.h"
#include "storage/types.h"

namespace owo::storage {

// A counted id: a fingerprint of the event's content, how it was answered, and where it stands.
struct IdRow {
  uint64_t fingerprint = 0;
  uint64_t sequence : 63 = 0;  // of the journal record
  uint64_t over : 1 = 0;

  friend bool operator==(const IdRow&, const IdRow&) = default;
};
std::string PackIdRow(const IdRow& row);
absl::StatusOr<IdRow> UnpackIdRow(std::string_view bytes);
uint64_t Fingerprint(CustomerNo customer, FeatureNo feature, Quantity quantity);

// Not thread-safe: the committer's. Its own thread writes runs.
class Ids {
 public:
  // `run_size`: ids in a run. `filter_bytes`: of what tells which ids are new; 0: nothing does.
  Ids(Database& database, size_t run_size, size_t filter_bytes = 0);
  ~Ids();

  absl::StatusOr<std::optional<IdRow>> Find(TenantId tenant, const EventId& id);
  // Begins to load what Find and Put of this id will look at.
  void Prefetch(TenantId tenant, const EventId& id) const;
  void Put(TenantId tenant, const EventId& id, const IdRow& row);
  // Drops those that no run has and no run is being made of: of who folds, and stores no ids.
  void Forget() { fresh_.clear(); }

  // After each durable commit. Gives the first sequence whose ids the stored runs may lack.
  absl::StatusOr<uint64_t> Settle(uint64_t sequence);
  // Returns once all are stored.
  absl::Status Drain();

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
  using Map = absl::flat_hash_map<Key, IdRow>;
  struct Sortable {
    TenantId tenant{};
    uint64_t prefix = 0;  // the id's first 8 bytes, which nearly always decide
    const Map::value_type* entry = nullptr;
  };

  // Hands the fresh ids over to be written. REQUIRES: no run is being written.
  void Seal() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  void Run();
  // Adds some more stored ids to the filter, which then knows all; false when there is no more.
  bool FillFilter();
  static std::vector<Sortable> Sorted(const Map& ids);
  absl::Status WriteRun(const Map& ids, uint64_t number);
  bool Idle() const ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_) { return !writing_ || !failure_.ok(); }
  bool Work() const ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_) { return stopping_ || writing_; }

  Database& database_;
  const size_t run_size_;

  // Has every id that is in memory and, once it is filled, every one that is stored. Null: none.
  std::unique_ptr<IdFilter> filter_;
  std::atomic<bool> filled_ = false;
  std::unique_ptr<rocksdb::Iterator> to_fill_;  // of the own thread

  // The committer's.
  Map fresh_;
  uint64_t fresh_since_ = 0;  // the first sequence whose ids are in fresh_, not in sealed_
  uint64_t sealed_since_ = 0;
  std::string greatest_;  // no stored id is greater

  // Constant while a run is being written: both threads read it.
  std::shared_ptr<const Map> sealed_;

  absl::Mutex mutex_;
  bool writing_ ABSL_GUARDED_BY(mutex_) = false;
  bool stopping_ ABSL_GUARDED_BY(mutex_) = false;
  uint64_t runs_ ABSL_GUARDED_BY(mutex_) = 0;
  absl::Status failure_ ABSL_GUARDED_BY(mutex_);

  Thread thread_;  // last: runs while everything above lives
};

}  // namespace owo::storage

#endif  // OWO_STORAGE_ROCKSDB_IDS_H_
