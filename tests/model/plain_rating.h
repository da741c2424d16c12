// What usage costs, in the plainest arithmetic there is: whole numbers of small units.
//
//   PlainPrice price{.pricing = Pricing::kPerUnit, .price = 25'000};   // 2.5 minor units
//   CostOf(price, 3'000);                                              // 3 units: 8 minor units
#ifndef OWO_TESTS_MODEL_PLAIN_RATING_H_
#define OWO_TESTS_MODEL_PLAIN_RATING_H_

#include <cstdint>
#include <optional>
#include <vector>

namespace owo::model {

// Thousandths of a unit.
using Milli = int64_t;
// Ten-thousandths of a minor unit.
using Price = int64_t;

struct PlainTier {
  std::optional<Milli> up_to;  // absent: the last one
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

// In minor units. REQUIRES: billable >= 0.
int64_t CostOf(const PlainPrice& price, Milli billable);

}  // namespace owo::model

#endif  // OWO_TESTS_MODEL_PLAIN_RATING_H_
