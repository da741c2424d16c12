// Accounts as the newest durable commit left them, for readers: those that the writer has in
// memory. What is not here stands in rows.

#ifndef OWO_STORAGE_ROCKSDB_PUBLISHED_H_
#define OWO_STORAGE_ROCKSDB_PUBLISHED_H_

#include <array>
#include <functional>
#include <memory>
#include <optional>
#include <utility>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/container/flat_hash_map.h"
#include "absl/hash/hash.h"
#include "absl/synchronization/mutex.h"
#include "storage/types.h"

namespace owo::storage {

// The key of a customer's account.
using AccountKey = std::pair<TenantId, CustomerNo>;

// Immutable once published.
struct PublishedAccount {
  uint64_t usage_version = 0;
  uint64_t cut_version = 0;
  std::optional<Micros> latest_event;
  // Ascending by key. Every open counter with the earlier segments of its group, and every one
  // whose row is older than what is here.
  std::vector<std::shared_ptr<const Counter>> counters;

  // Null when it is not among them.
  const Counter* Find(const CounterKey& key) const;
};
using PublishedPtr = std::shared_ptr<const PublishedAccount>;

// Thread-safe: one writer, any number of readers.
class Published {
 public:
  PublishedPtr Find(const AccountKey& key) const;
  // What is there already and newer stays: a replay must not take readers back.
  void Put(const AccountKey& key, PublishedPtr account);
  void Remove(const AccountKey& key);
  // Removes all others.
  void Keep(const std::function<bool(const AccountKey&)>& keep);

 private:
  struct Shard {
    mutable absl::Mutex mutex;
    absl::flat_hash_map<AccountKey, PublishedPtr> accounts ABSL_GUARDED_BY(mutex);
  };
  static constexpr size_t kShards = 64;

  const Shard& ShardOf(const AccountKey& key) const { return shards_[absl::HashOf(key) % kShards]; }
  Shard& ShardOf(const AccountKey& key) { return shards_[absl::HashOf(key) % kShards]; }

  std::array<Shard, kShards> shards_;
};

}  // namespace owo::storage

#endif  // OWO_STORAGE_ROCKSDB_PUBLISHED_H_
