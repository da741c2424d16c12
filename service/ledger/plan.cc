#include "service/ledger/plan.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "service/rating/rate.h"
#include "storage/try.h"

namespace owo::ledger {
namespace {

using rating::Decimal;
using rating::Interval;
using storage::IntervalCode;

// A record that was written from valid terms and no longer parses is damage.
absl::StatusOr<Decimal> Stored(const std::string& text) {
  if (text.empty()) return Decimal();
  absl::StatusOr<Decimal> value = Decimal::Parse(text);
  if (!value.ok()) return absl::DataLossError(absl::StrCat("a stored decimal: ", text));
  return value;
}

absl::StatusOr<PlanVersion> ParseVersion(storage::PlanNo plan,
                                         const storage::PlanVersionRecord& record) {
  PlanVersion version{.plan = plan,
                      .version = record.version(),
                      .name = record.name(),
                      .effective = record.effective_us()};
  if (record.has_at_once_us()) version.at_once_from = record.at_once_us();
  if (record.at_once()) version.at_once_from = version.effective;
  for (const storage::PlanFeatureRecord& feature : record.features()) {
    OWO_TRY(version.features.emplace_back(), FromRecord(feature));
  }
  return version;
}

absl::StatusOr<Plan> ParsePlan(const storage::PlanRecord& record) {
  const absl::StatusOr<rating::Currency> currency = rating::Currency::Parse(record.currency());
  if (!currency.ok() || record.versions().empty()) {
    return absl::DataLossError(absl::StrCat("the stored plan ", record.slug()));
  }
  Plan plan{.number = storage::PlanNo{record.number()},
            .slug = record.slug(),
            .currency = *currency,
            .interval = IntervalOf(static_cast<IntervalCode>(record.interval())),
            .archived = record.archived()};
  for (const storage::PlanVersionRecord& version : record.versions()) {
    OWO_TRY(plan.versions.emplace_back(), ParseVersion(plan.number, version));
  }
  return plan;
}

template <typename Map, typename Key, typename Item>
const Item* Find(const Map& index, const Key& key, const std::vector<Item>& items) {
  const auto found = index.find(key);
  return found == index.end() ? nullptr : &items[found->second];
}

template <typename Item>
void SortBySlug(std::vector<Item>& items) {
  std::sort(items.begin(), items.end(),
            [](const Item& a, const Item& b) { return a.slug < b.slug; });
}

}  // namespace

IntervalCode CodeOf(Interval interval) {
  return static_cast<IntervalCode>(static_cast<int>(interval) + 1);
}

Interval IntervalOf(IntervalCode code) { return static_cast<Interval>(static_cast<int>(code) - 1); }

std::optional<Decimal> Terms::Limit(std::optional<Decimal> allowance) const {
  if (!allowance.has_value()) return std::nullopt;
  if (!charged()) return allowance;
  if (!max_overage.has_value()) return std::nullopt;
  return *allowance + *max_overage;
}

Bounds BoundsOf(const Terms& terms) {
  Bounds bounds{.total_max = terms.total_max, .allowance = terms.Allowance()};
  bounds.limit = terms.Limit(bounds.allowance);
  const bool can_bill = terms.charged() && bounds.allowance.has_value();
  bounds.settled_up_to = can_bill ? *bounds.allowance : bounds.total_max;
  return bounds;
}

void SetBounds(const Bounds& bounds, storage::Target& target) {
  const auto quantity = [](const std::optional<Decimal>& bound) {
    return bound.has_value() ? std::optional(ToQuantity(*bound)) : std::nullopt;
  };
  target.total_max = ToQuantity(bounds.total_max);
  target.limit = quantity(bounds.limit);
  target.allowance = quantity(bounds.allowance);
  target.settled_up_to = quantity(bounds.settled_up_to);
}

const Terms* PlanVersion::Find(storage::FeatureNo feature) const {
  const auto found = std::find_if(features.begin(), features.end(),
                                  [&](const Terms& terms) { return terms.feature == feature; });
  return found == features.end() ? nullptr : &*found;
}

const PlanVersion* Plan::Find(uint32_t version) const {
  const auto found = std::find_if(versions.begin(), versions.end(),
                                  [&](const PlanVersion& v) { return v.version == version; });
  return found == versions.end() ? nullptr : &*found;
}

absl::StatusOr<std::shared_ptr<const Catalog>> Catalog::Parse(
    const storage::CatalogRecord& record) {
  auto catalog = std::make_shared<Catalog>();
  catalog->generation_ = record.generation();
  for (const storage::FeatureRecord& f : record.features()) {
    catalog->features_.push_back({.number = storage::FeatureNo{f.number()},
                                  .slug = f.slug(),
                                  .name = f.name(),
                                  .unit = f.unit(),
                                  .archived = f.archived()});
  }
  for (const storage::PlanRecord& plan : record.plans()) {
    OWO_TRY(Plan parsed, ParsePlan(plan));
    catalog->plans_.push_back(std::move(parsed));
  }
  SortBySlug(catalog->features_);
  SortBySlug(catalog->plans_);
  for (size_t i = 0; i < catalog->features_.size(); ++i) {
    catalog->feature_by_slug_[catalog->features_[i].slug] = i;
    catalog->feature_by_number_[catalog->features_[i].number] = i;
  }
  for (size_t i = 0; i < catalog->plans_.size(); ++i) {
    catalog->plan_by_slug_[catalog->plans_[i].slug] = i;
    catalog->plan_by_number_[catalog->plans_[i].number] = i;
  }
  return std::shared_ptr<const Catalog>(std::move(catalog));
}

const Feature* Catalog::FindFeature(std::string_view slug) const {
  return Find(feature_by_slug_, absl::string_view(slug.data(), slug.size()), features_);
}
const Feature* Catalog::FindFeature(storage::FeatureNo number) const {
  return Find(feature_by_number_, number, features_);
}
const Plan* Catalog::FindPlan(std::string_view slug) const {
  return Find(plan_by_slug_, absl::string_view(slug.data(), slug.size()), plans_);
}
const Plan* Catalog::FindPlan(storage::PlanNo number) const {
  return Find(plan_by_number_, number, plans_);
}

storage::PlanFeatureRecord ToRecord(const Terms& terms) {
  storage::PlanFeatureRecord record;
  record.set_feature(static_cast<uint32_t>(terms.feature));
  record.set_usage_model(static_cast<uint32_t>(terms.usage_model));
  if (terms.included.has_value()) record.set_included(terms.included->ToString());
  record.set_rating_model(static_cast<uint32_t>(terms.price.model) + 1);
  record.set_unit_price(terms.price.unit_price.ToString());
  record.set_billing_units(terms.price.billing_units.ToString());
  for (const rating::Tier& tier : terms.price.tiers) {
    storage::TierRecord& to = *record.add_tiers();
    if (tier.up_to.has_value()) to.set_up_to(tier.up_to->ToString());
    to.set_unit_price(tier.unit_price.ToString());
    to.set_flat_fee(tier.flat_fee.ToString());
  }
  record.set_reset_interval(static_cast<uint32_t>(CodeOf(terms.reset)));
  record.set_overage(static_cast<uint32_t>(terms.overage));
  if (terms.max_overage.has_value()) record.set_max_overage_units(terms.max_overage->ToString());
  return record;
}

absl::StatusOr<Terms> FromRecord(const storage::PlanFeatureRecord& record) {
  Terms terms{.feature = storage::FeatureNo{record.feature()},
              .usage_model = static_cast<UsageModel>(record.usage_model()),
              .reset = IntervalOf(static_cast<IntervalCode>(record.reset_interval())),
              .overage = static_cast<Overage>(record.overage())};
  terms.price.model = static_cast<rating::RatingModel>(record.rating_model() - 1);
  OWO_TRY(terms.price.unit_price, Stored(record.unit_price()));
  OWO_TRY(terms.price.billing_units, Stored(record.billing_units()));
  for (const storage::TierRecord& tier : record.tiers()) {
    rating::Tier& to = terms.price.tiers.emplace_back();
    if (tier.has_up_to()) {
      OWO_TRY(to.up_to, Stored(tier.up_to()));
    }
    OWO_TRY(to.unit_price, Stored(tier.unit_price()));
    OWO_TRY(to.flat_fee, Stored(tier.flat_fee()));
  }
  if (record.has_included()) {
    OWO_TRY(terms.included, Stored(record.included()));
  }
  if (record.has_max_overage_units()) {
    OWO_TRY(terms.max_overage, Stored(record.max_overage_units()));
  }
  if (terms.charged()) terms.total_max = rating::BillableMax(terms.price);
  return terms;
}

}  // namespace owo::ledger
