// ViolationsOf(), CheckSpec() and CheckBytes(): the rules of a catalog that concern several fields
// at once.

#include <algorithm>
#include <utility>

#include "absl/container/flat_hash_set.h"
#include "absl/strings/str_cat.h"
#include "service/ledger/catalog.h"

namespace owo::ledger {
namespace {

using rating::Interval;

// The rules that a spec must satisfy by itself.
class SpecChecker {
 public:
  SpecChecker(const CatalogSpec& spec, std::span<const FieldViolation> known)
      : spec_(spec), known_(known) {}

  std::vector<FieldViolation> Check() {
    absl::flat_hash_set<std::string> slugs;
    for (size_t i = 0; i < spec_.features.size(); ++i) {
      CheckOnce(absl::StrCat("features[", i, "].slug"), spec_.features[i].slug, "feature", slugs);
    }
    slugs.clear();
    for (size_t i = 0; i < spec_.plans.size(); ++i) {
      const std::string path = absl::StrCat("plans[", i, "]");
      CheckOnce(path + ".slug", spec_.plans[i].slug, "plan", slugs);
      CheckPlan(spec_.plans[i], path);
    }
    return std::move(violations_);
  }

 private:
  void Violation(std::string field, std::string description) {
    if (IsWrong(field)) return;
    violations_.push_back({std::move(field), std::move(description)});
  }

  // Whether the field, or one inside of it, is known to be wrong. What is read of it then means
  // nothing.
  bool IsWrong(std::string_view path) const {
    return std::any_of(known_.begin(), known_.end(), [path](const FieldViolation& violation) {
      const std::string_view field = violation.field;
      return field.starts_with(path) && (field.size() == path.size() || field[path.size()] == '.' ||
                                         field[path.size()] == '[');
    });
  }

  void CheckOnce(std::string path, const std::string& slug, std::string_view what,
                 absl::flat_hash_set<std::string>& seen) {
    if (IsWrong(path) || seen.insert(slug).second) return;
    Violation(std::move(path),
              absl::StrCat("got \"", slug, "\" again: each ", std::string(what), " once"));
  }

  void CheckPlan(const PlanSpec& plan, const std::string& path) {
    if (!rating::Currency::Parse(plan.currency).ok()) {
      Violation(path + ".currency",
                absl::StrCat("got \"", plan.currency, "\", want an ISO 4217 code such as \"USD\""));
    }
    const bool has_interval = !IsWrong(path + ".interval");
    if (has_interval && (plan.interval < Interval::kWeek || plan.interval > Interval::kYear)) {
      Violation(path + ".interval", "want week, month, quarter or year");
    }
    absl::flat_hash_set<std::string> seen;
    for (size_t j = 0; j < plan.features.size(); ++j) {
      const std::string at = absl::StrCat(path, ".features[", j, "]");
      CheckOnce(at + ".feature_slug", plan.features[j].feature, "feature", seen);
      CheckTerms(plan.features[j].terms, plan, has_interval, at);
    }
  }

  // `at`: the path of the feature. `has_interval`: whether the plan's interval is known.
  void CheckTerms(const Terms& terms, const PlanSpec& plan, bool has_interval,
                  const std::string& at) {
    if (IsWrong(at + ".usage_model")) return;
    const bool usage_based = terms.usage_model == UsageModel::kUsageBased;
    if (usage_based && terms.included.has_value()) {
      Violation(at + ".included", "usage-based features include nothing: leave it out");
    }
    if (IsWrong(at + ".overage")) return;
    if (usage_based && terms.overage == Overage::kBlock) {
      Violation(at + ".overage", "usage-based features have no allowance to block beyond");
    }
    if (!terms.charged()) return CheckUncharged(terms, at);
    if (has_interval && terms.reset != plan.interval && terms.reset != Interval::kNever) {
      Violation(at + ".reset_interval",
                "a charged feature resets with the plan's interval or never: what is billed by "
                "interval cannot be counted by a shorter or longer one");
    }
    for (const char* const field : {".rating_model", ".unit_price", ".billing_units", ".tiers"}) {
      if (IsWrong(at + field)) return;
    }
    if (const auto error = rating::Validate(terms.price)) {
      Violation(absl::StrCat(at, ".", error->field), error->message);
    }
  }

  void CheckUncharged(const Terms& terms, const std::string& at) {
    constexpr char kWhy[] = "only charged features (usage-based, or overage CHARGE) have a price";
    const rating::Price& price = terms.price;
    if (!price.unit_price.IsZero()) Violation(at + ".unit_price", kWhy);
    if (!price.tiers.empty()) Violation(at + ".tiers", kWhy);
    if (price.billing_units != rating::Decimal::FromInteger(1)) {
      Violation(at + ".billing_units", kWhy);
    }
    if (terms.max_overage.has_value()) Violation(at + ".max_overage_units", kWhy);
  }

