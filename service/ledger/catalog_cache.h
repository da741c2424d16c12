// Catalogs in memory: each tenant's newest generation known here, and the recently used terms of
// plan versions, within a bound of bytes.
//
//   CatalogCache cache(store, /*terms_bytes_max=*/16 << 20);
//   OWO_RETURN_IF_ERROR(cache.Refresh(read, tenant).status());
//   CatalogReader reader(read, cache, tenant, cache.Cached(tenant));   // one per call
//   OWO_TRY(const TermsPtr terms, reader.Find(plan, version, feature));
//
// A cached generation may be old: another call, or another server, may have committed a newer one.
// A write that was decided on it names it, and the store refuses that write. Versions of plans
// never change, so their cached terms are never wrong.
//
// `read` in all functions: if it is memory-only, a function that would have to read the source
// fails with storage::ReadNeedsDisk() instead of blocking.

#ifndef OWO_SERVICE_LEDGER_CATALOG_CACHE_H_
#define OWO_SERVICE_LEDGER_CATALOG_CACHE_H_

#include <cstddef>
#include <cstdint>
#include <list>
#include <memory>
#include <span>
#include <tuple>
#include <utility>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/container/flat_hash_map.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/synchronization/mutex.h"
#include "service/ledger/plan.h"
#include "service/ledger/terms.h"
#include "storage/catalog_source.h"

namespace owo::ledger {

// Shared ownership: the terms stay valid after the cache evicts them. Immutable, so any number of
// threads may read them.
using TermsPtr = std::shared_ptr<const Terms>;
using VersionTermsPtr = std::shared_ptr<const VersionTerms>;
using UsageTermsPtr = std::shared_ptr<const std::vector<UsageTerms>>;

// LRU cache of the terms of plan versions. Thread-safe; never blocks on reads.
//
//   VersionTermsPtr terms = cache.Find({tenant, plan, version});
//   if (terms == nullptr) cache.Insert({tenant, plan, version}, terms = Read(plan, version));
class TermsCache {
 public:
  using Key = std::tuple<storage::TenantId, storage::PlanNo, uint32_t>;

  // Keeps at most `bytes_max` bytes, but always the most recently used version.
  explicit TermsCache(size_t bytes_max) : bytes_max_(bytes_max) {}

  // Reserves `bytes` of the cache's capacity for other data, at most half of the capacity.
  // Replaces the previous reservation.
  void Leave(size_t bytes);

  // The terms of a version, which becomes the most recently used. Null if it is not cached.
  VersionTermsPtr Find(const Key& key);
  // Caches the terms of a version as the most recently used, and evicts what no longer fits.
  void Insert(const Key& key, VersionTermsPtr terms);

  // Approximate memory usage of all entries (VersionTerms::Bytes).
  size_t bytes() const;

 private:
  // The terms of one version.
  struct Entry {
    Key key;
    VersionTermsPtr terms;
    size_t bytes = 0;
  };

  // Removes the least recently used entries that do not fit. Returns them, so that the caller can
  // destroy them without the lock.
  std::list<Entry> Evict() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);

  const size_t bytes_max_;
  mutable absl::Mutex mutex_;
  // What Leave() reserved.
  size_t left_ ABSL_GUARDED_BY(mutex_) = 0;
  // Most recently used first.
  std::list<Entry> entries_ ABSL_GUARDED_BY(mutex_);
  absl::flat_hash_map<Key, std::list<Entry>::iterator> by_key_ ABSL_GUARDED_BY(mutex_);
  size_t bytes_ ABSL_GUARDED_BY(mutex_) = 0;
};

// The catalogs of all tenants, and the terms of their plan versions. Thread-safe. Memory-only reads
// never wait for another thread's read.
class CatalogCache {
 public:
  // Terms get `terms_bytes_max` less the memory of the cached catalogs, but at least half of it.
  // REQUIRES: `source` outlives the cache.
  CatalogCache(const storage::CatalogSource& source, size_t terms_bytes_max)
      : source_(source), terms_(terms_bytes_max) {}

