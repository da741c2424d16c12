// Short forms to write catalogs.
//
//   CatalogSpec spec = CatalogOf(PlanOf("pro", {PerUnit("calls", "100", "10")}));
//   spec.plans[0].features.push_back(Blocking("seats", "5"));
#ifndef OWO_TESTS_SUPPORT_CATALOG_H_
#define OWO_TESTS_SUPPORT_CATALOG_H_

#include <string>
#include <string_view>
#include <vector>

#include "service/ledger/catalog.h"

namespace owo::ledger {

// `included` of a feature without a limit.
inline constexpr std::string_view kUnlimited;

rating::Decimal D(std::string_view text);
// Parses "2026-11-15T12:00:00Z". The test fails if it is not a time.
storage::Micros At(std::string_view time);

// Parses tiers: "30: 100 + 1000" is a tier up to 30 at 100 with a flat fee of 1000; ": 50" is the
// last one, at 50.
std::vector<rating::Tier> Tiers(const std::vector<std::string>& tiers);

// ---- Terms of a feature; `included` is per month.

PlanFeatureSpec PerUnit(std::string_view feature, std::string_view included,
                        std::string_view price);
PlanFeatureSpec Package(std::string_view feature, std::string_view included, std::string_view price,
                        std::string_view units);
PlanFeatureSpec Graduated(std::string_view feature, std::string_view included,
                          const std::vector<std::string>& tiers);
PlanFeatureSpec Volume(std::string_view feature, std::string_view included,
                       const std::vector<std::string>& tiers);
PlanFeatureSpec Blocking(std::string_view feature, std::string_view included);
// Nothing is included; each unit costs `price`.
PlanFeatureSpec UsageBased(std::string_view feature, std::string_view price);

PlanFeatureSpec Resetting(PlanFeatureSpec feature, rating::Interval reset);
PlanFeatureSpec AtMostOver(PlanFeatureSpec feature, std::string_view max_overage_units);

// ---- Whole catalogs.

PlanSpec PlanOf(std::string_view slug, std::vector<PlanFeatureSpec> features,
                std::string_view currency = "USD");
// Returns the plans and every feature that they name.
CatalogSpec CatalogOf(std::vector<PlanSpec> plans);
inline CatalogSpec CatalogOf(PlanSpec plan) {
  return CatalogOf(std::vector<PlanSpec>{std::move(plan)});
}

}  // namespace owo::ledger

#endif  // OWO_TESTS_SUPPORT_CATALOG_H_
