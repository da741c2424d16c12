#include "storage/rocksdb/read/published.h"

#include <algorithm>

namespace owo::storage {

const Counter* PublishedAccount::Find(const CounterKey& key) const {
  const auto at =
      std::lower_bound(counters.begin(), counters.end(), key,
                       [](const Counter& counter, const CounterKey& k) { return counter.key < k; });
  return at != counters.end() && at->key == key ? &*at : nullptr;
}

void Published::Remove(const AccountKey& key) {
  Shard& shard = ShardOf(key);
  const absl::MutexLock lock(&shard.mutex);
  shard.accounts.erase(key);
}

void Published::Keep(const std::function<bool(const AccountKey&)>& keep) {
  for (Shard& shard : shards_) {
    const absl::MutexLock lock(&shard.mutex);
    absl::erase_if(shard.accounts, [&keep](const auto& entry) { return !keep(entry.first); });
  }
}

}  // namespace owo::storage