  // The cached generation, null if none is cached. Never reads the source.
  Catalog::Ptr Cached(storage::TenantId tenant) const;
  // Reads the newest generation if the source has a newer one than the cache. Returns whether it
  // read one. A memory-only read fails with storage::ReadNeedsDisk().
  absl::StatusOr<bool> Refresh(const storage::ReadOptions& read, storage::TenantId tenant);
  // Caches a committed generation, unless the cached one is as new.
  void Install(storage::TenantId tenant, Catalog::Ptr catalog);

  // The terms of a plan version, from the cache or the source. REQUIRES: a catalog has the version.
  // DATA_LOSS if the source lacks it; storage::ReadNeedsDisk() if a memory-only read misses.
  absl::StatusOr<VersionTermsPtr> ReadTerms(const storage::ReadOptions& read,
                                            storage::TenantId tenant, storage::PlanNo plan,
                                            uint32_t version);
  // Memory usage of the cached terms, without the catalogs.
  size_t terms_bytes() const { return terms_.bytes(); }

 private:
  const storage::CatalogSource& source_;
  TermsCache terms_;
  // Held while a catalog is read: one thread refreshes, the others wait and use its result.
  absl::Mutex refresh_mutex_;
  // Held for look-ups only, never while reading.
  mutable absl::Mutex mutex_ ABSL_ACQUIRED_AFTER(refresh_mutex_);
  absl::flat_hash_map<storage::TenantId, Catalog::Ptr> catalogs_ ABSL_GUARDED_BY(mutex_);
};

// One call's view of a catalog: one generation, and the terms read so far. Not thread-safe.
class CatalogReader {
 public:
  // REQUIRES: `cache` outlives the reader.
  CatalogReader(const storage::ReadOptions& read, CatalogCache& cache, storage::TenantId tenant,
                Catalog::Ptr catalog)
      : read_(read), cache_(&cache), tenant_(tenant), catalog_(std::move(catalog)) {}

  // The generation that this reader reads, for as long as it lives.
  const Catalog& catalog() const { return *catalog_; }
  const Catalog::Ptr& shared() const { return catalog_; }

  // The terms of a version, as CatalogCache::ReadTerms(), with the same errors. Find() and
  // ReadUsage() have these errors too.
  absl::StatusOr<VersionTermsPtr> Read(storage::PlanNo plan, uint32_t version);
  // The terms of a version without prices. They are small, so the reader keeps all it has read.
  absl::StatusOr<UsageTermsPtr> ReadUsage(storage::PlanNo plan, uint32_t version);
  // The terms of one feature in a version. Null if the version does not have the feature.
  absl::StatusOr<TermsPtr> Find(storage::PlanNo plan, uint32_t version, storage::FeatureNo feature);
  // Reads the terms that Find() needs for `counters`, each version once, and keeps them until the
  // next Prepare(). Counters are ordered by feature: without this, versions that do not all fit in
  // the cache would be read again for each feature. REQUIRES: at most kPreparedMax counters.
  static constexpr size_t kPreparedMax = 1000;
  absl::Status Prepare(std::span<const storage::Counter> counters);

 private:
  using VersionKey = std::pair<storage::PlanNo, uint32_t>;
  using FeatureKey = std::tuple<storage::PlanNo, uint32_t, storage::FeatureNo>;

  storage::ReadOptions read_;
  CatalogCache* cache_;
  storage::TenantId tenant_;
  Catalog::Ptr catalog_;
  // The last version read: most counters of a customer belong to one version.
  VersionKey last_key_;
  VersionTermsPtr last_;
  // What ReadUsage() has read.
  absl::flat_hash_map<VersionKey, UsageTermsPtr> usage_;
  // What Prepare() has read.
  absl::flat_hash_map<FeatureKey, TermsPtr> prepared_;
};

}  // namespace owo::ledger

#endif  // OWO_SERVICE_LEDGER_CATALOG_CACHE_H_
