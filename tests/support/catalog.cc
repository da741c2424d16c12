#include "tests/support/catalog.h"

#include <set>
#include <stdexcept>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/time/time.h"
#include "tests/support/refusal.h"

namespace owo::ledger {
namespace {

PlanFeatureSpec Included(std::string_view feature, std::string_view included) {
  PlanFeatureSpec spec{.feature = std::string(feature)};
  spec.terms.usage_model = UsageModel::kIncluded;
  if (included != kUnlimited) spec.terms.included = D(included);
  return spec;
}

PlanFeatureSpec Charged(std::string_view feature, std::string_view included, rating::Price price) {
  PlanFeatureSpec spec = Included(feature, included);
  spec.terms.overage = Overage::kCharge;
  spec.terms.price = std::move(price);
  return spec;
}

rating::Tier TierOf(const std::string& text) {
  const std::vector<std::string> parts = absl::StrSplit(text, absl::ByAnyChar(":+"));
  const auto part = [&parts](size_t i) {
    return std::string(absl::StripAsciiWhitespace(parts.at(i)));
  };
  rating::Tier tier{.unit_price = D(part(1))};
  if (!part(0).empty()) tier.up_to = D(part(0));
  if (parts.size() > 2) tier.flat_fee = D(part(2));
  return tier;
}

}  // namespace

rating::Decimal D(std::string_view text) { return Must(rating::Decimal::Parse(text)); }

storage::Micros At(std::string_view time) {
  absl::Time parsed;
  std::string error;
  const absl::string_view text(time.data(), time.size());
  if (!absl::ParseTime(absl::RFC3339_full, text, &parsed, &error)) {
    throw std::invalid_argument(error);
  }
  return absl::ToUnixMicros(parsed);
}

std::vector<rating::Tier> Tiers(const std::vector<std::string>& tiers) {
  std::vector<rating::Tier> parsed;
  for (const std::string& tier : tiers) parsed.push_back(TierOf(tier));
  return parsed;
}

PlanFeatureSpec PerUnit(std::string_view feature, std::string_view included,
                        std::string_view price) {
  return Charged(feature, included, {.unit_price = D(price)});
}

PlanFeatureSpec Package(std::string_view feature, std::string_view included, std::string_view price,
                        std::string_view units) {
  return Charged(
      feature, included,
      {.model = rating::RatingModel::kPackage, .unit_price = D(price), .billing_units = D(units)});
}

PlanFeatureSpec Graduated(std::string_view feature, std::string_view included,
                          const std::vector<std::string>& tiers) {
  return Charged(feature, included,
                 {.model = rating::RatingModel::kGraduated, .tiers = Tiers(tiers)});
}

PlanFeatureSpec Volume(std::string_view feature, std::string_view included,
                       const std::vector<std::string>& tiers) {
  return Charged(feature, included, {.model = rating::RatingModel::kVolume, .tiers = Tiers(tiers)});
}

PlanFeatureSpec Blocking(std::string_view feature, std::string_view included) {
  return Included(feature, included);
}

PlanFeatureSpec UsageBased(std::string_view feature, std::string_view price) {
  PlanFeatureSpec spec = Charged(feature, kUnlimited, {.unit_price = D(price)});
  spec.terms.usage_model = UsageModel::kUsageBased;
  return spec;
}

PlanFeatureSpec Resetting(PlanFeatureSpec feature, rating::Interval reset) {
  feature.terms.reset = reset;
  return feature;
}

PlanFeatureSpec AtMostOver(PlanFeatureSpec feature, std::string_view max_overage_units) {
  feature.terms.max_overage = D(max_overage_units);
  return feature;
}

PlanSpec PlanOf(std::string_view slug, std::vector<PlanFeatureSpec> features,
                std::string_view currency) {
  return {.slug = std::string(slug),
          .name = absl::StrCat("The plan ", std::string(slug)),
          .currency = std::string(currency),
          .features = std::move(features)};
}

CatalogSpec CatalogOf(std::vector<PlanSpec> plans) {
  CatalogSpec spec;
  std::set<std::string> slugs;
  for (const PlanSpec& plan : plans) {
    for (const PlanFeatureSpec& feature : plan.features) slugs.insert(feature.feature);
  }
  for (const std::string& slug : slugs) {
    spec.features.push_back({.slug = slug, .name = absl::StrCat("The feature ", slug)});
  }
  spec.plans = std::move(plans);
  return spec;
}

}  // namespace owo::ledger
