// A cache of catalogs and customers. A customer is looked up for a call: its bindings are those
// that hold at the time of the call. Other servers over the same store change catalogs and
// customers too, so an entry may be stale. Functions that may read the store compare the generation
// of what is cached with the store's, and read again what is stale: their answers reflect every
// change that was answered before the call. Only CachedCatalog() and FindCached() return what may
// be stale, for tracking: the store refuses an event that was resolved against an older generation.
//
//   OWO_TRY(const CustomerPtr customer, directory.Find(context, read, "user_123"));
//   const CounterBinding* binding = customer->FindBinding(feature, time);
//
// Tracking an event reads only what is cached here, so counting a known customer's event waits for
// no read. Times are in microseconds since 1970.

#ifndef OWO_SERVICE_LEDGER_DIRECTORY_H_
#define OWO_SERVICE_LEDGER_DIRECTORY_H_

#include <array>
#include <memory>
#include <string>
#include <string_view>

#include "absl/base/thread_annotations.h"
#include "absl/container/flat_hash_map.h"
#include "absl/hash/hash.h"
#include "absl/status/statusor.h"
#include "absl/synchronization/mutex.h"
#include "service/ledger/call_context.h"
#include "service/ledger/catalog_cache.h"
#include "service/ledger/plan.h"
#include "service/ledger/timeline.h"
#include "storage/store.h"

namespace owo::ledger {

// The counter that a feature's events go to during a span of time, with its terms and bounds.
struct CounterBinding {
  // Never null.
  const UsageTerms* terms = nullptr;
  // Holds for events with a time in [valid_from, valid_until).
  storage::Micros valid_from = 0;
  storage::Micros valid_until = 0;
  // Whether checking an event needs more than its own counter, so that the target's bounds alone
  // do not decide.
  bool needs_limit_check = false;
  // The counter and its bounds, to pass to the store with each event.
  storage::Target target;
};

// A customer at one generation of its contract and of the catalog. Immutable. The fields that every
// event reads come first.
struct CustomerView {
  storage::CustomerNo number{};
  uint64_t generation = 0;  // of the contract
  // All bindings are valid in [fresh_from, fresh_until). From fresh_until on, the view is stale.
  storage::Micros fresh_from = 0;
  storage::Micros fresh_until = 0;
  // Whether any binding does.
  bool needs_limit_check = false;
  // The features of the plan in force, ascending, and the binding of each, in the same order.
  std::vector<storage::FeatureNo> features;
  std::vector<CounterBinding> bindings;
  // `timeline` and `version` point into it.
  std::shared_ptr<const Catalog> catalog;
  Timeline timeline;
  // The plan version in force and its terms, which the bindings point into; null if none is.
  const PlanVersion* version = nullptr;
  std::shared_ptr<const std::vector<UsageTerms>> usage;
  // About how much memory the view takes, without catalog and terms.
  size_t bytes = 0;
  // Without metadata, which may be most of a customer's bytes.
  storage::Customer stored;

  const std::string& id() const { return stored.record.id(); }
  // The binding of a feature at `time`. Null if none of `bindings` is valid then: usage at that
  // time goes to another counter, or does not count.
  const CounterBinding* FindBinding(storage::FeatureNo feature, storage::Micros time) const;
  // Makes the binding of a feature at `time`. The result points to `terms`. REQUIRES: span.start <=
  // time < span.end; terms are of span.version.
  CounterBinding BindingAt(const Span& span, const UsageTerms& terms, storage::Micros time) const;
};

// Shared ownership: a view stays valid after the directory evicts it.
using CustomerPtr = std::shared_ptr<const CustomerView>;

// A customer with its account. The customer is as new as the account, or newer.
struct CustomerAccount {
  // Never null.
  CustomerPtr customer;
  // With the customer's open counters.
  storage::Account account;
};

// Thread-safe. All functions with `read` block if it lets them. If it is memory-only, they fail
// with storage::ReadNeedsDisk() instead.
class Directory {
 public:
  // Defaults. The server divides its own memory (service/server_memory.h).
  static constexpr size_t kCustomersBytesMax = 512 << 20;
  static constexpr size_t kTermsBytesMax = 16 << 20;

  // Caches about `customers_bytes_max` bytes of customers, and `terms_bytes_max` bytes of plan
  // terms. REQUIRES: `store` outlives the directory.
  explicit Directory(const storage::Store& store, size_t customers_bytes_max = kCustomersBytesMax,
                     size_t terms_bytes_max = kTermsBytesMax)
      : store_(store),
        shard_bytes_max_(customers_bytes_max / kShards),
        catalogs_(store, terms_bytes_max) {}

  // The catalog, of the newest generation when the call began or a newer one. To rate counters,
  // read the counters first and then get the catalog: it then has the terms of every counter.
  absl::StatusOr<std::shared_ptr<const Catalog>> GetCatalog(const storage::ReadOptions& read,
                                                            storage::TenantId tenant);
  // The catalog, of this generation or a newer one. Asks the store only if the cached one is older.
  absl::StatusOr<std::shared_ptr<const Catalog>> GetCatalog(const storage::ReadOptions& read,
                                                            storage::TenantId tenant,
                                                            uint64_t generation);
  // Caches a committed generation. Neither reads nor blocks. The caller must call ForgetOlder()
  // next, on a thread that may take longer.
  void InstallCatalog(storage::TenantId tenant, Catalog::Ptr catalog) {
    catalogs_.Install(tenant, std::move(catalog));
  }
  // Drops the tenant's cached customers that were resolved under an older catalog than the cached
  // one. They would be read again anyway, and each keeps its catalog in memory.
  void ForgetOlder(storage::TenantId tenant);

