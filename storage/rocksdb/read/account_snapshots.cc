#include "storage/rocksdb/read/account_snapshots.h"

#include <algorithm>

namespace owo::storage {

const Counter* AccountSnapshot::Find(const CounterKey& key) const {
  const auto at =
      std::lower_bound(counters.begin(), counters.end(), key,
                       [](const Counter& counter, const CounterKey& k) { return counter.key < k; });
  return at != counters.end() && at->key == key ? &*at : nullptr;
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
