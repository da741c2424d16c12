// The catalog and the customers as last read, kept in memory for tracking. What is kept may be old:
// every write says which generation it was decided on, and the store refuses an older one.
//
//   OWO_TRY(std::shared_ptr<const CustomerView> customer, directory.Find(tenant, "user_123"));

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
#include "service/ledger/catalog_cache.h"
#include "service/ledger/clock.h"
#include "service/ledger/plan.h"
#include "service/ledger/timeline.h"
#include "storage/store.h"

namespace owo::ledger {

// Where usage of a feature counts at some time.
struct CounterBinding {
  const UsageTerms* terms = nullptr;
  storage::Micros valid_from = 0;
  storage::Micros valid_until = 0;  // exclusive
  // Checking needs more than the counter: the target's bounds are not all.
  bool needs_limit_check = false;
  storage::Target target;
};

// A customer at one generation of their own and of the catalog. Immutable. What every event looks
// at comes first.
struct CustomerView {
  storage::CustomerNo number{};
  // Between these all places hold; from the later one on they should be made anew.
  storage::Micros fresh_from = 0;
  storage::Micros fresh_until = 0;
  bool needs_limit_check = false;  // some place is
  // Where usage counts now, by feature of the plan in force, and those features, in order.
  std::vector<storage::FeatureNo> features;
  std::vector<CounterBinding> bindings;
  std::shared_ptr<const Catalog> catalog;  // what timeline refers to
  Timeline timeline;
  // Of the version in force where places hold, which refer to it; null if there is none.
  const PlanVersion* version = nullptr;
  std::shared_ptr<const std::vector<UsageTerms>> usage;
  storage::Customer stored;

  uint64_t generation() const { return stored.contract.generation(); }
  const std::string& id() const { return stored.record.id(); }
  // Null if it counts elsewhere at that time, or nowhere.
  const CounterBinding* FindBinding(storage::FeatureNo feature, storage::Micros time) const;
  // Refers to `terms`. REQUIRES: span.start <= time < span.end; terms are of span.version.
  CounterBinding BindingAt(const Span& span, const UsageTerms& terms, storage::Micros time) const;
};

using CustomerPtr = std::shared_ptr<const CustomerView>;

// Thread-safe.
class Directory {
 public:
  static constexpr size_t kCustomersMax = 131'072;
  static constexpr size_t kTermsBytesMax = 16 << 20;

  // Keeps about `customers_max` customers, and terms of plans in up to `terms_bytes_max`.
  Directory(const storage::Store& store, Clock clock, size_t customers_max = kCustomersMax,
            size_t terms_bytes_max = kTermsBytesMax)
      : store_(store),
        clock_(std::move(clock)),
        shard_max_(customers_max / kShards + 1),
        catalogs_(store, terms_bytes_max) {}

  // The newest catalog known here. Reads it first if none is. Nothing is counted on terms that are
  // not known here yet: whoever rates counters reads them first, and then asks for the catalog.
  absl::StatusOr<std::shared_ptr<const Catalog>> GetCatalog(const storage::ReadOptions& read,
                                                            storage::TenantId tenant);
  // Reads what is newer in the store than what is known here. What was kept of customers under an
  // older catalog is dropped.
  absl::Status RefreshCatalog(const storage::ReadOptions& read, storage::TenantId tenant);
  // Takes a generation that is committed. Neither reads nor blocks. ForgetOlder() is to follow, on
  // a thread that has the time.
  void InstallCatalog(storage::TenantId tenant, Catalog::Ptr catalog) {
    catalogs_.Install(tenant, std::move(catalog));
  }
  // Drops the tenant's customers that are kept under an older catalog than the newest: they would
  // be read again anyway, and each keeps its catalog in memory.
  void ForgetOlder(storage::TenantId tenant);

  // The newest catalog if it is in memory, null otherwise. Never reads the store.
  std::shared_ptr<const Catalog> CachedCatalog(storage::TenantId tenant) const {
    return catalogs_.Cached(tenant);
  }
  // For a call that reads terms of `catalog`.
  CatalogReader ReaderOf(const storage::ReadOptions& read, storage::TenantId tenant,
                         Catalog::Ptr catalog) {
    return {read, catalogs_, tenant, std::move(catalog)};
  }
  // The same of the newest catalog, as GetCatalog.
  absl::StatusOr<CatalogReader> ReadCatalog(const storage::ReadOptions& read,
                                            storage::TenantId tenant);
  // By exact id if that is in memory, as it is under `newest`; null otherwise. Never reads the
  // store.
  CustomerPtr FindCached(storage::TenantId tenant, std::string_view id, const Catalog& newest,
                         storage::Micros now);
  // By exact id, else by email. CUSTOMER_NOT_FOUND, CUSTOMER_AMBIGUOUS.
  absl::StatusOr<CustomerPtr> Find(const storage::ReadOptions& read, storage::TenantId tenant,
                                   std::string_view id_or_email);
  // The same, read from the store now.
  absl::StatusOr<CustomerPtr> FindFresh(const storage::ReadOptions& read, storage::TenantId tenant,
                                        std::string_view id_or_email);
  // To be called when a customer changed, or was found to be old.
  void Forget(storage::TenantId tenant, std::string_view id);

  const storage::Store& store() const { return store_; }
  size_t terms_bytes() const { return catalogs_.terms_bytes(); }  // of plans, in memory

 private:
  using Key = std::pair<storage::TenantId, std::string>;
  // So that a key that is looked for need not be made.
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
  struct Shard {
    absl::Mutex mutex;
    absl::flat_hash_map<Key, CustomerPtr, KeyHash, KeyEqual> customers ABSL_GUARDED_BY(mutex);
    uint64_t epoch ABSL_GUARDED_BY(mutex) = 0;  // one more at each Forget
  };
  static constexpr size_t kShards = 16;

  Shard& ShardOf(std::string_view id);
  absl::StatusOr<CustomerPtr> Load(const storage::ReadOptions& read, storage::TenantId tenant,
                                   storage::CustomerNo number);
  absl::StatusOr<CustomerPtr> FindStored(const storage::ReadOptions& read, storage::TenantId tenant,
                                         std::string_view id_or_email);
  absl::StatusOr<CustomerPtr> View(const storage::ReadOptions& read, storage::TenantId tenant,
                                   storage::CustomerNo number, storage::Customer stored);

  const storage::Store& store_;
  const Clock clock_;
  const size_t shard_max_;  // customers kept in a shard
  CatalogCache catalogs_;
  std::array<Shard, kShards> shards_;
};

}  // namespace owo::ledger

#endif  // OWO_SERVICE_LEDGER_DIRECTORY_H_
