#include "service/ledger/statement.h"

#include <algorithm>

#include "service/rating/rate.h"
#include "storage/coverage.h"
#include "storage/util/try.h"

namespace owo::ledger {
namespace {

using rating::Decimal;
using storage::Counter;
using storage::Coverage;
using storage::MinorUnits;

// The most rows that keep their terms in memory before the selection: as many as a statement has.
constexpr size_t kRowsWithTermsMax = 1000;

std::vector<storage::TierUse> TierUses(const rating::Price& price, Decimal billable) {
  std::vector<storage::TierUse> uses;
  for (const rating::TierShare& share : rating::Breakdown(price, billable)) {
    uses.push_back(
        {static_cast<uint32_t>(share.tier), ToQuantity(share.quantity), share.flat_fees});
  }
  return uses;
}

// The unit price of a row, for display. Depends only on the price and what the row adds.
std::optional<Decimal> UnitPriceOf(const rating::Price& price, const Coverage& adds) {
  std::vector<rating::TierShare> shares;
  shares.reserve(adds.tiers.size());
  for (const storage::TierUse& use : adds.tiers) {
    shares.push_back({use.tier, ToDecimal(use.quantity), use.flat_fees});
  }
  return rating::UnitPrice(price, ToDecimal(adds.billable), shares);
}

// The part of a counter that no invoice covers.
StatementRow RowOf(const Counter& counter, const Rated& rated) {
  StatementRow row{.counter = &counter, .context = rated.context};
  const Coverage& covered = counter.covered;
  row.adds = {.usage = counter.total - covered.usage,
              .free = ToQuantity(rated.free) - covered.free,
              .billable = ToQuantity(rated.billable) - covered.billable,
              .amount = rated.cost - covered.amount,
              .ranges = storage::Uncovered(covered.ranges, counter.events)};
  const rating::Price& price = rated.context.terms->price;
  row.adds.tiers = storage::Difference(TierUses(price, rated.billable), covered.tiers);
  row.unit_price = UnitPriceOf(price, row.adds);
  return row;
}

}  // namespace

absl::StatusOr<CounterContext> ContextOf(CatalogReader& catalog, const Counter& counter) {
  CounterContext context{.feature = catalog.catalog().FindFeature(counter.key.feature),
                         .plan = catalog.catalog().FindPlan(counter.terms.plan)};
  if (context.plan != nullptr) context.version = context.plan->Find(counter.terms.plan_version);
  if (context.version != nullptr) {
    OWO_TRY(context.terms,
            catalog.Find(counter.terms.plan, counter.terms.plan_version, counter.key.feature));
  }
  if (context.feature == nullptr || context.terms == nullptr) {
    return absl::DataLossError("the terms of a counter are missing from the catalog");
  }
  return context;
}

absl::StatusOr<std::vector<Rated>> RateGroup(CatalogReader& catalog,
                                             std::span<const Counter> group) {
  std::vector<Rated> rated(group.size());
  std::vector<rating::SegmentUsage> segments;
  for (size_t i = 0; i < group.size(); ++i) {
    OWO_TRY(rated[i].context, ContextOf(catalog, group[i]));
    const Terms& terms = *rated[i].context.terms;
    segments.push_back({.total = ToDecimal(group[i].total),
                        .usage_based = terms.usage_model == UsageModel::kUsageBased,
                        .included = terms.included});
  }
  const std::vector<Decimal> free = rating::FreeUnits(segments);
  Decimal granted;  // free units that earlier segments used of a shared allowance
  for (size_t i = 0; i < group.size(); ++i) {
    const Terms& terms = *rated[i].context.terms;
    rated[i].free = free[i];
    if (const std::optional<Decimal> allowance = terms.Allowance()) {
      rated[i].allowance = std::max(Decimal(), *allowance - granted);
      granted += free[i];
    }
    if (!terms.charged()) continue;
    rated[i].billable = segments[i].total - free[i];
    OWO_TRY(rated[i].cost, rating::Cost(terms.price, rated[i].billable));
  }
  return rated;
}

std::span<const Counter> GroupAt(std::span<const Counter> counters, size_t first) {
  size_t end = first;
  while (end < counters.size() && counters[end].key.SameGroup(counters[first].key)) ++end;
  return counters.subspan(first, end - first);
}

absl::StatusOr<Unbilled> UnbilledOf(CatalogReader& catalog, std::span<const Counter> open) {
  Unbilled unbilled;
  size_t prepared = 0;  // counters [0, prepared) have had their terms read
  for (size_t at = 0; at < open.size();) {
    const std::span<const Counter> group = GroupAt(open, at);
    if (at + group.size() > prepared) {
      const auto next = open.subspan(at, std::min(open.size() - at, CatalogReader::kPreparedMax));
      OWO_RETURN_IF_ERROR(catalog.Prepare(next));
      prepared = at + next.size();
    }
    at += group.size();
    OWO_TRY(const std::vector<Rated> rated, RateGroup(catalog, group));
    for (size_t i = 0; i < group.size(); ++i) {
      const Counter& counter = group[i];
      if (!counter.open) continue;
      const bool differs = ToQuantity(rated[i].billable) != counter.covered.billable ||
                           rated[i].cost != counter.covered.amount;
      if (differs) {
        StatementRow& row = unbilled.rows.emplace_back(RowOf(counter, rated[i]));
        if (unbilled.rows.size() > kRowsWithTermsMax) row.context.terms = nullptr;
      } else {
        unbilled.idle.push_back(&counter);
      }
    }
  }
  return unbilled;
}

absl::StatusOr<Statement> TakeRows(CatalogReader& catalog, Unbilled unbilled,
                                   const std::vector<bool>& taken) {
  Statement statement{.closes = std::move(unbilled.idle)};
  statement.rows.reserve(unbilled.rows.size());
  statement.closes.reserve(statement.closes.size() + unbilled.rows.size());
  for (size_t i = 0; i < unbilled.rows.size(); ++i) {
    if (!taken[i]) continue;
    StatementRow& row = unbilled.rows[i];
    if (row.context.terms == nullptr) {
      OWO_TRY(row.context, ContextOf(catalog, *row.counter));
    }
    statement.total += row.adds.amount;
    statement.closes.push_back(row.counter);
    statement.rows.push_back(std::move(row));
  }
  return statement;
}

}  // namespace owo::ledger
