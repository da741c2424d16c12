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
  const auto place = at - keys_.begin();
  keys_.insert(at, counter.key);
  return *slots_.insert(slots_.begin() + place, {.counter = std::move(counter)});
}

size_t CounterSlots::PlaceOf(const CounterKey& key) const {
  const auto at = std::lower_bound(keys_.begin(), keys_.end(), key);
  const auto place = static_cast<size_t>(at - keys_.begin());
  if (place < slots_.size()) PrefetchAll(slots_[place]);
  return place;
}

void CounterSlots::PrefetchEvents(size_t place) const {
  if (place < slots_.size()) slots_[place].events.Prefetch();
}

}  // namespace owo::storage
