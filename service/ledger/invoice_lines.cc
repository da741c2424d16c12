#include "service/ledger/invoice_lines.h"

#include "service/rating/rate.h"

namespace owo::ledger {
namespace {

using rating::Decimal;

absl::TimeZone ZoneAt(const rating::Zones& zones, absl::Time time) {
  absl::TimeZone zone = zones.history().front().zone;
  for (const rating::Zones::Change& change : zones.history()) {
    if (change.since <= time) zone = change.zone;
  }
  return zone;
}

// The sum of a flat fee that is charged n times.
Decimal Times(Decimal fee, int64_t n) { return Decimal::FromUnits(fee.units() * n); }

}  // namespace

PeriodView PeriodOf(const storage::Counter& counter, const rating::Zones& zones) {
  const absl::Time start = absl::FromUnixMicros(counter.terms.period_start);
  const absl::TimeZone zone = ZoneAt(zones, start);
  PeriodView view{.interval = IntervalOf(counter.key.period.interval),
                  .time_zone = zone.name(),
                  .start = counter.terms.period_start,
                  .end = counter.terms.period_end};
  if (view.interval == rating::Interval::kNever) return view;
  const rating::Period period{.interval = view.interval,
                              .ordinal = counter.key.period.ordinal,
                              .start = start,
                              .end = absl::FromUnixMicros(counter.terms.period_end)};
  view.label = period.Label(zone);
  return view;
}

LineTier TierOf(const StatementRow& row, const storage::TierUse& use) {
  const rating::Tier& tier = row.context.terms->price.tiers[use.tier];
  const Decimal quantity = ToDecimal(use.quantity);
  LineTier shown{.unit_price = tier.unit_price.ToString(),
                 .flat_fee = Times(tier.flat_fee, use.flat_fees).ToString(),
                 .quantity = quantity.ToString(),
                 .amount = rating::TierAmount(tier, quantity, use.flat_fees).ToString()};
  if (tier.up_to.has_value()) shown.up_to = tier.up_to->ToString();
  return shown;
}

std::vector<LineTier> TiersOf(const StatementRow& row) {
  std::vector<LineTier> tiers;
  for (const storage::TierUse& use : row.adds.tiers) {
    // Coverage counts flat fees even where the fee is 0. Such a tier has nothing to display.
    const rating::Tier& tier = row.context.terms->price.tiers[use.tier];
    if (use.quantity == storage::Quantity{} && tier.flat_fee.IsZero()) continue;
    tiers.push_back(TierOf(row, use));
  }
  return tiers;
}

InvoiceLine RatedLine(const StatementRow& row) {
  const storage::Counter& counter = *row.counter;
  InvoiceLine line{.counter = counter.key,
                   .covers = row.adds,
                   .plan_version = row.context.version->version,
                   .tiers = TiersOf(row)};
  if (row.unit_price.has_value()) line.unit_price = row.unit_price->ToString();
  line.period.interval = IntervalOf(counter.key.period.interval);
  line.period.start = counter.terms.period_start;
  line.period.end = counter.terms.period_end;
  return line;
}

InvoiceLine LineOf(const StatementRow& row, const rating::Zones& zones) {
  InvoiceLine line = RatedLine(row);
  line.feature_slug = row.context.feature->slug;
  line.feature_name = row.context.feature->name;
  line.plan = row.context.plan->slug;
  line.period = PeriodOf(*row.counter, zones);
  return line;
}

size_t LineSpaceOf(const StatementRow& row) {
  // The objects of a line, and its texts that are not counted below.
  constexpr size_t kLineSpace = 1024;
  constexpr size_t kTierSpace = 512;
  // A record's list of numbers grows by doubling.
  constexpr size_t kRangeSpace = 2 * sizeof(storage::OrdinalRange);
  const size_t texts = row.context.feature->slug.size() + row.context.feature->name.size() +
                       row.context.plan->slug.size();
  return kLineSpace + texts + kTierSpace * row.adds.tiers.size() +
         kRangeSpace * row.adds.ranges.size();
}

InvoiceLine RatedPart(InvoiceLine line) {
  line.feature_slug.clear();
  line.feature_name.clear();
  line.plan.clear();
  line.period.label.clear();
  line.period.time_zone.clear();
  return line;
}

}  // namespace owo::ledger
