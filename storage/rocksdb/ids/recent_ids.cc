#include "storage/rocksdb/ids/recent_ids.h"

#include <algorithm>

namespace owo::storage {
namespace {

// Small, so that a store that is opened only for reading does not initialize a large table.
constexpr size_t kTableSizeMin = 1024;

}  // namespace

RecentIds::RecentIds(size_t expected)
    : expected_(expected), table_(kTableSizeMin), mask_(table_.size() - 1) {
  // Some more ids arrive while the previous run is written.
  entries_.reserve(expected + expected / 8);
}

const IdRow* RecentIds::Find(const IdKey& key) const {
  const uint32_t tag = TagOf(key.hash);
  for (size_t slot = StartOf(key.hash); table_[slot] != 0; slot = Next(slot)) {
    const auto bits = static_cast<uint32_t>(mask_);
    if ((table_[slot] & ~bits) != tag) continue;
    const Entry& entry = entries_[(table_[slot] & bits) - 1];
    if (entry.id == key.id && entry.tenant == key.tenant) return &entry.row;
  }
  return nullptr;
}

void RecentIds::Put(const IdKey& key, const IdRow& row) {
  if (2 * (entries_.size() + 1) > table_.size()) Grow();
  entries_.push_back({.id = key.id, .tenant = key.tenant, .row = row});
  Insert(key.hash, static_cast<uint32_t>(entries_.size()));
}

void RecentIds::Insert(uint64_t hash, uint32_t number) {
  size_t slot = StartOf(hash);
  while (table_[slot] != 0) slot = Next(slot);
  table_[slot] = TagOf(hash) | number;
}

void RecentIds::Grow() {
  table_.assign(2 * table_.size(), 0);
  mask_ = table_.size() - 1;
  uint32_t number = 0;
  for (const Entry& entry : entries_) Insert(IdKey(entry.tenant, entry.id).hash, ++number);
}

void RecentIds::Clear() {
  if (entries_.empty()) return;
  if (entries_.size() > expected_ + expected_ / 8) {  // the memory has grown: shrink it
    *this = RecentIds(expected_);
    return;
  }
  entries_.clear();
  std::fill(table_.begin(), table_.end(), 0);
}

}  // namespace owo::storage
