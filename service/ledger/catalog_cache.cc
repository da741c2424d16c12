#include "service/ledger/catalog_cache.h"

#include <algorithm>
#include <iterator>
#include <optional>

#include "storage/util/try.h"

namespace owo::ledger {

using storage::ReadOptions;
using storage::TenantId;

VersionTermsPtr TermsCache::Find(const Key& key) {
  const absl::MutexLock lock(&mutex_);
  const auto found = by_key_.find(key);
  if (found == by_key_.end()) return nullptr;
  if (found->second != entries_.begin()) {
    entries_.splice(entries_.begin(), entries_, found->second);
  }
  return entries_.front().terms;
}

void TermsCache::Insert(const Key& key, VersionTermsPtr terms) {
  Entry entry{.key = key, .terms = std::move(terms)};
  entry.bytes = entry.terms->Bytes();
  std::list<Entry> evicted;  // declared before the lock: destroyed after it is released
  const absl::MutexLock lock(&mutex_);
  if (by_key_.contains(key)) return;  // another thread has inserted it meanwhile
  bytes_ += entry.bytes;
  entries_.push_front(std::move(entry));
  by_key_[key] = entries_.begin();
  evicted = Evict();
}

void TermsCache::Leave(size_t bytes) {
  std::list<Entry> evicted;
  const absl::MutexLock lock(&mutex_);
  left_ = std::min(bytes, bytes_max_ / 2);
  evicted = Evict();
}

std::list<TermsCache::Entry> TermsCache::Evict() {
  std::list<Entry> evicted;
  while (bytes_ + left_ > bytes_max_ && entries_.size() > 1) {
    bytes_ -= entries_.back().bytes;
    by_key_.erase(entries_.back().key);
    evicted.splice(evicted.begin(), entries_, std::prev(entries_.end()));
  }
  return evicted;
}

size_t TermsCache::bytes() const {
  const absl::MutexLock lock(&mutex_);
  return bytes_;
}

Catalog::Ptr CatalogCache::Cached(TenantId tenant) const {
  const absl::MutexLock lock(&mutex_);
  const auto found = catalogs_.find(tenant);
  return found == catalogs_.end() ? nullptr : found->second;
}

absl::StatusOr<bool> CatalogCache::Refresh(const ReadOptions& read, TenantId tenant) {
  if (read.tier == storage::ReadTier::kMemoryOnly) return storage::ReadNeedsDisk();
  const absl::MutexLock refresh(&refresh_mutex_);
  const Catalog::Ptr known = Cached(tenant);
  if (known != nullptr) {
    OWO_TRY(const uint64_t generation, source_.CatalogGeneration(read, tenant));
    if (known->generation() >= generation) return false;
  }
  OWO_TRY(Catalog::Ptr newest, Catalog::Read(read, source_, tenant, known.get()));
  Install(tenant, std::move(newest));
  return true;
}

void CatalogCache::Install(TenantId tenant, Catalog::Ptr catalog) {
  size_t bytes = 0;
  {
    const absl::MutexLock lock(&mutex_);
    Catalog::Ptr& known = catalogs_[tenant];
    // Swapped, so that the older catalog is destroyed with `catalog`, without the lock.
    if (known == nullptr || known->generation() < catalog->generation()) known.swap(catalog);
    for (const auto& [of, kept] : catalogs_) bytes += kept->memory_bytes();
  }
  terms_.Leave(bytes);
}

absl::StatusOr<VersionTermsPtr> CatalogCache::ReadTerms(const ReadOptions& read, TenantId tenant,
                                                        storage::PlanNo plan, uint32_t version) {
  const TermsCache::Key key(tenant, plan, version);
  if (VersionTermsPtr found = terms_.Find(key)) return found;
  if (read.tier == storage::ReadTier::kMemoryOnly) return storage::ReadNeedsDisk();
  OWO_TRY(const std::optional<storage::PlanVersionRecord> record,
          source_.ReadPlanVersion(read, tenant, plan, version));
  if (!record.has_value()) return absl::DataLossError("a version of a plan is missing");
  OWO_TRY(VersionTermsPtr terms, ParseTerms(*record));
  terms_.Insert(key, terms);
  return terms;
}

absl::StatusOr<VersionTermsPtr> CatalogReader::Read(storage::PlanNo plan, uint32_t version) {
  const std::pair key(plan, version);
  if (last_ != nullptr && last_key_ == key) return last_;
  OWO_TRY(last_, cache_->ReadTerms(read_, tenant_, plan, version));
  last_key_ = key;
  return last_;
}

absl::StatusOr<UsageTermsPtr> CatalogReader::ReadUsage(storage::PlanNo plan, uint32_t version) {
  UsageTermsPtr& usage = usage_[{plan, version}];
  if (usage == nullptr) {
    OWO_TRY(const VersionTermsPtr terms, Read(plan, version));
    usage = terms->usage;
  }
  return usage;
}

absl::Status CatalogReader::Prepare(std::span<const storage::Counter> counters) {
  prepared_.clear();
  std::vector<FeatureKey> keys;
  keys.reserve(counters.size());
  for (const storage::Counter& counter : counters) {
    keys.emplace_back(counter.terms.plan, counter.terms.plan_version, counter.key.feature);
  }
  std::sort(keys.begin(), keys.end());
  for (const FeatureKey& key : keys) {
    const auto& [plan, version, feature] = key;
    // Skips what the catalog lacks: ContextOf() reports it where it is needed.
    const Plan* const known = catalog_->FindPlan(plan);
    if (known == nullptr || known->Find(version) == nullptr) continue;
    OWO_TRY(const VersionTermsPtr terms, Read(plan, version));
    prepared_[key] = terms->Find(feature);
  }
  return absl::OkStatus();
}

absl::StatusOr<TermsPtr> CatalogReader::Find(storage::PlanNo plan, uint32_t version,
                                             storage::FeatureNo feature) {
  const auto prepared = prepared_.find({plan, version, feature});
  if (prepared != prepared_.end()) return prepared->second;
  const std::pair key(plan, version);
  if (last_ == nullptr || last_key_ != key) OWO_RETURN_IF_ERROR(Read(plan, version).status());
  return last_->Find(feature);
}

}  // namespace owo::ledger
