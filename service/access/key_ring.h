// All tenants and API keys in memory: what the authenticator asks at each call, and what the Admin
// service shows.
//
//   KeyRing ring;
//   OWO_RETURN_IF_ERROR(ring.Load(store));                    // at the start
//   const std::shared_ptr<const Key> key = ring.Find(id);     // null: there is no such key
//   ring.Apply(changes);                                      // after each commit of this process
//   OWO_RETURN_IF_ERROR(ring.Refresh(store));                 // for commits of other processes

#ifndef OWO_SERVICE_ACCESS_KEY_RING_H_
#define OWO_SERVICE_ACCESS_KEY_RING_H_

#include <array>
#include <atomic>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <tuple>
#include <utility>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/container/flat_hash_map.h"
#include "absl/status/status.h"
#include "absl/synchronization/mutex.h"
#include "service/access/key_text.h"
#include "service/ledger/call_context.h"
#include "storage/store.h"

namespace owo::access {

// A tenant. Never removed: a key refers to that of the ring.
struct TenantState {
  explicit TenantState(storage::TenantId number) : id(number) {}

  const storage::TenantId id;
  // A copy of the profile's, which calls read without a lock.
  std::atomic<bool> suspended = false;
  // Guarded by the ring's mutex.
  storage::TenantProfileRecord profile;
};

// A key as it was at one generation; a change of it makes another object. Calls hold it until they
// are answered, also when it was revoked since.
struct Key {
  Key(storage::ApiKeyRecord of, const TenantState& owner);

  // Whether the key has ended by then. At its end it has.
  bool IsRevoked() const { return record.revoked_us() != 0; }
  bool IsExpired(storage::Micros now) const {
    return record.expires_us() != 0 && now >= record.expires_us();
  }
  bool IsValid(storage::Micros now) const { return !IsRevoked() && !IsExpired(now); }
  void Use(storage::Micros now) const {
    // Most calls find a time that is recent enough, and so do not write to shared memory.
    constexpr storage::Micros kResolution = 1'000'000;
    if (now - used.load(std::memory_order_relaxed) < kResolution) return;
    used.store(now, std::memory_order_relaxed);
  }

  const storage::ApiKeyRecord record;
  const ledger::Principal principal;  // its name is "key " and the id
  const TenantState& tenant;
  // When it was last used; 0: never.
  mutable std::atomic<storage::Micros> used = 0;
};

// Thread-safe. Find() takes a lock of readers for as long as a look-up in a hash table takes, and
// allocates nothing.
class KeyRing {
 public:
  // Has the default tenant, and nothing else.
  KeyRing();

  // Replaces all by what the store has.
  absl::Status Load(const storage::Store& store);
  // The same, if the store has a newer generation.
  absl::Status Refresh(const storage::Store& store);
  // Makes the changes of the commit that made their generation. Ignores what the ring has already;
  // leaves a gap to Refresh().
  void Apply(const storage::AccessChangeRecord& changes);

  const TenantState& default_tenant() const { return *default_tenant_; }
  // The key with this id; null if there is none. REQUIRES: IsKeyId(id).
  std::shared_ptr<const Key> Find(std::string_view id) const;

  // What a change is decided on. All values are of `generation`.
  uint64_t generation() const;
  std::optional<storage::TenantProfileRecord> FindTenant(std::string_view slug) const;
  storage::TenantProfileRecord Profile(storage::TenantId tenant) const;
  // Tenants whose slug is greater than `after`, in order.
  std::vector<storage::TenantProfileRecord> ListTenants(std::string_view after, size_t limit) const;
  size_t tenants() const;
  // The greatest number of a tenant.
  uint32_t last_tenant() const;

  // A place in the list of a tenant's keys: after the key with this time and id.
  struct Place {
    storage::Micros created = 0;
    std::string id;
  };
  // Keys of a tenant, oldest first.
  std::vector<std::shared_ptr<const Key>> ListKeys(storage::TenantId tenant, const Place& after,
                                                   size_t limit) const;
  size_t keys() const;

  // When keys were last used, of those that were used since the last call.
  std::vector<storage::ApiKeyUseRecord> TakeUses();
  // The ones that could not be stored: TakeUses() returns them again.
  void GiveBackUses(const std::vector<storage::ApiKeyUseRecord>& uses);

 private:
  // A key's id, without an allocation.
  struct KeyId {
    explicit KeyId(std::string_view id);
    bool operator==(const KeyId&) const = default;
    template <typename H>
    friend H AbslHashValue(H h, const KeyId& id) {
      return H::combine(std::move(h), id.text);
    }
    std::array<char, kKeyIdSize> text{};
  };
  using InOrder = std::tuple<storage::TenantId, storage::Micros, std::string>;

  void PutTenant(const storage::TenantProfileRecord& profile) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  void PutKey(const storage::ApiKeyRecord& record) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  void DropKey(std::string_view id) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  TenantState& StateOf(storage::TenantId tenant) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);

  const TenantState* default_tenant_ = nullptr;  // of tenants_; set by the constructor
  mutable absl::Mutex mutex_;
  uint64_t generation_ ABSL_GUARDED_BY(mutex_) = 0;
  std::map<storage::TenantId, std::unique_ptr<TenantState>> tenants_ ABSL_GUARDED_BY(mutex_);
  std::map<std::string, storage::TenantId, std::less<>> slugs_ ABSL_GUARDED_BY(mutex_);
  absl::flat_hash_map<KeyId, std::shared_ptr<const Key>> keys_ ABSL_GUARDED_BY(mutex_);
  std::set<InOrder> order_ ABSL_GUARDED_BY(mutex_);  // of keys_
  // The uses that TakeUses() has returned, or that were loaded.
  absl::flat_hash_map<KeyId, storage::Micros> taken_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace owo::access

#endif  // OWO_SERVICE_ACCESS_KEY_RING_H_
