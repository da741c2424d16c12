// A hash table of event ids that keeps them in order of arrival. Ids that rise with time are then
// nearly sorted, and iterating over all ids reads memory sequentially.
//
//   RecentIds recent(900'000);
//   recent.Put(key, row);
//   if (const IdRow* row = recent.Find(key)) …

#ifndef OWO_STORAGE_ROCKSDB_IDS_RECENT_IDS_H_
#define OWO_STORAGE_ROCKSDB_IDS_RECENT_IDS_H_

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "storage/event_id.h"
#include "storage/rocksdb/format/id_row.h"
#include "storage/types.h"
#include "storage/util/huge_pages.h"
#include "storage/util/prefetch.h"

namespace owo::storage {

// Not thread-safe for changes; any number of threads may read at the same time.
class RecentIds {
 public:
  struct Entry {
    EventId id;
    TenantId tenant{};
    IdRow row;

    bool IsOf(const Entry& other) const { return id == other.id && tenant == other.tenant; }
  };

  // Reserves room for `expected` ids; more may be put.
  explicit RecentIds(size_t expected);

  // Null if the id is not in the table. Valid until the next Put.
  const IdRow* Find(const IdKey& key) const;
  // REQUIRES: the id is not in the table.
  void Put(const IdKey& key, const IdRow& row);
  // Prefetches the memory that Find and Put of this key read first.
  void Prefetch(const IdKey& key) const { storage::Prefetch(&table_[StartOf(key.hash)]); }

  std::span<const Entry> entries() const { return entries_; }
  size_t size() const { return entries_.size(); }
  bool empty() const { return entries_.empty(); }
  // Removes all ids. Keeps the memory for the expected number of ids, for reuse.
  void Clear();

 private:
  // A slot of the table is 0 if empty. Otherwise its low bits hold the number of an entry, counted
  // from 1, and its high bits a part of the entry's hash, so that entries of other ids are rarely
  // read.
  size_t StartOf(uint64_t hash) const { return hash & mask_; }
  size_t Next(size_t slot) const { return (slot + 1) & mask_; }
  uint32_t TagOf(uint64_t hash) const {
    return static_cast<uint32_t>(hash >> 32) & ~static_cast<uint32_t>(mask_);
  }
  void Insert(uint64_t hash, uint32_t number);
  void Grow();

  size_t expected_ = 0;
  std::vector<Entry, HugePages<Entry>> entries_;
  std::vector<uint32_t, HugePages<uint32_t>> table_;  // size: a power of two; at most half full
  size_t mask_ = 0;
};

}  // namespace owo::storage

#endif  // OWO_STORAGE_ROCKSDB_IDS_RECENT_IDS_H_
