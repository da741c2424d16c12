// The writer's memory: tenants, and the accounts and counters that are in use. An account is loaded
// from its rows on first use, changed here, and published to readers when the commit is durable. It
// is flushed some commits later, as a whole, with the journal sequence that its rows then reflect.
//
//   account_cache.Start(sequence);
//   OWO_TRY(AccountState* const account, account_cache.ChangeAccount(tenant, customer));
//   …
//   account_cache.Flush(up_to, last_sequence);
//   OWO_RETURN_IF_ERROR(staged.Write());
//   account_cache.Publish(cached_max);

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

// A customer's account in the writer's memory.
struct AccountState {
  uint64_t usage_version = 0;
  uint64_t invoice_version = 0;
  std::optional<Micros> latest_event;
  uint64_t generation = 0;        // of the contract; 0: no such customer
  uint64_t flushed_sequence = 0;  // journal sequence that the account's rows reflect

 private:
  friend class AccountCache;
  AccountKey key_;
  // Has every open counter, and with each counter the earlier segments of its group.
  CounterSlots slots_;
  std::vector<size_t> touched_;  // slots changed in this commit
  bool reshaped_ = true;         // the snapshot may not match slots_: copy all of them
  uint64_t changed_ = 0;         // sequence of the newest commit that changed it
  uint64_t dirty_since_ = 0;     // sequence of the first change that the rows lack; 0: none
  // Its entry in unflushed_. Valid unless dirty_since_ is 0.
  std::list<AccountState*>::iterator unflushed_entry_;
  bool loaded_ = false;  // all open counters are in slots_: another row that is open is corruption
};

// Not thread-safe: used by the committer only. Pointers are valid until Publish or Clear; those to
// counters only until the next call that may load or create a counter of the same account.
class AccountCache {
 public:
  AccountCache(StagedBatch& staged, AccountSnapshots& snapshots)
      : staged_(staged), snapshots_(snapshots) {}

  // Starts a commit. `sequence`: of its first journal record. All later changes belong to it.
  void Start(uint64_t sequence) { sequence_ = sequence; }
  uint64_t sequence() const { return sequence_; }
  // True in a replay, if the account's rows reflect this commit already.
  bool AlreadyApplied(const AccountState& account) const {
    return sequence_ <= account.flushed_sequence;
  }

  // Where an event's account and counter are in memory. Null account: it is not in memory. An event
  // without a target has no counter.
  struct CounterHint {
    AccountState* account = nullptr;
    size_t slot = 0;
  };
  // Locates the counters of events that are about to be executed, and prefetches their memory
  // together. The hints are valid until Publish or Clear.
  std::vector<CounterHint> PrefetchCounters(TenantId tenant, std::span<const TrackEvent> events);
  // Speeds up the lookups for the next event. A hint never changes what is found.
  void UseHint(const CounterHint& hint);

  // Tenant and Account load what is not in memory. Change* also marks it to be published and
  // flushed.
  absl::StatusOr<const TenantRecord*> Tenant(TenantId tenant);
  absl::StatusOr<TenantRecord*> ChangeTenant(TenantId tenant);
  absl::StatusOr<AccountState*> Account(TenantId tenant, CustomerNo customer);
  absl::StatusOr<AccountState*> ChangeAccount(TenantId tenant, CustomerNo customer);
  // The generation of the customer's contract; 0: no such customer. Does not load the account: if
  // it is not in memory, this reads one row and keeps nothing.
  absl::StatusOr<uint64_t> Generation(TenantId tenant, CustomerNo customer);
  // Sets the generation of the account's customer, unless it is newer. The customer's own rows have
  // it, so that the account needs no flush.
  void SetGeneration(AccountState& account, uint64_t generation);
  // Null if no event of the counter was ever counted.
  absl::StatusOr<const Counter*> FindCounter(AccountState& account, const CounterKey& key);
  // REQUIRES for ChangeCounter and AddEvent: ChangeAccount was called in this commit. The coverage
  // of a counter that AddEvent returned must not be changed.
  absl::StatusOr<Counter*> ChangeCounter(AccountState& account, const CounterKey& key);
  // Gives the event at `location` the counter's next ordinal. `time`: the event's time. A counter
  // that does not exist yet is created with `terms`; DATA_LOSS if those are nullopt.
  absl::StatusOr<Counter*> AddEvent(AccountState& account, const CounterKey& key,
                                    const std::optional<CounterTerms>& terms,
                                    EventLocation location, Micros time);

  // Makes the next Flush write the account's rows, if they lack anything, whatever its `up_to`.
  void FlushSoon(const AccountKey& account);
  // Stages the rows of changed tenants, and of all accounts that have been unflushed since sequence
  // `up_to` or before. The rows reflect the journal up to `flushed_sequence`. Returns the first
  // sequence whose changes some account's rows lack.
  uint64_t Flush(uint64_t up_to, uint64_t flushed_sequence);
  // Call when the commit is durable: makes it visible to readers. If more than `cached_max`
  // accounts and counters are in memory, also drops flushed accounts.
  void Publish(size_t cached_max);
  void Clear();
  size_t size() const { return counters_ + accounts_.size(); }
  bool Knows(const AccountKey& key) const { return accounts_.contains(key); }

 private:
  struct TenantState {
    TenantRecord record;
    bool dirty = false;
    std::optional<uint64_t> published;  // generation of its catalog that readers see
  };
  absl::StatusOr<TenantState*> LoadTenant(TenantId tenant);
  absl::StatusOr<uint64_t> ReadGeneration(const AccountKey& key) const;
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
  AccountState* latest_ = nullptr;                  // the account that was used last, or null
  size_t counters_ = 0;                             // in all accounts
  std::vector<AccountState*> changed_;              // in this commit
  std::vector<AccountState*> changed_generations_;  // in this commit
  std::list<AccountState*> unflushed_;  // by dirty_since_, ascending; those of FlushSoon come first
};

}  // namespace owo::storage

#endif  // OWO_STORAGE_ROCKSDB_COMMIT_ACCOUNT_CACHE_H_
