#include "service/ledger/metering.h"

#include <utility>

#include "service/ledger/reason.h"
#include "service/ledger/resolve.h"
#include "service/ledger/tracking.h"
#include "storage/try.h"

namespace owo::ledger {
namespace {

using rating::Decimal;
using storage::CounterKey;
using storage::TenantId;

}  // namespace

void Metering::Track(TenantId tenant, std::vector<UsageEvent> events, TrackDetail detail,
                     TrackDone done) {
  StartTracking(context_, lanes_, tenant, std::move(events), detail, std::move(done));
}

absl::StatusOr<TrackResult> Metering::Check(const storage::ReadOptions& read, TenantId tenant,
                                            const UsageEvent& event) {
  Resolved resolved;
  OWO_TRY(resolved.customer, context_.directory.Find(read, tenant, event.customer));
  OWO_RETURN_IF_ERROR(Resolve(read, context_, tenant, event, context_.clock(), resolved));
  TrackResult result{.code = resolved.verdict.code, .error = resolved.verdict.error};
  if (result.code == TrackCode::kRejected) return result.error;
  if (!resolved.verdict.counts()) return result;

  const Weighed weighed = resolved.Weigh(event.quantity);
  CatalogReader catalog = context_.directory.ReaderOf(read, tenant, resolved.customer->catalog);
  OWO_TRY(const std::vector<CounterKey> keys, Standing::KeysFor(catalog, weighed));
  OWO_TRY(Standing standing,
          Standing::Read(read, context_.directory, tenant, resolved.customer->number, keys));
  OWO_TRY(const Standing::Judged judged, standing.Judge(weighed));
  const Decimal after = judged.total + event.quantity;
  if (after.IsNegative() || after > judged.bounds.total_max) {
    return QuantityError(event, "it would take the usage of the period out of its bounds");
  }
  const bool adds = !event.quantity.IsNegative() && !event.quantity.IsZero();
  const bool over_limit = judged.bounds.limit.has_value() && after > *judged.bounds.limit;
  if (judged.over_cap || (adds && over_limit)) {
    result.code = TrackCode::kLimitExceeded;
  } else if (judged.bounds.allowance.has_value() && after > *judged.bounds.allowance) {
    result.code = TrackCode::kTrackedOverage;
  }
  result.period = std::make_shared<const PeriodUsage>(
      PeriodUsageOf(resolved, judged.bounds, judged.total, judged.others));
  return result;
}

absl::StatusOr<std::vector<storage::Counter>> Metering::GroupUpTo(const storage::ReadOptions& read,
                                                                  TenantId tenant,
                                                                  storage::Counter counter) {
  std::vector<storage::Counter> group;
  if (counter.key.segment > 0) {
    std::vector<CounterKey> earlier;
    for (CounterKey key = counter.key; earlier.size() < counter.key.segment;) {
      key.segment = static_cast<uint32_t>(earlier.size());
      earlier.push_back(key);
    }
    OWO_TRY(storage::Account account,
            context_.store.ReadAccount(read, tenant, counter.key.customer, earlier));
    for (std::optional<storage::Counter>& other : account.asked) {
      if (other.has_value()) group.push_back(*std::move(other));
    }
  }
  group.push_back(std::move(counter));
  return group;
}

absl::StatusOr<UsagePage> Metering::ListUsage(const storage::ReadOptions& read, TenantId tenant,
                                              const UsageQuery& query) {
  OWO_TRY(const CustomerPtr customer, context_.directory.Find(read, tenant, query.customer));
  if (query.before.has_value() && query.before->customer != customer->number) {
    return RefuseFields({{"page_token", "was given for a customer who no longer has this name"}});
  }
  OWO_TRY(const auto known, context_.directory.GetCatalog(read, tenant));
  OWO_TRY(const storage::FeatureNo feature, FeatureNamed(*known, query.feature));
  OWO_TRY(std::vector<storage::Counter> counters,
          context_.store.ListCounters(read, tenant, customer->number, feature, query.before,
                                      query.most + 1));
  UsagePage page;
  if (counters.size() > query.most) {
    counters.resize(query.most);
    page.next = counters.back().key;
  }
  std::vector<std::vector<storage::Counter>> groups;
  for (storage::Counter& counter : counters) {
    OWO_TRY(groups.emplace_back(), GroupUpTo(read, tenant, std::move(counter)));
  }
  OWO_TRY(CatalogReader catalog, context_.directory.ReadCatalog(read, tenant));
  page.catalog = catalog.shared();
  for (std::vector<storage::Counter>& group : groups) {
    OWO_TRY(const std::vector<Rated> rated, RateGroup(catalog, group));
    storage::Counter& counter = group.back();
    UsageRow row{.rated = rated.back(), .period = PeriodOf(counter, customer->timeline.zones())};
    row.subscription_id =
        SubscriptionIdText(static_cast<uint64_t>(customer->number), counter.terms.subscription);
    row.counter = std::move(counter);
    page.rows.push_back(std::move(row));
  }
  return page;
}

}  // namespace owo::ledger
