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

// The most rows that are kept whole before the selection: as many as a statement has.
constexpr size_t kWholeRowsMax = 1000;

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

// Rates some of the open counters, each with its group. Counters of one group must follow each
// other.
class GroupRater {
 public:
  GroupRater(CatalogReader& catalog, std::span<const Counter> open)
      : catalog_(catalog), open_(open) {}

  // REQUIRES: `counter` is one of `open`. The result is valid until the next call.
  absl::StatusOr<const Rated*> Rate(const Counter& counter) {
    if (group_.empty() || !group_.front().key.SameGroup(counter.key)) {
      auto first = static_cast<size_t>(&counter - open_.data());
      while (first > 0 && open_[first - 1].key.SameGroup(counter.key)) --first;
      group_ = GroupAt(open_, first);
      OWO_TRY(rated_, RateGroup(catalog_, group_));
    }
    return &rated_[static_cast<size_t>(&counter - group_.data())];
  }

 private:
  CatalogReader& catalog_;
  const std::span<const Counter> open_;
  std::span<const Counter> group_;
  std::vector<Rated> rated_;
};

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
  Unbilled unbilled{.open = open};
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
        StatementRow row = RowOf(counter, rated[i]);
        unbilled.rows.push_back({.counter = &counter,
                                 .amount = row.adds.amount,
                                 .billable = row.adds.billable,
                                 .tiers = row.adds.tiers.size()});
        if (unbilled.first.size() < kWholeRowsMax) unbilled.first.push_back(std::move(row));
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
  const auto rows = static_cast<size_t>(std::count(taken.begin(), taken.end(), true));
  statement.rows.reserve(rows);
  statement.closes.reserve(statement.closes.size() + rows);
  GroupRater rater(catalog, unbilled.open);
  for (size_t i = 0; i < unbilled.rows.size(); ++i) {
    if (!taken[i]) continue;
    const Counter& counter = *unbilled.rows[i].counter;
    if (i < unbilled.first.size()) {
      statement.rows.push_back(std::move(unbilled.first[i]));
    } else {
      OWO_TRY(const Rated* const rated, rater.Rate(counter));
      statement.rows.push_back(RowOf(counter, *rated));
    }
    statement.total += unbilled.rows[i].amount;
    statement.closes.push_back(&counter);
  }
  return statement;
}

}  // namespace owo::ledger
