#include "tests/model/plain_rating.h"

#include <algorithm>
#include <cstdlib>
#include <set>

namespace owo::model {
namespace {

constexpr int64_t kExactPerMinorUnit = 10'000'000;  // 1/1,000 unit at a price of 1/10,000

// In units of 10^-7 minor units.
int64_t ExactCostOf(const PlainPrice& price, Milli billable) {
  if (billable == 0) return 0;
  if (price.pricing == Pricing::kPerUnit) return billable * price.price;
  if (price.pricing == Pricing::kPackage) {
    const int64_t packages = (billable + price.package - 1) / price.package;
    return packages * price.price * 1000;
  }
  int64_t cost = 0;
  Milli lower = 0;
  for (const PlainTier& tier : price.tiers) {
    const Milli upper = std::min(tier.up_to.value_or(billable), billable);
    const bool reached = upper == billable;
    if (price.pricing == Pricing::kGraduated) {
      cost += (upper - lower) * tier.price + tier.fee * 1000;
    } else if (reached) {
      cost = billable * tier.price + tier.fee * 1000;
    }
    if (reached) break;
    lower = upper;
  }
  return cost;
}

// Returns numerator / denominator with 12 decimal places, rounded half away from zero.
std::string Quotient(__int128 numerator, __int128 denominator) {
  const bool negative = (numerator < 0) != (denominator < 0);
  if (numerator < 0) numerator = -numerator;
  if (denominator < 0) denominator = -denominator;
  __int128 digits = (numerator * 1'000'000'000'000 * 2 + denominator) / (denominator * 2);
  std::string text;
  for (int place = 0; place < 12 || digits > 0 || place == 12; ++place) {
    if (place == 12) text.insert(0, ".");
    text.insert(0, 1, static_cast<char>('0' + static_cast<int>(digits % 10)));
    digits /= 10;
  }
  text.erase(text.find_last_not_of('0') + 1);
  if (text.back() == '.') text.pop_back();
  return negative && text != "0" ? "-" + text : text;
}

}  // namespace

void PlainUnits::Add(const PlainUnits& other, int64_t times) {
  for (const auto& [at, change] : other.changes) changes[at] += times * change;
  for (const auto& [tier, count] : other.fees) fees[tier] += times * count;
}

void PlainUnits::AddRange(size_t tier, Milli from, Milli to) {
  changes[{tier, from}] += 1;
  changes[{tier, to}] -= 1;
}

PlainUnits UnitsOf(const PlainPrice& price, Milli billable) {
  PlainUnits units;
  if (billable == 0) return units;
  Milli lower = 0;
  for (size_t i = 0; i < price.tiers.size(); ++i) {
    const Milli upper = std::min(price.tiers[i].up_to.value_or(billable), billable);
    const bool reached = upper == billable;
    const bool graduated = price.pricing == Pricing::kGraduated;
    if (graduated || reached) {
      units.AddRange(i, graduated ? lower : 0, upper);
      units.fees[i] = 1;
    }
    if (reached) break;
    lower = upper;
  }
  return units;
}

PlainTiers TiersOf(const PlainUnits& units) {
  PlainTiers tiers;
  // A change counts from its position on, so a range counts its units: end − begin.
  for (const auto& [at, change] : units.changes) tiers[at.first].first -= change * at.second;
  for (const auto& [tier, count] : units.fees) tiers[tier].second += count;
  std::erase_if(tiers, [](const auto& tier) { return tier.second == std::pair<Milli, int64_t>(); });
  return tiers;
}

std::string UnitPriceOf(const PlainPrice& price, Milli billable, const PlainUnits& units) {
  if (billable == 0) return "";
  if (price.pricing == Pricing::kPerUnit) return Quotient(price.price, 10'000);
  if (price.pricing == Pricing::kPackage) {
    return Quotient(__int128{price.price} * 1000, __int128{price.package} * 10'000);
  }
  __int128 amount = 0;  // in 10^-7 minor units
  std::map<size_t, Milli> of_tier;
  std::optional<std::pair<size_t, Milli>> from;
  int64_t times = 0;
  for (const auto& [at, change] : units.changes) {
    if (from.has_value() && from->first == at.first) {
      of_tier[at.first] += times * (at.second - from->second);
      amount += __int128{times} * (at.second - from->second) * price.tiers[at.first].price;
    }
    from = at;
    times += change;
  }
  for (const auto& [tier, count] : units.fees) {
    amount += __int128{count} * price.tiers[tier].fee * 1000;
  }
  std::set<Price> prices;
  for (const auto& [tier, milli] : of_tier) {
    if (milli != 0) prices.insert(price.tiers[tier].price);
  }
  if (prices.size() == 1) return Quotient(*prices.begin(), 10'000);
  return Quotient(amount, __int128{billable} * 10'000);
}

int64_t CostOf(const PlainPrice& price, Milli billable) {
  const int64_t exact = ExactCostOf(price, billable);
  return (exact + kExactPerMinorUnit / 2) / kExactPerMinorUnit;
}

}  // namespace owo::model
