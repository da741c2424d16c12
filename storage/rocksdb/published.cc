#include "storage/rocksdb/published.h"

#include <algorithm>

namespace owo::storage {

const Counter* PublishedAccount::Find(const CounterKey& key) const {
  const auto at =
      std::lower_bound(counters.begin(), counters.end(), key,
                       [](const auto& counter, const CounterKey& k) { return counter->key < k; });
  return at != counters.end() && (*at)->key == key ? at->get() : nullptr;
}

PublishedPtr Published::Find(const AccountKey& key) const {
  const Shard& shard = ShardOf(key);
  const absl::MutexLock lock(&shard.mutex);
  const auto found = shard.accounts.find(key);
  return found == shard.accounts.end() ? nullptr : found->second;
}

void Published::Put(const AccountKey& key, PublishedPtr account) {
  Shard& shard = ShardOf(key);
  {
    const absl::MutexLock lock(&shard.mutex);
    PublishedPtr& there = shard.accounts[key];
    if (there != nullptr && (account->usage_version < there->usage_version ||
                             account->cut_version < there->cut_version)) {
      return;
    }
    there.swap(account);
  }
  // What was there before ends here, outside the lock.
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
