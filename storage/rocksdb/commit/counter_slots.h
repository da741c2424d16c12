// The counters of an account in the writer's memory, in order of their keys.
//
//   CounterSlots slots;
//   slots.Insert(std::move(counter));
//   if (CounterSlot* slot = slots.Find(key)) slot->dirty = true;

#ifndef OWO_STORAGE_ROCKSDB_COMMIT_COUNTER_SLOTS_H_
#define OWO_STORAGE_ROCKSDB_COMMIT_COUNTER_SLOTS_H_

#include <cstddef>
#include <cstdint>
#include <vector>

#include "storage/rocksdb/format/event_chunk.h"
#include "storage/types.h"
#include "storage/util/prefetch.h"

namespace owo::storage {

// The fields that an event changes come first, next to each other in memory.
struct CounterSlot {
  uint64_t changed = 0;        // sequence of the commit that last changed it
  bool cover_changed = false;  // in this commit
  bool dirty = false;          // its row is older
  EventChunk events;           // the newest events, which are not in a stored chunk yet
  Counter counter;
};

// Not thread-safe. Pointers and indexes of slots are valid until the next Insert.
class CounterSlots {
 public:
  // Null if there is no such counter.
  CounterSlot* Find(const CounterKey& key);
  // REQUIRES: there is no counter with this key.
  CounterSlot& Insert(Counter counter);

  // Makes the next Find try this index first, which IndexHint returned. A wrong hint only costs
  // time.
  void UseHint(size_t index) { latest_ = index; }
  // Prefetches the memory that IndexHint reads.
  void PrefetchKeys() const { Prefetch(keys_.data()); }
  // Returns the index at which Find will find the counter, if it is there. Prefetches the slot.
  size_t IndexHint(const CounterKey& key) const;
  // Prefetches what the next event of the counter at this index will change. Reads the slot, so the
  // slot should have been prefetched before.
  void PrefetchEvents(size_t index) const;

  size_t size() const { return slots_.size(); }
  size_t IndexOf(const CounterSlot& slot) const {
    return static_cast<size_t>(&slot - slots_.data());
  }
  CounterSlot& operator[](size_t index) { return slots_[index]; }
  const CounterSlot& operator[](size_t index) const { return slots_[index]; }
  auto begin() { return slots_.begin(); }
  auto end() { return slots_.end(); }
  auto begin() const { return slots_.begin(); }
  auto end() const { return slots_.end(); }

 private:
  std::vector<CounterKey> keys_;  // of slots_, so that a search reads only a few cache lines
  std::vector<CounterSlot> slots_;
  size_t latest_ = 0;  // index that was found last: an event looks up its counter several times
};

}  // namespace owo::storage

#endif  // OWO_STORAGE_ROCKSDB_COMMIT_COUNTER_SLOTS_H_
