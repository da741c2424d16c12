// Event ids in memory, in order of arrival: ids that rise with time are nearly sorted already, and
// whoever walks over all of them reads one line of memory after the other.
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

// Not thread-safe; any number of threads may read.
class RecentIds {
 public:
  struct Entry {
    EventId id;
    TenantId tenant{};
    IdRow row;

    bool IsOf(const Entry& other) const { return id == other.id && tenant == other.tenant; }
  };

  // Has room for `expected` ids, and takes more.
  explicit RecentIds(size_t expected);

  // Null when it is not here. Good until the next Put.
  const IdRow* Find(const IdKey& key) const;
  // REQUIRES: it is not here.
  void Put(const IdKey& key, const IdRow& row);
  // Begins to load what Find and Put of this key look at first.
  void Prefetch(const IdKey& key) const { storage::Prefetch(&table_[StartOf(key.hash)]); }

  std::span<const Entry> entries() const { return entries_; }
  size_t size() const { return entries_.size(); }
  bool empty() const { return entries_.empty(); }
  // Keeps the memory for as many ids as were expected: it need not be made ready again.
  void Clear();

 private:
  // A place of the table: 0, or the number of an entry, from 1 on, in the low bits, and bits of its
  // hash above them, so that the entries of other ids are hardly ever looked at.
  size_t StartOf(uint64_t hash) const { return hash & mask_; }
  size_t Next(size_t slot) const { return (slot + 1) & mask_; }
  uint32_t TagOf(uint64_t hash) const {
    return static_cast<uint32_t>(hash >> 32) & ~static_cast<uint32_t>(mask_);
  }
  void Insert(uint64_t hash, uint32_t number);
  void Grow();

  size_t expected_ = 0;
  std::vector<Entry, HugePages<Entry>> entries_;
  std::vector<uint32_t, HugePages<uint32_t>> table_;  // a power of two; half of it is empty
  size_t mask_ = 0;
};

}  // namespace owo::storage

#endif  // OWO_STORAGE_ROCKSDB_IDS_RECENT_IDS_H_
