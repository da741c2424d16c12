// Account snapshots: the accounts that the writer has in memory, as the newest durable commit left
// them, for readers. All other accounts are read from their rows. Also the generations of catalogs.

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

// Has every open counter with the earlier segments of its group, and every counter that is newer
// than its row.
struct AccountSnapshot {
  uint64_t customer_generation = 0;
  uint64_t usage_version = 0;
  uint64_t invoice_version = 0;
  std::optional<Micros> latest_event;
  std::vector<Counter> counters;  // ascending by key

  // Null if the snapshot does not have the counter.
  const Counter* Find(const CounterKey& key) const;
};

// Thread-safe: one writer, any number of readers. They block each other for no longer than it takes
// to copy one account.
class AccountSnapshots {
 public:
  // Calls `look` with the account's snapshot, under a lock; false if there is none. `look` must not
  // keep references to it.
  template <typename Look>
  bool Find(const AccountKey& key, Look look) const {
    const Shard& shard = ShardOf(key);
    const absl::MutexLock lock(&shard.mutex);
    const auto found = shard.accounts.find(key);
    if (found == shard.accounts.end()) return false;
    look(std::as_const(*found->second));
    return true;
  }

  // Calls `change` with the account's snapshot, under a lock. Creates the snapshot if there is
  // none.
  template <typename Change>
  void Put(const AccountKey& key, Change change) {
    Shard& shard = ShardOf(key);
    const absl::MutexLock lock(&shard.mutex);
    std::unique_ptr<AccountSnapshot>& account = shard.accounts[key];
    if (account == nullptr) account = std::make_unique<AccountSnapshot>();
    change(*account);
  }

  // The same, but does nothing if there is no snapshot.
  template <typename Change>
  void Update(const AccountKey& key, Change change) {
    Shard& shard = ShardOf(key);
    const absl::MutexLock lock(&shard.mutex);
    const auto found = shard.accounts.find(key);
    if (found != shard.accounts.end()) change(*found->second);
  }

  // The generation of the customer of an account; nullopt if there is no snapshot, so that its row
  // has it.
  std::optional<uint64_t> CustomerGeneration(const AccountKey& key) const;
  // The generation of a tenant's catalog; nullopt if it was not set, so that its row has it.
  std::optional<uint64_t> CatalogGeneration(TenantId tenant) const;
  // To be called before the accounts that were changed at this generation are put. An older
  // generation than the one set is ignored.
  void SetCatalogGeneration(TenantId tenant, uint64_t generation);

  void Remove(const AccountKey& key);
  // Removes the snapshots of all accounts for which `keep` returns false.
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

  mutable absl::Mutex catalogs_mutex_;
  absl::flat_hash_map<TenantId, uint64_t> catalog_generations_ ABSL_GUARDED_BY(catalogs_mutex_);
};

}  // namespace owo::storage

#endif  // OWO_STORAGE_ROCKSDB_READ_ACCOUNT_SNAPSHOTS_H_
