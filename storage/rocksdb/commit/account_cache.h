// The writer's memory: tenants, and the accounts and counters that are in use. Accounts are read
// from rows when first wanted, changed here, published to readers when the commit is durable, and
// written back *behind*: some commits later, each account whole, with the journal position that its
// rows reflect.

#ifndef OWO_STORAGE_ROCKSDB_COMMIT_ACCOUNT_CACHE_H_
#define OWO_STORAGE_ROCKSDB_COMMIT_ACCOUNT_CACHE_H_

#include <list>
#include <optional>
#include <span>
#include <vector>

#include "absl/container/node_hash_map.h"
#include "absl/status/statusor.h"
#include "storage/commands.h"
#include "storage/records.pb.h"
#include "storage/rocksdb/commit/counter_slots.h"
#include "storage/rocksdb/commit/staged_batch.h"
#include "storage/rocksdb/read/account_snapshots.h"
#include "storage/types.h"

namespace owo::storage {

// A customer's usage as the writer has it.
struct AccountState {
  uint64_t usage_version = 0;
  uint64_t invoice_version = 0;
  std::optional<Micros> latest_event;
  uint64_t generation = 0;        // of the contract; 0: no such customer
  uint64_t flushed_sequence = 0;  // journal sequence that the account's rows reflect

 private:
  friend class AccountCache;
  AccountKey key_;
  // Every open counter is here, and with each counter the earlier segments of its group.
  CounterSlots slots_;
  std::vector<size_t> touched_;  // slots changed in this commit
  bool reshaped_ = true;         // slots are not those that readers were shown
  uint64_t changed_ = 0;
  uint64_t dirty_since_ = 0;  // sequence of the first change that the rows lack; 0: none
  std::list<AccountState*>::iterator
      unflushed_entry_;  // unless dirty_since is 0: its place in unflushed_
  bool loaded_ = false;  // its open counters are in slots: no other row may say that it is open
};

// Not thread-safe: the committer's. Pointers stay good until Publish or Clear.
class AccountCache {
 public:
  AccountCache(StagedBatch& staged, AccountSnapshots& snapshots)
      : staged_(staged), snapshots_(snapshots) {}

  // Everything changed from here on is of this commit, whose first journal record this is.
  void Start(uint64_t sequence) { sequence_ = sequence; }
  uint64_t sequence() const { return sequence_; }
  // The account's rows hold this commit already: it is being replayed.
  bool AlreadyApplied(const AccountState& account) const {
    return sequence_ <= account.flushed_sequence;
  }

  // Where an event's account and counter are, as far as they are in memory.
  struct CounterHint {
    AccountState* account = nullptr;
    size_t slot = 0;
  };
  // Of events that will be checked one after the other: the memory of all of them is waited for at
  // once. Good until Publish or Clear.
  std::vector<CounterHint> PrefetchCounters(TenantId tenant, std::span<const TrackEvent> events);
  // The event that is checked next is there.
  void UseHint(const CounterHint& hint);

  // Read to be looked at; Change* marks what is to be published and written.
  absl::StatusOr<const TenantRecord*> Tenant(TenantId tenant);
  absl::StatusOr<TenantRecord*> ChangeTenant(TenantId tenant);
  absl::StatusOr<AccountState*> Account(TenantId tenant, CustomerNo customer);
  absl::StatusOr<AccountState*> ChangeAccount(TenantId tenant, CustomerNo customer);
  // Null when it was never counted on.
  absl::StatusOr<const Counter*> FindCounter(AccountState& account, const CounterKey& key);
  // REQUIRES of both: the account was changed in this commit. Of the counter that AddEvent gives,
  // coverage stays as it is.
  absl::StatusOr<Counter*> ChangeCounter(AccountState& account, const CounterKey& key);
  // Gives the event at `location`, which happened at `time`, the counter's next ordinal. The
  // counter is made under `terms` if it was never counted on; nullopt: DATA_LOSS then.
  absl::StatusOr<Counter*> AddEvent(AccountState& account, const CounterKey& key,
                                    const std::optional<CounterTerms>& terms,
                                    EventLocation location, Micros time);

  // The next Flush puts the account's rows, whenever it changed.
  void FlushSoon(const AccountKey& account);
  // Puts the rows of tenants, and of the accounts whose changes wait longest: all that wait since
  // `up_to` or before. The rows reflect the journal up to `flushed_sequence`. Gives the first
  // sequence whose changes some account's rows lack.
  uint64_t Flush(uint64_t up_to, uint64_t flushed_sequence);
  // The commit is durable: readers see it. Then forgets accounts whose rows are as new, until at
  // most `cached_max` counters are kept.
  void Publish(size_t cached_max);
  void Clear();
  size_t size() const { return counters_ + accounts_.size(); }
  bool Knows(const AccountKey& key) const { return accounts_.contains(key); }

 private:
  struct TenantState {
    TenantRecord record;
    bool dirty = false;
  };
  absl::StatusOr<TenantState*> LoadTenant(TenantId tenant);
  absl::Status Load(AccountState& account);
  absl::Status LoadOpen(AccountState& account, const AccountRecord& row);
  absl::Status ReadSlot(AccountState& account, const CounterKey& key);
  absl::StatusOr<CounterSlot*> FindSlot(AccountState& account, const CounterKey& key);
  absl::StatusOr<CounterSlot*> ChangeSlot(AccountState& account, const CounterKey& key,
                                          const std::optional<CounterTerms>& terms);
  CounterSlot& AddSlot(AccountState& account, Counter counter);
  static bool CopyTo(const AccountState& account, AccountSnapshot& snapshot);
  void PutRows(AccountState& account, uint64_t flushed_sequence);
  void PutChunk(TenantId tenant, CounterSlot& slot);
  void Forget(size_t cached_max);

  StagedBatch& staged_;
  AccountSnapshots& snapshots_;
  uint64_t sequence_ = 0;
  absl::node_hash_map<TenantId, TenantState> tenants_;
  absl::node_hash_map<AccountKey, AccountState> accounts_;
  AccountState* latest_ = nullptr;      // that was asked for; as above
  size_t counters_ = 0;                 // in all accounts
  std::vector<AccountState*> changed_;  // in this commit
  std::list<AccountState*> unflushed_;  // dirty ones, longest first; those to be put, before all
};

}  // namespace owo::storage

#endif  // OWO_STORAGE_ROCKSDB_COMMIT_ACCOUNT_CACHE_H_
