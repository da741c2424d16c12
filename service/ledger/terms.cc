#include "service/ledger/terms.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "service/rating/rate.h"
#include "storage/util/try.h"

namespace owo::ledger {
namespace {

using rating::Decimal;
using rating::Interval;
using storage::IntervalCode;

// DATA_LOSS: records are written from valid terms, so one that does not parse is corrupt.
absl::StatusOr<Decimal> Stored(const std::string& text) {
  if (text.empty()) return Decimal();
  absl::StatusOr<Decimal> value = Decimal::Parse(text);
  if (!value.ok()) return absl::DataLossError(absl::StrCat("a stored decimal: ", text));
  return value;
}

}  // namespace

IntervalCode CodeOf(Interval interval) {
  return static_cast<IntervalCode>(static_cast<int>(interval) + 1);
}

Interval IntervalOf(IntervalCode code) { return static_cast<Interval>(static_cast<int>(code) - 1); }

std::optional<Decimal> UsageTerms::Limit(std::optional<Decimal> allowance) const {
  if (!allowance.has_value()) return std::nullopt;
  if (!charged()) return allowance;
  if (!max_overage.has_value()) return std::nullopt;
  return *allowance + *max_overage;
}

const UsageTerms* FindIn(const std::vector<UsageTerms>& terms, storage::FeatureNo feature) {
  const auto found = std::find_if(terms.begin(), terms.end(),
                                  [&](const UsageTerms& of) { return of.feature == feature; });
  return found == terms.end() ? nullptr : &*found;
}

const UsageTerms* VersionTerms::FindUsage(storage::FeatureNo feature) const {
  return FindIn(*usage, feature);
}

std::shared_ptr<const Terms> VersionTerms::Find(storage::FeatureNo feature) const {
  const UsageTerms* const found = FindUsage(feature);
  return found == nullptr ? nullptr : features[static_cast<size_t>(found - usage->data())];
}

size_t VersionTerms::Bytes() const {
  constexpr size_t kPerObject = 64;  // overhead of the allocator and of shared pointers
  size_t bytes = sizeof(VersionTerms) + name.capacity() + 4 * kPerObject;
  bytes += usage->capacity() * sizeof(UsageTerms);
  bytes += features.capacity() * sizeof(features.front());
  for (const std::shared_ptr<const Terms>& terms : features) {
    bytes += sizeof(Terms) + 2 * kPerObject + terms->price.tiers.capacity() * sizeof(rating::Tier);
  }
  return bytes;
}

Bounds BoundsOf(const UsageTerms& terms) {
  Bounds bounds{.total_max = terms.total_max, .allowance = terms.Allowance()};
  bounds.limit = terms.Limit(bounds.allowance);
  const bool can_bill = terms.charged() && bounds.allowance.has_value();
  bounds.closed_up_to = can_bill ? *bounds.allowance : bounds.total_max;
  return bounds;
}

void SetBounds(const Bounds& bounds, storage::Target& target) {
  const auto quantity = [](const std::optional<Decimal>& bound) {
    return bound.has_value() ? std::optional(ToQuantity(*bound)) : std::nullopt;
  };
  target.total_max = ToQuantity(bounds.total_max);
  target.limit = quantity(bounds.limit);
  target.allowance = quantity(bounds.allowance);
  target.closed_up_to = quantity(bounds.closed_up_to);
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
  Terms terms;
  terms.feature = storage::FeatureNo{record.feature()};
  terms.usage_model = static_cast<UsageModel>(record.usage_model());
  terms.reset = IntervalOf(static_cast<IntervalCode>(record.reset_interval()));
  terms.overage = static_cast<Overage>(record.overage());
  terms.price.model = static_cast<rating::RatingModel>(record.rating_model() - 1);
  OWO_TRY(terms.price.unit_price, Stored(record.unit_price()));
  OWO_TRY(terms.price.billing_units, Stored(record.billing_units()));
  terms.price.tiers.reserve(static_cast<size_t>(record.tiers_size()));
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

absl::StatusOr<std::shared_ptr<const VersionTerms>> ParseTerms(
    const storage::PlanVersionRecord& record) {
  auto version = std::make_shared<VersionTerms>();
  auto usage = std::make_shared<std::vector<UsageTerms>>();
  const auto features = static_cast<size_t>(record.features_size());
  version->name = record.name();
  version->features.reserve(features);
  usage->reserve(features);
  for (const storage::PlanFeatureRecord& feature : record.features()) {
    OWO_TRY(Terms terms, FromRecord(feature));
    usage->push_back(static_cast<const UsageTerms&>(terms));
    version->features.push_back(std::make_shared<const Terms>(std::move(terms)));
  }
  version->usage = std::move(usage);
  return std::shared_ptr<const VersionTerms>(std::move(version));
}

}  // namespace owo::ledger
