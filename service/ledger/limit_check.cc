#include "service/ledger/limit_check.h"

#include <algorithm>
#include <set>

#include "storage/util/try.h"

namespace owo::ledger {
namespace {

using storage::Counter;
using storage::CounterKey;
using storage::Micros;

// The counters of all charged features in the billing period of `event`.
absl::StatusOr<std::set<CounterKey>> ChargedKeys(CatalogReader& catalog, const LimitInput& event) {
  const Timeline& timeline = event.customer->timeline;
  const Span* const now = timeline.At(event.time);
  const rating::Period period = BillingPeriod(timeline, *now->plan, event.time);
  const Micros start = absl::ToUnixMicros(period.start);
  const Micros end = absl::ToUnixMicros(period.end);
  std::set<CounterKey> keys;
  for (const Span& span : timeline.spans()) {
    if (span.end <= start || span.start >= end) continue;
    OWO_TRY(const UsageTermsPtr of_version,
            catalog.ReadUsage(span.plan->number, span.version->version));
    for (const UsageTerms& terms : *of_version) {
      if (!terms.charged()) continue;
      // Usually one counter. Several if a plan with a shorter interval was in force for a part of
      // the period.
      Micros at = std::max(span.start, start);
      while (at < std::min(span.end, end)) {
        CounterLocation location = Locate(timeline, span, terms, at);
        location.counter.customer = event.customer->number;
        keys.insert(location.counter);
        at = location.valid_until;
      }
    }
  }
  return keys;
}

}  // namespace

absl::StatusOr<std::vector<CounterKey>> LimitChecker::KeysFor(CatalogReader& catalog,
                                                              const LimitInput& event) {
  std::set<CounterKey> keys;
  const auto insert = [&keys](CounterKey key, uint32_t segments) {
    for (key.segment = 0; key.segment < segments; ++key.segment) keys.insert(key);
  };
  if (event.customer->stored.contract.has_spend_cap()) {
    // Includes the earlier segments of each counter, charged or not: they use up the allowance.
    OWO_TRY(const std::set<CounterKey> charged, ChargedKeys(catalog, event));
    for (const CounterKey& key : charged) insert(key, key.segment + 1);
  }
  insert(event.binding->target.counter, event.binding->target.group_segments);
  return std::vector<CounterKey>(keys.begin(), keys.end());
}

absl::StatusOr<LimitChecker> LimitChecker::Read(const storage::ReadOptions& read,
                                                Directory& directory, storage::TenantId tenant,
                                                storage::CustomerNo customer,
                                                const std::vector<CounterKey>& keys) {
  OWO_TRY(storage::Account account, directory.store().ReadAccount(read, tenant, customer, keys));
  OWO_TRY(CatalogReader catalog, directory.ReadCatalog(read, tenant, account.catalog_generation));
  LimitChecker checker(std::move(catalog));
  checker.customer_generation_ = account.customer_generation;
  checker.catalog_generation_ = account.catalog_generation;
  checker.usage_version_ = account.usage_version;
  std::vector<Counter> counters;
  for (std::optional<Counter>& counter : account.asked) {
    if (!counter.has_value()) continue;
    const CounterKey key = counter->key;
    if (counters.size() < CatalogReader::kPreparedMax) counters.push_back(*counter);
    checker.counters_[key] = *std::move(counter);
  }
  OWO_RETURN_IF_ERROR(checker.catalog_.Prepare(counters));
  return checker;
}

std::vector<Counter> LimitChecker::GroupOf(const CounterKey& key) const {
  CounterKey first = key;
  first.segment = 0;
  std::vector<Counter> group;
  for (auto at = counters_.lower_bound(first); at != counters_.end() && at->first.SameGroup(key);
       ++at) {
    group.push_back(at->second);
  }
  return group;
}

Counter& LimitChecker::CounterOf(const LimitInput& event) {
  const storage::Target& target = event.binding->target;
  return counters_
      .try_emplace(target.counter, Counter{.key = target.counter, .terms = target.terms})
      .first->second;
}

absl::StatusOr<absl::int128> LimitChecker::Spend(const LimitInput& event) {
  absl::int128 spend = 0;
  OWO_TRY(const std::set<CounterKey> charged, ChargedKeys(catalog_, event));
  for (auto at = charged.begin(); at != charged.end();) {
    const std::vector<Counter> group = GroupOf(*at);
    OWO_TRY(const std::vector<Rated> rated, RateGroup(catalog_, group));
    for (size_t i = 0; i < group.size(); ++i) {
      if (!charged.contains(group[i].key)) continue;
      spend += rated[i].cost;
      // A counter that never resets spans many billing periods: the part that invoices cover does
      // not belong to this one.
      const bool never = group[i].key.period.interval == storage::IntervalCode::kNever;
      if (never) spend -= group[i].covered.amount;
    }
    const CounterKey done = *at;
    while (at != charged.end() && at->SameGroup(done)) ++at;
  }
  return spend;
}

absl::StatusOr<LimitDecision> LimitChecker::Check(const LimitInput& event) {
  Counter& counter = CounterOf(event);
  const std::vector<Counter> group = GroupOf(counter.key);
  OWO_TRY(const std::vector<Rated> rated, RateGroup(catalog_, group));
  const UsageTerms& terms = *event.binding->terms;
  LimitDecision decision{.bounds = BoundsOf(terms), .total = ToDecimal(counter.total)};
  for (size_t i = 0; i < group.size(); ++i) {
    if (group[i].key != counter.key) {
      decision.others += ToDecimal(group[i].total);
      continue;
    }
    decision.bounds.allowance = rated[i].allowance;
    decision.bounds.limit = terms.Limit(rated[i].allowance);
  }
  // With several segments, whether a counter holds something to bill depends on the others too.
  const bool shares = event.binding->target.group_segments > 1;
  if (shares && terms.charged()) decision.bounds.closed_up_to.reset();

  const storage::ContractRecord& contract = event.customer->stored.contract;
  const bool adds = !event.quantity.IsNegative() && !event.quantity.IsZero();
  const bool fits = decision.total + event.quantity <= decision.bounds.total_max;
  // Usage in an uncharged segment can still raise the spend: it uses up free units that later,
  // charged segments share.
  if (contract.has_spend_cap() && adds && fits && (terms.charged() || shares)) {
    OWO_TRY(const absl::int128 before, Spend(event));
    const storage::Quantity kept = counter.total;
    counter.total += ToQuantity(event.quantity);
    const absl::StatusOr<absl::int128> after = Spend(event);
    counter.total = kept;
    OWO_RETURN_IF_ERROR(after.status());
    decision.over_cap = *after > contract.spend_cap() && *after > before;
  }
  return decision;
}

storage::Target LimitChecker::ToTarget(const LimitInput& event, const LimitDecision& decision) {
  storage::Target target = event.binding->target;
  SetBounds(decision.bounds, target);
  // An exceeded spend cap is passed as a limit that any total exceeds.
  if (decision.over_cap) target.limit = storage::Quantity{-1};
  return target;
}

void LimitChecker::Count(const LimitInput& event) {
  Counter& counter = CounterOf(event);
  counter.total += ToQuantity(event.quantity);
  ++counter.events;
  ++usage_version_;
}

}  // namespace owo::ledger
