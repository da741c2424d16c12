// Catalogs in memory: of each tenant the newest generation known here, and the terms of plan
// versions that were used lately, within a number of bytes.
//
//   CatalogCache cache(store, /*terms_bytes_max=*/16 << 20);
//   OWO_TRY(const Catalog::Ptr catalog, cache.Get(read, tenant));
//   CatalogReader reader(read, cache, tenant, catalog);        // of one call
//   OWO_TRY(const TermsPtr terms, reader.Find(plan, version, feature));

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

// Keeps what it points to, also after that has left the cache.
using TermsPtr = std::shared_ptr<const Terms>;
using VersionTermsPtr = std::shared_ptr<const VersionTerms>;
using UsageTermsPtr = std::shared_ptr<const std::vector<UsageTerms>>;

// The terms of plan versions used lately. Thread-safe.
class TermsCache {
 public:
  using Key = std::tuple<storage::TenantId, storage::PlanNo, uint32_t>;

  // Keeps at most so many bytes, and always the version that was used last.
  explicit TermsCache(size_t bytes_max) : bytes_max_(bytes_max) {}

  // From here on leaves so many of its bytes to others, but not more than half of them.
  void Leave(size_t bytes);

  VersionTermsPtr Find(const Key& key);  // null if it is not there
  void Insert(const Key& key, VersionTermsPtr terms);

  size_t bytes() const;

 private:
  struct Entry {
    Key key;
    VersionTermsPtr terms;
    size_t bytes = 0;
  };

  // Of those used longest ago, what does not fit.
  std::list<Entry> Evict() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);

  const size_t bytes_max_;
  mutable absl::Mutex mutex_;
  size_t left_ ABSL_GUARDED_BY(mutex_) = 0;
  std::list<Entry> entries_ ABSL_GUARDED_BY(mutex_);  // the one used last first
  absl::flat_hash_map<Key, std::list<Entry>::iterator> by_key_ ABSL_GUARDED_BY(mutex_);
  size_t bytes_ ABSL_GUARDED_BY(mutex_) = 0;
};

// Thread-safe. Memory-only reads never wait for another thread's read.
class CatalogCache {
 public:
  // Keeps terms in what is left of `terms_bytes_max` by everything else that it keeps of catalogs.
  // `source` outlives the cache.
  CatalogCache(const storage::CatalogSource& source, size_t terms_bytes_max)
      : source_(source), terms_(terms_bytes_max) {}

  // The newest generation known here, null if none is. Never reads.
  Catalog::Ptr Cached(storage::TenantId tenant) const;
  // The same; reads it first if none is known.
  absl::StatusOr<Catalog::Ptr> Get(const storage::ReadOptions& read, storage::TenantId tenant);
  // Reads what is newer than what is known here. True if something was.
  absl::StatusOr<bool> Refresh(const storage::ReadOptions& read, storage::TenantId tenant);
  // Takes what is committed, unless something newer is known here.
  void Install(storage::TenantId tenant, Catalog::Ptr catalog);

  // The terms of a version that a catalog has. DATA_LOSS if the source does not have it.
  absl::StatusOr<VersionTermsPtr> ReadTerms(const storage::ReadOptions& read,
                                            storage::TenantId tenant, storage::PlanNo plan,
                                            uint32_t version);
  size_t terms_bytes() const { return terms_.bytes(); }

 private:
  const storage::CatalogSource& source_;
  TermsCache terms_;
  absl::Mutex refresh_mutex_;  // one thread reads, while others wait for what it finds
  mutable absl::Mutex mutex_ ABSL_ACQUIRED_AFTER(refresh_mutex_);
  absl::flat_hash_map<storage::TenantId, Catalog::Ptr> catalogs_ ABSL_GUARDED_BY(mutex_);
};

// A catalog as one call reads it. Not thread-safe.
class CatalogReader {
 public:
  // `cache` outlives the reader.
  CatalogReader(const storage::ReadOptions& read, CatalogCache& cache, storage::TenantId tenant,
                Catalog::Ptr catalog)
      : read_(read), cache_(&cache), tenant_(tenant), catalog_(std::move(catalog)) {}

  const Catalog& catalog() const { return *catalog_; }
  const Catalog::Ptr& shared() const { return catalog_; }

  absl::StatusOr<VersionTermsPtr> Read(storage::PlanNo plan, uint32_t version);
  // The terms of a version without prices. Small, so they stay with the reader.
  absl::StatusOr<UsageTermsPtr> ReadUsage(storage::PlanNo plan, uint32_t version);
  // Null if the version does not have the feature.
  absl::StatusOr<TermsPtr> Find(storage::PlanNo plan, uint32_t version, storage::FeatureNo feature);
  // Reads what Find is asked for these counters, each version once, and keeps it until the next
  // Prepare. Counters are ordered by feature: without this, versions that do not all fit the cache
  // would be read again for each feature. REQUIRES: at most kPreparedMax counters.
  static constexpr size_t kPreparedMax = 1000;
  absl::Status Prepare(std::span<const storage::Counter> counters);

 private:
  using VersionKey = std::pair<storage::PlanNo, uint32_t>;
  using FeatureKey = std::tuple<storage::PlanNo, uint32_t, storage::FeatureNo>;

  storage::ReadOptions read_;
  CatalogCache* cache_;
  storage::TenantId tenant_;
  Catalog::Ptr catalog_;
  // What was read last: most of a customer's counters are of one version.
  VersionKey last_key_;
  VersionTermsPtr last_;
  absl::flat_hash_map<VersionKey, UsageTermsPtr> usage_;
  absl::flat_hash_map<FeatureKey, TermsPtr> prepared_;
};

}  // namespace owo::ledger

#endif  // OWO_SERVICE_LEDGER_CATALOG_CACHE_H_
