// The writer's memory: tenants, accounts, counters and new ids, read from rows when first wanted
// and written back as rows with the commit that changed them.

#ifndef OWO_STORAGE_ROCKSDB_BOOKS_H_
#define OWO_STORAGE_ROCKSDB_BOOKS_H_

#include <memory>
#include <optional>
#include <utility>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/container/node_hash_map.h"
#include "absl/status/statusor.h"
#include "storage/event_id.h"
#include "storage/records.pb.h"
#include "storage/rocksdb/pending.h"
#include "storage/types.h"

namespace owo::storage {

// A counted id: a fingerprint of the event's content, how it was answered, and where it stands.
struct IdRow {
  uint64_t fingerprint = 0;
  bool over = false;
  uint64_t sequence = 0;  // of the journal record
};
std::string PackIdRow(const IdRow& row);
absl::StatusOr<IdRow> UnpackIdRow(std::string_view bytes);
uint64_t Fingerprint(CustomerNo customer, FeatureNo feature, Quantity quantity);

struct AccountState {
  uint64_t usage_version = 0;
  uint64_t cut_version = 0;
  std::optional<Micros> latest_event;
  std::vector<CounterKey> open;  // ascending
  uint64_t generation = 0;       // of the contract; 0: no such customer
  bool dirty = false;
};

// The key of a customer's thing within a tenant.
template <typename Key>
using OfTenant = std::pair<TenantId, Key>;

// Not thread-safe: the committer's. Pointers stay good until Clear or Trim.
class Books {
 public:
  explicit Books(Pending& pending) : pending_(pending) {}

  // Read to be looked at; Change* marks the row as one to write.
  absl::StatusOr<TenantRecord*> Tenant(TenantId tenant);
  absl::StatusOr<TenantRecord*> ChangeTenant(TenantId tenant);
  absl::StatusOr<AccountState*> Account(TenantId tenant, CustomerNo customer);
  absl::StatusOr<AccountState*> ChangeAccount(TenantId tenant, CustomerNo customer);
  absl::StatusOr<const Counter*> FindCounter(TenantId tenant, const CounterKey& key);  // or null
  // Made under `terms` if it was never counted on; nullopt: DATA_LOSS then.
  absl::StatusOr<Counter*> ChangeCounter(TenantId tenant, const CounterKey& key,
                                         const std::optional<CounterTerms>& terms);

  absl::StatusOr<std::optional<IdRow>> FindId(TenantId tenant, const EventId& id);
  void PutId(TenantId tenant, const EventId& id, const IdRow& row);

  // DATA_LOSS when account and counter disagree on whether it was.
  static absl::Status SetOpen(AccountState& account, Counter& counter, bool open);

  // Puts every changed row.
  void Flush();
  // After the commit is durable: forgets what need not be kept, all of it beyond `cached_max`
  // entries.
  void Settle(size_t cached_max);
  void Clear();

 private:
  struct CounterState {
    Counter counter;
    bool exists = false;
    bool dirty = false;
  };
  struct TenantState {
    TenantRecord record;
    bool dirty = false;
  };
  absl::StatusOr<CounterState*> Load(TenantId tenant, const CounterKey& key);
  absl::StatusOr<TenantState*> LoadTenant(TenantId tenant);

  Pending& pending_;
  absl::node_hash_map<TenantId, TenantState> tenants_;
  absl::node_hash_map<OfTenant<CustomerNo>, AccountState> accounts_;
  absl::node_hash_map<OfTenant<CounterKey>, CounterState> counters_;
  absl::flat_hash_map<OfTenant<EventId>, IdRow> new_ids_;
  std::vector<std::pair<OfTenant<CustomerNo>, AccountState*>> dirty_accounts_;
  std::vector<std::pair<TenantId, CounterState*>> dirty_counters_;
};

}  // namespace owo::storage

#endif  // OWO_STORAGE_ROCKSDB_BOOKS_H_
