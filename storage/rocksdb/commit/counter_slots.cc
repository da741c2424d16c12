#include "storage/rocksdb/commit/counter_slots.h"

#include <algorithm>
#include <utility>

namespace owo::storage {

CounterSlot* CounterSlots::Find(const CounterKey& key) {
  if (latest_ < keys_.size() && keys_[latest_] == key) return &slots_[latest_];
  const auto at = std::lower_bound(keys_.begin(), keys_.end(), key);
  if (at == keys_.end() || *at != key) return nullptr;
  latest_ = static_cast<size_t>(at - keys_.begin());
  return &slots_[latest_];
}

CounterSlot& CounterSlots::Insert(Counter counter) {
  const auto at = std::lower_bound(keys_.begin(), keys_.end(), counter.key);
  const auto index = at - keys_.begin();
  keys_.insert(at, counter.key);
  return *slots_.insert(slots_.begin() + index, {.counter = std::move(counter)});
}

size_t CounterSlots::IndexHint(const CounterKey& key) const {
  const auto at = std::lower_bound(keys_.begin(), keys_.end(), key);
  const auto index = static_cast<size_t>(at - keys_.begin());
  if (index < slots_.size()) PrefetchAll(slots_[index]);
  return index;
}

void CounterSlots::PrefetchEvents(size_t index) const {
  if (index < slots_.size()) slots_[index].events.Prefetch();
}

}  // namespace owo::storage
