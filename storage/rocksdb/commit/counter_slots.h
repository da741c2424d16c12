// The counters of an account as the writer has them, in order of their keys.
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

// What an event changes lies together, and ahead of what it does not.
struct CounterSlot {
  uint64_t changed = 0;        // sequence of the commit that last changed it
  bool cover_changed = false;  // in this commit
  bool dirty = false;          // its row is older
  EventChunk events;           // its newest: those that stand in no chunk yet
  Counter counter;
};

// Not thread-safe. Slots stay where they are until the next Insert.
class CounterSlots {
 public:
  // Null when there is none.
  CounterSlot* Find(const CounterKey& key);
  // REQUIRES: there is none of this counter's key.
  CounterSlot& Insert(Counter counter);

  // Where to look first when a key is looked for, as IndexHint told; whatever it is, Find finds.
  void UseHint(size_t index) { latest_ = index; }
  // Begins to load what IndexHint looks at.
  void PrefetchKeys() const { Prefetch(keys_.data()); }
  // Of a counter that may be here: where Find will find it. Begins to load it.
  size_t IndexHint(const CounterKey& key) const;
  // Begins to load what the next event of the counter at this place will change, when the slot
  // itself is there.
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
  std::vector<CounterKey> keys_;  // of the slots: a search reads a few lines of memory
  std::vector<CounterSlot> slots_;
  size_t latest_ = 0;  // that was found: an event asks for its own several times
};

}  // namespace owo::storage

#endif  // OWO_STORAGE_ROCKSDB_COMMIT_COUNTER_SLOTS_H_
