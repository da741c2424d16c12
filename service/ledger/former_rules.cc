#include "service/ledger/former_rules.h"

#include <algorithm>
#include <optional>

#include "service/ledger/invoice_lines.h"
#include "service/rating/rate.h"
#include "service/rating/wide.h"

namespace owo::ledger {
namespace {

using rating::Decimal;
using rating::Price;
using rating::Wide;
using storage::MinorUnits;

constexpr size_t kFormerLinesMax = 1000;

// The unit price of the only tier between the billable quantities `from` and `to`. Absent if there
// are several tiers between them, or if they are equal.
std::optional<Decimal> PriceBetween(const Price& price, Decimal from, Decimal to) {
  const auto [low, high] = std::minmax(from, to);
  if (low == high) return std::nullopt;
  const bool graduated = price.model == rating::RatingModel::kGraduated;
  const Decimal first = graduated ? low + Decimal::FromUnits(1) : low.IsZero() ? high : low;
  const auto tier_of = [&price](Decimal unit) {
    return std::ranges::find_if(
        price.tiers, [unit](const rating::Tier& t) { return !t.up_to || unit <= *t.up_to; });
  };
  const auto tier = tier_of(high);
  if (tier != tier_of(first)) return std::nullopt;
  return tier->unit_price;
}

Decimal AveragePrice(MinorUnits amount, Decimal quantity) {
  constexpr absl::int128 kOne = Decimal::kUnitsPerOne;
  const Wide max(Decimal::Max().units());
  const Wide average =
      DivideHalfAwayFromZero(Wide::Product(amount, kOne * kOne), Wide(quantity.units()));
  return Decimal::FromUnits(*std::clamp(average, -max, max).ToInt128());
}

std::optional<Decimal> FormerUnitPrice(const StatementRow& row) {
  const Decimal billed = ToDecimal(row.adds.billable);
  const Price& price = row.context.terms->price;
  if (billed.IsZero() || !rating::IsTiered(price.model)) return row.unit_price;
  const Decimal covered = ToDecimal(row.counter->covered.billable);
  const Decimal before = std::clamp(covered, Decimal(), rating::kTotalMax);
  const std::optional<Decimal> single = PriceBetween(price, before, covered + billed);
  return single.has_value() ? single : AveragePrice(row.adds.amount, billed);
}

}  // namespace

std::vector<bool> FormerlySelectedRows(std::span<const RowSize> rows) {
  std::vector<bool> taken(rows.size(), false);
  MinorUnits total = 0;
  for (size_t i = 0; i < std::min(rows.size(), kFormerLinesMax); ++i) {
    if (__builtin_add_overflow(total, rows[i].amount, &total)) break;
    taken[i] = true;
  }
  return taken;
}

InvoiceLine FormerRatedLine(const StatementRow& row) {
  InvoiceLine line = RatedLine(row);
  line.unit_price.clear();
  const std::optional<Decimal> price = FormerUnitPrice(row);
  if (price.has_value()) line.unit_price = price->ToString();
  line.tiers.clear();
  for (const storage::TierUse& use : row.adds.tiers) line.tiers.push_back(TierOf(row, use));
  return line;
}

}  // namespace owo::ledger
