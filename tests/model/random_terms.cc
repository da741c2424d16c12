#include "tests/model/random_terms.h"

#include "tests/model/comparison.h"

namespace owo::model {
namespace {

Price RandomPrice(Random& random) {
  constexpr Price kPrices[] = {0, 1, 3'333, 5'000, 10'000, 12'500, 100'000, 1'000'000};
  return kPrices[random.Between(0, 7)];
}

std::vector<PlainTier> RandomTiers(Random& random) {
  std::vector<PlainTier> tiers;
  Milli up_to = 0;
  for (int64_t left = random.Between(0, 3); left > 0; --left) {
    up_to += random.Between(1, 40'000);
    const Price fee = random.OneIn(2) ? RandomPrice(random) : 0;
    tiers.push_back({up_to, RandomPrice(random), fee});
  }
  tiers.push_back({std::nullopt, RandomPrice(random), random.OneIn(3) ? Price{5'000} : Price{0}});
  return tiers;
}

PlainPrice RandomPricing(Random& random) {
  PlainPrice price{.pricing = static_cast<Pricing>(random.Between(0, 3))};
  const bool tiered = price.pricing == Pricing::kGraduated || price.pricing == Pricing::kVolume;
  if (tiered) {
    price.tiers = RandomTiers(random);
  } else {
    price.price = RandomPrice(random);
  }
  if (price.pricing == Pricing::kPackage) price.package = random.Between(1, 20'000);
  return price;
}

PlainTerms RandomTerms(Random& random, const std::string& feature) {
  PlainTerms terms{.kind = static_cast<Kind>(random.Between(0, 2))};
  if (feature == "disk") terms.reset = Reset::kNever;
  if (terms.kind != Kind::kUsageBased && !random.OneIn(6)) {
    terms.included = random.Between(0, 4) * 20'000;
  }
  if (terms.kind == Kind::kBlock) {
    if (feature == "seats") terms.reset = Reset::kDay;
    return terms;
  }
  terms.price = RandomPricing(random);
  if (random.OneIn(4)) terms.max_over = random.Between(0, 100'000);
  return terms;
}

rating::Price ToReal(const PlainPrice& plain) {
  rating::Price price{.model = static_cast<rating::RatingModel>(plain.pricing),
                      .unit_price = PriceToDecimal(plain.price),
                      .billing_units = ToDecimal(plain.package)};
  for (const PlainTier& tier : plain.tiers) {
    rating::Tier& to = price.tiers.emplace_back();
    if (tier.up_to.has_value()) to.up_to = ToDecimal(*tier.up_to);
    to.unit_price = PriceToDecimal(tier.price);
    to.flat_fee = PriceToDecimal(tier.fee);
  }
  return price;
}

rating::Interval ToReal(Reset reset) {
  if (reset == Reset::kDay) return rating::Interval::kDay;
  return reset == Reset::kNever ? rating::Interval::kNever : rating::Interval::kMonth;
}

ledger::Terms ToReal(const PlainTerms& plain) {
  ledger::Terms terms;
  terms.usage_model = plain.kind == Kind::kUsageBased ? ledger::UsageModel::kUsageBased
                                                      : ledger::UsageModel::kIncluded;
  terms.price = ToReal(plain.price);
  terms.reset = ToReal(plain.reset);
  terms.overage = plain.kind == Kind::kBlock ? ledger::Overage::kBlock : ledger::Overage::kCharge;
  if (plain.included.has_value()) terms.included = ToDecimal(*plain.included);
  if (plain.max_over.has_value()) terms.max_overage = ToDecimal(*plain.max_over);
  return terms;
}

}  // namespace

PlainFeatures RandomFeatures(Random& random) {
  PlainFeatures features;
  for (const char* const feature : kFeatures) {
    if (!random.OneIn(8)) features[feature] = RandomTerms(random, feature);
  }
  return features;
}

ledger::PlanSpec PlanOf(const std::string& plan, const PlainFeatures& features) {
  ledger::PlanSpec spec = ledger::PlanOf(plan, {});
  for (const auto& [feature, terms] : features) spec.features.push_back({feature, ToReal(terms)});
  return spec;
}

}  // namespace owo::model
