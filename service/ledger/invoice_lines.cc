#include "service/ledger/invoice_lines.h"

#include "service/rating/rate.h"
#include "storage/convert.h"
#include "storage/util/try.h"

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

storage::LineTierRecord TierOf(const StatementRow& row, const storage::TierUse& use) {
  const rating::Tier& tier = row.context.terms->price.tiers[use.tier];
  const Decimal quantity = ToDecimal(use.quantity);
  storage::LineTierRecord record;
  if (tier.up_to.has_value()) record.set_up_to(tier.up_to->ToString());
  record.set_unit_price(tier.unit_price.ToString());
  record.set_flat_fee(Times(tier.flat_fee, use.flat_fees).ToString());
  record.set_quantity(quantity.ToString());
  record.set_amount(rating::TierAmount(tier, quantity, use.flat_fees).ToString());
  return record;
}

std::vector<storage::LineTierRecord> TiersOf(const StatementRow& row) {
  std::vector<storage::LineTierRecord> tiers;
  for (const storage::TierUse& use : row.adds.tiers) {
    // Coverage counts flat fees even where the fee is 0. Such a tier has nothing to display.
    const rating::Tier& tier = row.context.terms->price.tiers[use.tier];
    if (use.quantity == storage::Quantity{} && tier.flat_fee.IsZero()) continue;
    tiers.push_back(TierOf(row, use));
  }
  return tiers;
}

absl::StatusOr<LineUnits> UnitsOf(const storage::LineRow& line) {
  OWO_TRY(const storage::Quantity usage, storage::UnpackQuantity(line.usage));
  OWO_TRY(const storage::Quantity free, storage::UnpackQuantity(line.free));
  OWO_TRY(const storage::Quantity billable, storage::UnpackQuantity(line.billable));
  return LineUnits{
      .usage = ToDecimal(usage), .free = ToDecimal(free), .billable = ToDecimal(billable)};
}

PeriodView PeriodOf(const storage::LineRecord& line) {
  const auto code = static_cast<storage::IntervalCode>(line.counter().interval());
  return {.interval = IntervalOf(code),
          .label = line.period_label(),
          .time_zone = line.time_zone(),
          .start = line.period_start_us(),
          .end = line.period_end_us()};
}

storage::LineRecord RatedLine(const StatementRow& row) {
  storage::LineRecord line;
  *line.mutable_counter() = storage::ToRecord(row.counter->key);
  *line.mutable_covers() = storage::ToRecord(row.adds);
  line.set_plan_version(row.context.version->version);
  if (row.unit_price.has_value()) line.set_unit_price(row.unit_price->ToString());
  for (storage::LineTierRecord& tier : TiersOf(row)) *line.add_tiers() = std::move(tier);
  line.set_period_start_us(row.counter->terms.period_start);
  line.set_period_end_us(row.counter->terms.period_end);
  return line;
}

storage::LineRecord LineOf(const StatementRow& row, const rating::Zones& zones) {
  storage::LineRecord line = RatedLine(row);
  line.set_feature_slug(row.context.feature->slug);
  line.set_feature_name(row.context.feature->name);
  line.set_plan(row.context.plan->slug);
  const PeriodView period = PeriodOf(*row.counter, zones);
  line.set_period_label(period.label);
  line.set_time_zone(period.time_zone);
  return line;
}

storage::LineRecord RatedPart(storage::LineRecord line) {
  line.clear_feature_slug();
  line.clear_feature_name();
  line.clear_plan();
  line.clear_period_label();
  line.clear_time_zone();
  return line;
}

}  // namespace owo::ledger