  const CatalogSpec& spec_;
  const std::span<const FieldViolation> known_;
  std::vector<FieldViolation> violations_;
};

// The rules that a spec must satisfy together with the catalog.
class Checker {
 public:
  Checker(const CatalogSpec& spec, const Catalog& catalog) : spec_(spec), catalog_(catalog) {}

  absl::Status Check() {
    violations_ = ViolationsOf(spec_, {});
    CheckCounts();
    if (!violations_.empty()) return RefuseFields(std::move(violations_));
    for (const FeatureSpec& feature : spec_.features) features_.insert(feature.slug);
    for (const PlanSpec& plan : spec_.plans) {
      CheckImmutable(plan);
      for (const PlanFeatureSpec& feature : plan.features) CheckKnown(feature.feature, plan.slug);
    }
    return other_;
  }

 private:
  void Violation(std::string field, std::string description) {
    violations_.push_back({std::move(field), std::move(description)});
  }

  void CheckImmutable(const PlanSpec& plan) {
    const Plan* const known = catalog_.FindPlan(plan.slug);
    if (known == nullptr || !other_.ok()) return;
    const bool currency = known->currency.code() != plan.currency;
    if (!currency && known->interval == plan.interval) return;
    const char* const field = currency ? "currency" : "interval";
    other_ = Refuse(Reason::kPlanImmutable,
                    absl::StrCat("plan \"", plan.slug, "\" exists with another ", field,
                                 ", which never changes: make a new plan"),
                    {{"plan", plan.slug}, {"field", field}});
  }

  void CheckKnown(const std::string& feature, const std::string& plan) {
    if (features_.contains(feature) || catalog_.FindFeature(feature) != nullptr) return;
    // Replaces an earlier PLAN_IMMUTABLE: FEATURE_NOT_FOUND has precedence.
    other_ = Refuse(Reason::kFeatureNotFound,
                    absl::StrCat("plan \"", plan, "\" names the feature \"", feature,
                                 "\", which neither the request nor the catalog has"),
                    {{"feature", feature}});
  }

  void CheckCounts() {
    size_t features = catalog_.features().size();
    for (const FeatureSpec& f : spec_.features) features += catalog_.FindFeature(f.slug) == nullptr;
    if (features > kFeaturesMax) {
      Violation("features",
                absl::StrCat("the tenant would have ", features, ", want ≤ ", kFeaturesMax));
    }
    size_t plans = catalog_.plans().size();
    for (const PlanSpec& p : spec_.plans) plans += catalog_.FindPlan(p.slug) == nullptr;
    if (plans > kPlansMax) {
      Violation("plans", absl::StrCat("the tenant would have ", plans, ", want ≤ ", kPlansMax));
    }
  }

  const CatalogSpec& spec_;
  const Catalog& catalog_;
  absl::flat_hash_set<std::string> features_;
  std::vector<FieldViolation> violations_;
  absl::Status other_;
};

}  // namespace

absl::Status CheckBytes(const Catalog& before, const Catalog& after) {
  bool has_new_versions = false;
  for (const auto& plan : after.plans()) {
    const Plan* const was = before.FindPlan(plan->number);
    // Without a new version, a plan can only grow by a few bytes, once, when its newest version
    // moves subscriptions at once. That is allowed.
    if (was != nullptr && plan->versions.size() == was->versions.size()) continue;
    has_new_versions = true;
    const uint64_t bytes = plan->version_bytes;
    if (bytes <= kPlanBytesMax) continue;
    return Refuse(Reason::kCatalogTooLarge,
                  absl::StrCat("the versions of plan \"", plan->slug, "\" would take ", bytes,
                               " bytes, want ≤ ", kPlanBytesMax, ": make another plan"),
                  {{"bytes", absl::StrCat(bytes)},
                   {"bytes_max", absl::StrCat(kPlanBytesMax)},
                   {"plan", plan->slug}});
  }
  const uint64_t bytes = after.version_bytes();
  if (bytes <= kCatalogBytesMax || !has_new_versions) return absl::OkStatus();
  return Refuse(Reason::kCatalogTooLarge,
                absl::StrCat("all versions of all plans would take ", bytes, " bytes, want ≤ ",
                             kCatalogBytesMax, ": make plans with fewer features or tiers"),
                {{"bytes", absl::StrCat(bytes)}, {"bytes_max", absl::StrCat(kCatalogBytesMax)}});
}

std::vector<FieldViolation> ViolationsOf(const CatalogSpec& spec,
                                         std::span<const FieldViolation> known) {
  return SpecChecker(spec, known).Check();
}

absl::Status CheckSpec(const CatalogSpec& spec, const Catalog& catalog) {
  return Checker(spec, catalog).Check();
}

}  // namespace owo::ledger
