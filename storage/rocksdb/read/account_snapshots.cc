#include "storage/rocksdb/read/account_snapshots.h"

#include <algorithm>

namespace owo::storage {

const Counter* AccountSnapshot::Find(const CounterKey& key) const {
  const auto at =
      std::lower_bound(counters.begin(), counters.end(), key,
                       [](const Counter& counter, const CounterKey& k) { return counter.key < k; });
  return at != counters.end() && at->key == key ? &*at : nullptr;
}

std::optional<uint64_t> AccountSnapshots::CustomerGeneration(const AccountKey& key) const {
  std::optional<uint64_t> generation;
  Find(key, [&](const AccountSnapshot& snapshot) { generation = snapshot.customer_generation; });
  return generation;
}

std::optional<uint64_t> AccountSnapshots::CatalogGeneration(TenantId tenant) const {
  const absl::ReaderMutexLock lock(&catalogs_mutex_);
  const auto found = catalog_generations_.find(tenant);
  return found == catalog_generations_.end() ? std::nullopt : std::optional(found->second);
}

void AccountSnapshots::SetCatalogGeneration(TenantId tenant, uint64_t generation) {
  const absl::MutexLock lock(&catalogs_mutex_);
  uint64_t& known = catalog_generations_[tenant];
  known = std::max(known, generation);
}

void AccountSnapshots::Remove(const AccountKey& key) {
  Shard& shard = ShardOf(key);
  const absl::MutexLock lock(&shard.mutex);
  shard.accounts.erase(key);
}

void AccountSnapshots::Keep(const std::function<bool(const AccountKey&)>& keep) {
  for (Shard& shard : shards_) {
    const absl::MutexLock lock(&shard.mutex);
    absl::erase_if(shard.accounts, [&keep](const auto& entry) { return !keep(entry.first); });
  }
}

}  // namespace owo::storage
