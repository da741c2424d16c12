// The cost of usage, in the simplest arithmetic: integers of small units.
//
//   PlainPrice price{.pricing = Pricing::kPerUnit, .price = 25'000};   // 2.5 minor units
//   CostOf(price, 3'000);                                              // 3 units: 8 minor units
#ifndef OWO_TESTS_MODEL_PLAIN_RATING_H_
#define OWO_TESTS_MODEL_PLAIN_RATING_H_

#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace owo::model {

// Thousandths of a unit.
using Milli = int64_t;
// Ten-thousandths of a minor unit.
using Price = int64_t;

struct PlainTier {
  std::optional<Milli> up_to;  // absent on the last tier
  Price price = 0;
  Price fee = 0;
  friend bool operator==(const PlainTier&, const PlainTier&) = default;
};

enum class Pricing { kPerUnit, kPackage, kGraduated, kVolume };

struct PlainPrice {
  Pricing pricing = Pricing::kPerUnit;
  Price price = 0;
  Milli package = 1000;
  std::vector<PlainTier> tiers;
  friend bool operator==(const PlainPrice&, const PlainPrice&) = default;
};

// Returns the cost in minor units. REQUIRES: billable >= 0.
int64_t CostOf(const PlainPrice& price, Milli billable);

// Ranges of units, each priced by a tier. A unit counts several times where ranges overlap, and
// negatively if it is credited.
struct PlainUnits {
  // By tier and position: the change of the number of times that units count, from there on.
  std::map<std::pair<size_t, Milli>, int64_t> changes;
  std::map<size_t, int64_t> fees;  // how often the tier's fee is charged

  void Add(const PlainUnits& other, int64_t times = 1);
  void AddRange(size_t tier, Milli from, Milli to);
};

// Returns the units up to `billable`. Empty for prices without tiers.
PlainUnits UnitsOf(const PlainPrice& price, Milli billable);

// Units and fees by tier, without tiers that have neither.
using PlainTiers = std::map<size_t, std::pair<Milli, int64_t>>;
PlainTiers TiersOf(const PlainUnits& units);

// Returns a decimal with at most 12 decimal places; "" if `billable` is 0. It is the common price
// of all units, or the average including fees.
std::string UnitPriceOf(const PlainPrice& price, Milli billable, const PlainUnits& units);

}  // namespace owo::model

#endif  // OWO_TESTS_MODEL_PLAIN_RATING_H_