  // The cached catalog, which may be stale; null if none is cached. Never reads the store.
  std::shared_ptr<const Catalog> CachedCatalog(storage::TenantId tenant) const {
    return catalogs_.Cached(tenant);
  }
  // A reader of the terms of `catalog`, for one call.
  CatalogReader ReaderOf(const storage::ReadOptions& read, storage::TenantId tenant,
                         Catalog::Ptr catalog) {
    return {read, catalogs_, tenant, std::move(catalog)};
  }
  // A reader of the catalog that GetCatalog() returns.
  absl::StatusOr<CatalogReader> ReadCatalog(const storage::ReadOptions& read,
                                            storage::TenantId tenant);
  // The same, of this generation or a newer one.
  absl::StatusOr<CatalogReader> ReadCatalog(const storage::ReadOptions& read,
                                            storage::TenantId tenant, uint64_t generation);
  // The cached customer with exactly this id, which may be stale. Null if none is cached, if it was
  // resolved under another catalog than `newest`, or if its bindings ended before `now`. Never
  // reads the store.
  CustomerPtr FindCached(storage::TenantId tenant, std::string_view id, const Catalog& newest,
                         storage::Micros now);
  // A customer by exact id, else by email, from the cache or the store, resolved under the newest
  // catalog. Errors: CUSTOMER_NOT_FOUND, CUSTOMER_AMBIGUOUS.
  absl::StatusOr<CustomerPtr> Find(const CallContext& context, const storage::ReadOptions& read,
                                   std::string_view id_or_email);
  // The same, but always reads the store.
  absl::StatusOr<CustomerPtr> FindFresh(const CallContext& context,
                                        const storage::ReadOptions& read,
                                        std::string_view id_or_email);
  // The same, and reads the customer's account. Costs no more than the read of the account if the
  // customer is cached and not stale. Errors: also CONTENTION.
  absl::StatusOr<CustomerAccount> FindWithAccount(const CallContext& context,
                                                  const storage::ReadOptions& read,
                                                  std::string_view id_or_email);
  // Drops a customer from the cache. To be called when it changed or was found stale. A read of the
  // customer that is on its way in another thread does not cache it either.
  void Forget(storage::TenantId tenant, std::string_view id);

  // The store that it caches, for reads of what is not cached.
  const storage::Store& store() const { return store_; }
  // Memory usage, for metrics: of the terms of plans, and of customers.
  size_t terms_bytes() const { return catalogs_.terms_bytes(); }
  size_t customers_bytes();

 private:
  using Key = std::pair<storage::TenantId, std::string>;
  // For look-ups without a copy of the id.
  using KeyView = std::pair<storage::TenantId, std::string_view>;
  struct KeyHash {
    using is_transparent = void;
    size_t operator()(const KeyView& key) const {
      return absl::HashOf(key.first, absl::string_view(key.second.data(), key.second.size()));
    }
  };
  struct KeyEqual {
    using is_transparent = void;
    bool operator()(const KeyView& a, const KeyView& b) const { return a == b; }
  };
  // A part of the customers, by a hash of their ids, with a lock of its own.
  struct Shard {
    using Customers = absl::flat_hash_map<Key, CustomerPtr, KeyHash, KeyEqual>;

    void Erase(Customers::iterator at) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex) {
      bytes -= at->second->bytes;
      customers.erase(at);
    }

    absl::Mutex mutex;
    Customers customers ABSL_GUARDED_BY(mutex);
    // Of `customers`.
    size_t bytes ABSL_GUARDED_BY(mutex) = 0;
    // Incremented by each Forget(). A customer that was read in an earlier epoch is not cached.
    uint64_t epoch ABSL_GUARDED_BY(mutex) = 0;
  };
  static constexpr size_t kShards = 16;

  // Reads the catalog if the store has a newer generation, and then drops the cached customers that
  // were resolved under an older one.
  absl::Status RefreshCatalog(const storage::ReadOptions& read, storage::TenantId tenant);
  Shard& ShardOf(std::string_view id);
  // Reads a customer from the store and resolves it.
  absl::StatusOr<CustomerPtr> Load(const CallContext& context, const storage::ReadOptions& read,
                                   storage::CustomerNo number);
  // As Find(), by the store's indexes of ids and emails.
  absl::StatusOr<CustomerPtr> FindStored(const CallContext& context,
                                         const storage::ReadOptions& read,
                                         std::string_view id_or_email);
  // The view of a customer, resolved under the newest catalog at the time of the call.
  absl::StatusOr<CustomerPtr> View(const CallContext& context, const storage::ReadOptions& read,
                                   storage::CustomerNo number, storage::Customer stored);

  const storage::Store& store_;
  const size_t shard_bytes_max_;  // of customers kept in a shard
  CatalogCache catalogs_;
  std::array<Shard, kShards> shards_;
};

}  // namespace owo::ledger

#endif  // OWO_SERVICE_LEDGER_DIRECTORY_H_
