#include "service/ledger/directory.h"

#include <algorithm>

#include "absl/hash/hash.h"
#include "absl/strings/str_cat.h"
#include "service/ledger/errors.h"
#include "storage/util/try.h"

namespace owo::ledger {
namespace {

using storage::Micros;
using storage::TenantId;

// Makes the bindings of all features of the plan in force at `now`.
absl::Status MakeBindings(CustomerView& view, CatalogReader& catalog, Micros now) {
  view.fresh_from = INT64_MIN;
  view.fresh_until = storage::kForever;
  const Span* const span = view.timeline.At(now);
  if (span == nullptr) {
    // The view becomes stale when the next subscription starts.
    for (const Span& later : view.timeline.spans()) {
      if (later.start > now) view.fresh_until = std::min(view.fresh_until, later.start);
    }
    return absl::OkStatus();
  }
  OWO_TRY(const VersionTermsPtr terms, catalog.Read(span->plan->number, span->version->version));
  view.version = span->version;
  view.usage = terms->usage;
  view.bindings.reserve(view.usage->size());
  view.features.reserve(view.usage->size());
  for (const UsageTerms& of_feature : *view.usage) {
    const CounterBinding& binding =
        view.bindings.emplace_back(view.BindingAt(*span, of_feature, now));
    view.needs_limit_check |= binding.needs_limit_check;
    view.fresh_from = std::max(view.fresh_from, binding.valid_from);
    view.fresh_until = std::min(view.fresh_until, binding.valid_until);
  }
  std::sort(view.bindings.begin(), view.bindings.end(),
            [](const CounterBinding& a, const CounterBinding& b) {
              return a.terms->feature < b.terms->feature;
            });
  for (const CounterBinding& binding : view.bindings) {
    view.features.push_back(binding.terms->feature);
  }
  return absl::OkStatus();
}

// About how much memory a cached view takes, with its entry in the cache.
size_t BytesOf(const CustomerView& view) {
  constexpr size_t kEntryBytes = 128;
  const storage::Customer& stored = view.stored;
  return kEntryBytes + sizeof view + view.features.capacity() * sizeof(storage::FeatureNo) +
         view.bindings.capacity() * sizeof(CounterBinding) +
         view.timeline.spans().capacity() * sizeof(Span) +
         view.timeline.zones().history().size() * sizeof(rating::Zones::Change) +
         2 * view.id().size() + stored.record.SpaceUsedLong() + stored.contract.SpaceUsedLong();
}

}  // namespace

const CounterBinding* CustomerView::FindBinding(storage::FeatureNo feature, Micros time) const {
  const auto found = std::lower_bound(features.begin(), features.end(), feature);
  if (found == features.end() || *found != feature) return nullptr;
  const CounterBinding& binding = bindings[static_cast<size_t>(found - features.begin())];
  if (fresh_from <= time && time < fresh_until) return &binding;  // does not touch its memory
  return binding.valid_from <= time && time < binding.valid_until ? &binding : nullptr;
}

CounterBinding CustomerView::BindingAt(const Span& span, const UsageTerms& terms,
                                       Micros time) const {
  const CounterLocation location = Locate(timeline, span, terms, time);
  CounterBinding binding{
      .terms = &terms,
      .valid_from = location.valid_from,
      .valid_until = location.valid_until,
      .needs_limit_check = location.segments > 1 || stored.contract.has_spend_cap(),
      .target = {.counter = location.counter,
                 .group_segments = location.segments,
                 .terms = location.terms}};
  binding.target.counter.customer = number;
  SetBounds(BoundsOf(terms), binding.target);
  return binding;
}

absl::StatusOr<std::shared_ptr<const Catalog>> Directory::GetCatalog(
    const storage::ReadOptions& read, TenantId tenant) {
  OWO_TRY(const uint64_t generation, store_.CatalogGeneration(read, tenant));
  return GetCatalog(read, tenant, generation);
}

absl::StatusOr<std::shared_ptr<const Catalog>> Directory::GetCatalog(
    const storage::ReadOptions& read, TenantId tenant, uint64_t generation) {
  Catalog::Ptr cached = CachedCatalog(tenant);
  if (cached != nullptr && cached->generation() >= generation) return cached;
  OWO_RETURN_IF_ERROR(RefreshCatalog(read, tenant));
  return CachedCatalog(tenant);
}

absl::StatusOr<CatalogReader> Directory::ReadCatalog(const storage::ReadOptions& read,
                                                     TenantId tenant) {
  OWO_TRY(Catalog::Ptr catalog, GetCatalog(read, tenant));
  return ReaderOf(read, tenant, std::move(catalog));
}

absl::StatusOr<CatalogReader> Directory::ReadCatalog(const storage::ReadOptions& read,
                                                     TenantId tenant, uint64_t generation) {
  OWO_TRY(Catalog::Ptr catalog, GetCatalog(read, tenant, generation));
  return ReaderOf(read, tenant, std::move(catalog));
}

absl::Status Directory::RefreshCatalog(const storage::ReadOptions& read, TenantId tenant) {
  OWO_TRY(const bool newer, catalogs_.Refresh(read, tenant));
  if (newer) ForgetOlder(tenant);
  return absl::OkStatus();
}

void Directory::ForgetOlder(TenantId tenant) {
  const Catalog::Ptr newest = CachedCatalog(tenant);
  if (newest == nullptr) return;
  for (Shard& shard : shards_) {
    std::vector<CustomerPtr> older;  // declared before the lock: destroyed after it is released
    const absl::MutexLock lock(&shard.mutex);
    for (auto at = shard.customers.begin(); at != shard.customers.end();) {
      const bool is_older =
          at->first.first == tenant && at->second->catalog->generation() < newest->generation();
      const auto next = std::next(at);
      if (is_older) {
        older.push_back(at->second);
        shard.Erase(at);
      }
      at = next;
    }
  }
}

Directory::Shard& Directory::ShardOf(std::string_view id) {
  return shards_[absl::HashOf(absl::string_view(id.data(), id.size())) % kShards];
}

CustomerPtr Directory::FindCached(TenantId tenant, std::string_view id, const Catalog& newest,
                                  Micros now) {
  Shard& shard = ShardOf(id);
  const absl::MutexLock lock(&shard.mutex);
  const auto found = shard.customers.find(KeyView(tenant, id));
  if (found == shard.customers.end()) return nullptr;
  const CustomerPtr& view = found->second;
  const bool fresh = view->catalog->generation() == newest.generation() && now < view->fresh_until;
  return fresh ? view : nullptr;
}

absl::StatusOr<CustomerPtr> Directory::Find(const CallContext& context,
                                            const storage::ReadOptions& read,
                                            std::string_view id_or_email) {
  OWO_TRY(const Catalog::Ptr newest, GetCatalog(read, context.tenant));
  if (CustomerPtr cached = FindCached(context.tenant, id_or_email, *newest, context.now())) {
    OWO_TRY(const uint64_t generation,
            store_.CustomerGeneration(read, context.tenant, cached->number));
    if (cached->generation >= generation) return cached;
  }
  return FindFresh(context, read, id_or_email);
}

absl::StatusOr<CustomerAccount> Directory::FindWithAccount(const CallContext& context,
                                                           const storage::ReadOptions& read,
                                                           std::string_view id_or_email) {
  CustomerAccount found;
  if (const auto newest = CachedCatalog(context.tenant)) {
    found.customer = FindCached(context.tenant, id_or_email, *newest, context.now());
  }
  for (int attempt = 0; attempt < kAttemptsMax; ++attempt) {
    if (found.customer == nullptr) {
      OWO_TRY(found.customer, FindFresh(context, read, id_or_email));
    }
    OWO_TRY(found.account, store_.ReadAccount(read, context.tenant, found.customer->number, {}));
    if (found.customer->generation >= found.account.customer_generation) return found;
    found.customer = nullptr;  // it has changed, and may have another name now
  }
  return TooMuchContention();
}

absl::StatusOr<CustomerPtr> Directory::FindFresh(const CallContext& context,
                                                 const storage::ReadOptions& read,
                                                 std::string_view id_or_email) {
  Shard& shard = ShardOf(id_or_email);
  uint64_t epoch = 0;
  {
    const absl::MutexLock lock(&shard.mutex);
    epoch = shard.epoch;
  }
  OWO_TRY(CustomerPtr view, FindStored(context, read, id_or_email));
  const absl::MutexLock lock(&shard.mutex);
  // If Forget() was called since the read, the result may be stale: do not cache it.
  if (view->id() == id_or_email && shard.epoch == epoch) {
    const auto former = shard.customers.find(KeyView(context.tenant, id_or_email));
    if (former != shard.customers.end()) shard.Erase(former);
    while (shard.bytes + view->bytes > shard_bytes_max_ && !shard.customers.empty()) {
      shard.Erase(shard.customers.begin());
    }
    shard.customers.emplace(Key(context.tenant, id_or_email), view);
    shard.bytes += view->bytes;
  }
  return view;
}

size_t Directory::customers_bytes() {
  size_t bytes = 0;
  for (Shard& shard : shards_) {
    const absl::MutexLock lock(&shard.mutex);
    bytes += shard.bytes;
  }
  return bytes;
}

absl::StatusOr<CustomerPtr> Directory::FindStored(const CallContext& context,
                                                  const storage::ReadOptions& read,
                                                  std::string_view id_or_email) {
  OWO_TRY(const auto by_id, store_.FindCustomer(read, context.tenant, id_or_email));
  if (by_id.has_value()) return Load(context, read, *by_id);
  OWO_TRY(const auto by_email, store_.FindByEmail(read, context.tenant, id_or_email, 2));
  const std::string name(id_or_email);
  if (by_email.size() > 1) {
    return Refuse(Reason::kCustomerAmbiguous,
                  absl::StrCat("several customers have the email \"", name, "\": use an id"),
                  {{"customer", name}});
  }
  if (by_email.empty()) {
    return Refuse(Reason::kCustomerNotFound,
                  absl::StrCat("no customer has the id or email \"", name, "\""),
                  {{"customer", name}});
  }
  return Load(context, read, by_email.front());
}

absl::StatusOr<CustomerPtr> Directory::Load(const CallContext& context,
                                            const storage::ReadOptions& read,
                                            storage::CustomerNo number) {
  OWO_TRY(storage::Customer stored,
          store_.ReadCustomer(read, context.tenant, number, {.metadata = false}));
  return View(context, read, number, std::move(stored));
}

absl::StatusOr<CustomerPtr> Directory::View(const CallContext& context,
                                            const storage::ReadOptions& read,
                                            storage::CustomerNo number, storage::Customer stored) {
  auto view = std::make_shared<CustomerView>();
  view->number = number;
  view->generation = stored.contract.generation();
  view->stored = std::move(stored);
  // After the customer was read, so that the catalog has the plans of its subscriptions.
  OWO_TRY(view->catalog, GetCatalog(read, context.tenant));
  OWO_TRY(view->timeline, Timeline::Of(view->stored.contract, *view->catalog));
  CatalogReader catalog = ReaderOf(read, context.tenant, view->catalog);
  OWO_RETURN_IF_ERROR(MakeBindings(*view, catalog, context.now()));
  view->bytes = BytesOf(*view);
  return CustomerPtr(std::move(view));
}

void Directory::Forget(TenantId tenant, std::string_view id) {
  Shard& shard = ShardOf(id);
  const absl::MutexLock lock(&shard.mutex);
  const auto found = shard.customers.find(KeyView(tenant, id));
  if (found != shard.customers.end()) shard.Erase(found);
  ++shard.epoch;
}

}  // namespace owo::ledger
