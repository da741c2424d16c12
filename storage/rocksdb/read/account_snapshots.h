// Accounts as the newest durable commit left them, for readers: those that the writer has in
// memory. What is not here stands in rows.

#ifndef OWO_STORAGE_ROCKSDB_READ_ACCOUNT_SNAPSHOTS_H_
#define OWO_STORAGE_ROCKSDB_READ_ACCOUNT_SNAPSHOTS_H_

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

// Every open counter with the earlier segments of its group, and every one whose row is older than
// what is here.
struct AccountSnapshot {
  uint64_t usage_version = 0;
  uint64_t invoice_version = 0;
  std::optional<Micros> latest_event;
  std::vector<Counter> counters;  // ascending by key

  // Null when it is not among them.
  const Counter* Find(const CounterKey& key) const;
};

// Thread-safe: one writer, any number of readers. Each holds up the other for as long as it takes
// to copy an account's numbers.
class AccountSnapshots {
 public:
  // Lets `look` see an account; false if it is not here. Nothing of it may be kept.
  template <typename Look>
  bool Find(const AccountKey& key, Look look) const {
    const Shard& shard = ShardOf(key);
    const absl::MutexLock lock(&shard.mutex);
    const auto found = shard.accounts.find(key);
    if (found == shard.accounts.end()) return false;
    look(std::as_const(*found->second));
    return true;
  }

  // Lets `change` change an account, which is made if it was not here.
  template <typename Change>
  void Put(const AccountKey& key, Change change) {
    Shard& shard = ShardOf(key);
    const absl::MutexLock lock(&shard.mutex);
    std::unique_ptr<AccountSnapshot>& account = shard.accounts[key];
    if (account == nullptr) account = std::make_unique<AccountSnapshot>();
    change(*account);
  }

  void Remove(const AccountKey& key);
  // Removes all others.
  void Keep(const std::function<bool(const AccountKey&)>& keep);

 private:
  struct Shard {
    mutable absl::Mutex mutex;
    absl::flat_hash_map<AccountKey, std::unique_ptr<AccountSnapshot>> accounts
        ABSL_GUARDED_BY(mutex);
  };
  static constexpr size_t kShards = 64;

  const Shard& ShardOf(const AccountKey& key) const { return shards_[absl::HashOf(key) % kShards]; }
  Shard& ShardOf(const AccountKey& key) { return shards_[absl::HashOf(key) % kShards]; }

  std::array<Shard, kShards> shards_;
};

}  // namespace owo::storage

#endif  // OWO_STORAGE_ROCKSDB_READ_ACCOUNT_SNAPSHOTS_H_
