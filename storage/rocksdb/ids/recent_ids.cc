#include "storage/rocksdb/ids/recent_ids.h"

#include <algorithm>

namespace owo::storage {
namespace {

// A store that is opened to be looked at should not have to make a large table ready.
constexpr size_t kPlacesMin = 1024;

}  // namespace

RecentIds::RecentIds(size_t expected)
    : expected_(expected), places_(kPlacesMin), mask_(places_.size() - 1) {
  // A few more come while the run before is written.
  entries_.reserve(expected + expected / 8);
}

const IdRow* RecentIds::Find(const IdKey& key) const {
  const uint32_t tag = TagOf(key.hash);
  for (size_t place = StartOf(key.hash); places_[place] != 0; place = Next(place)) {
    const auto bits = static_cast<uint32_t>(mask_);
    if ((places_[place] & ~bits) != tag) continue;
    const Entry& entry = entries_[(places_[place] & bits) - 1];
    if (entry.id == key.id && entry.tenant == key.tenant) return &entry.row;
  }
  return nullptr;
}

void RecentIds::Put(const IdKey& key, const IdRow& row) {
  if (2 * (entries_.size() + 1) > places_.size()) Grow();
  entries_.push_back({.id = key.id, .tenant = key.tenant, .row = row});
  Insert(key.hash, static_cast<uint32_t>(entries_.size()));
}

void RecentIds::Insert(uint64_t hash, uint32_t number) {
  size_t place = StartOf(hash);
  while (places_[place] != 0) place = Next(place);
  places_[place] = TagOf(hash) | number;
}

void RecentIds::Grow() {
  places_.assign(2 * places_.size(), 0);
  mask_ = places_.size() - 1;
  uint32_t number = 0;
  for (const Entry& entry : entries_) Insert(IdKey(entry.tenant, entry.id).hash, ++number);
}

void RecentIds::Clear() {
  if (entries_.empty()) return;
  if (entries_.size() > expected_ + expected_ / 8) {  // they took more
    *this = RecentIds(expected_);
    return;
  }
  entries_.clear();
  std::fill(places_.begin(), places_.end(), 0);
}

}  // namespace owo::storage
