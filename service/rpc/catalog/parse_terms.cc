#include "service/rpc/catalog/parse_terms.h"

#include "absl/strings/str_cat.h"
#include "service/rating/bounds.h"

namespace owo::rpc {
namespace {

namespace pb = ::owo::billing::v1;
using ledger::Overage;
using ledger::Terms;
using ledger::UsageModel;
using rating::Decimal;

constexpr DecimalBounds kUnits = {Decimal(), rating::kTotalMax, "≥ 0 and < 10^15"};
constexpr DecimalBounds kPositiveUnits = {Decimal::FromUnits(1), rating::kTotalMax,
                                          "> 0 and < 10^15"};
constexpr DecimalBounds kPrice = {Decimal(), rating::kPriceMax, "≥ 0 and < 10^12"};

// Records a value that its enum does not define.
void Unknown(Fields& fields, std::string_view field, int value) {
  fields.Wrong(field, absl::StrCat("got ", value, ", want one of the named values"));
}

UsageModel ParseUsageModel(Fields& fields, pb::UsageModel model) {
  switch (model) {
    case pb::USAGE_MODEL_INCLUDED:
      return UsageModel::kIncluded;
    case pb::USAGE_MODEL_USAGE_BASED:
      return UsageModel::kUsageBased;
    default:
      fields.Wrong("usage_model", absl::StrCat("required: got ", static_cast<int>(model),
                                               ", want included or usage-based"));
      return UsageModel::kIncluded;
  }
}

Overage ParseOverage(Fields& fields, pb::OveragePolicy overage, UsageModel model) {
  switch (overage) {
    case pb::OVERAGE_POLICY_UNSPECIFIED:
      return model == UsageModel::kUsageBased ? Overage::kCharge : Overage::kBlock;
    case pb::OVERAGE_POLICY_BLOCK:
      return Overage::kBlock;
    case pb::OVERAGE_POLICY_CHARGE:
      return Overage::kCharge;
    default:
      Unknown(fields, "overage", overage);
      return Overage::kBlock;
  }
}

rating::RatingModel ParseRatingModel(Fields& fields, pb::RatingModel model) {
  switch (model) {
    case pb::RATING_MODEL_UNSPECIFIED:
    case pb::RATING_MODEL_PER_UNIT:
      return rating::RatingModel::kPerUnit;
    case pb::RATING_MODEL_PACKAGE:
      return rating::RatingModel::kPackage;
    case pb::RATING_MODEL_GRADUATED:
      return rating::RatingModel::kGraduated;
    case pb::RATING_MODEL_VOLUME:
      return rating::RatingModel::kVolume;
    default:
      Unknown(fields, "rating_model", model);
      return rating::RatingModel::kPerUnit;
  }
}

rating::Interval ParseReset(Fields& fields, pb::Interval reset, rating::Interval of_plan) {
  switch (reset) {
    case pb::INTERVAL_UNSPECIFIED:
      return of_plan;
    case pb::INTERVAL_HOUR:
      return rating::Interval::kHour;
    case pb::INTERVAL_DAY:
      return rating::Interval::kDay;
    case pb::INTERVAL_WEEK:
      return rating::Interval::kWeek;
    case pb::INTERVAL_MONTH:
      return rating::Interval::kMonth;
    case pb::INTERVAL_QUARTER:
      return rating::Interval::kQuarter;
    case pb::INTERVAL_YEAR:
      return rating::Interval::kYear;
    case pb::INTERVAL_NEVER:
      return rating::Interval::kNever;
    default:
      Unknown(fields, "reset_interval", reset);
      return of_plan;
  }
}

Decimal PriceOrZero(Fields& fields, std::string_view field, const std::string& text) {
  return text.empty() ? Decimal() : fields.Decimal(field, text, kPrice);
}

std::vector<rating::Tier> ParseTiers(const pb::PlanFeature& from, const Fields& fields) {
  std::vector<rating::Tier> tiers;
  for (const pb::Tier& tier : from.tiers()) {
    Fields in = fields.In("tiers", tiers.size());
    rating::Tier& to = tiers.emplace_back();
    if (tier.has_up_to()) to.up_to = in.Decimal("up_to", tier.up_to(), kPositiveUnits);
    to.unit_price = PriceOrZero(in, "unit_price", tier.unit_price());
    to.flat_fee = PriceOrZero(in, "flat_fee", tier.flat_fee());
  }
  return tiers;
}

// Checks that exactly the fields that the price needs are present. The ledger cannot check this,
// because it sees values only.
void CheckPresence(const pb::PlanFeature& from, const Terms& terms, Fields& fields) {
  const bool known = from.usage_model() != pb::USAGE_MODEL_UNSPECIFIED &&
                     pb::UsageModel_IsValid(from.usage_model()) &&
                     pb::RatingModel_IsValid(from.rating_model()) &&
                     pb::OveragePolicy_IsValid(from.overage());
  if (!known) return;  // a violation is recorded already
  const bool has_unit_price = terms.charged() && !rating::IsTiered(terms.price.model);
  if (has_unit_price && !from.has_unit_price()) {
    fields.Wrong("unit_price", "required on a charged feature that is rated per unit or package");
  }
  if (!has_unit_price && from.has_unit_price()) {
    fields.Wrong("unit_price", "only on a charged feature that is rated per unit or package");
  }
  if (from.has_billing_units() && terms.price.model != rating::RatingModel::kPackage) {
    fields.Wrong("billing_units", "only with a package price");
  }
}

rating::Price ParsePrice(const pb::PlanFeature& from, Fields& fields) {
  rating::Price price{.model = ParseRatingModel(fields, from.rating_model())};
  if (from.has_unit_price()) {
    price.unit_price = fields.Decimal("unit_price", from.unit_price(), kPrice);
  }
  if (from.has_billing_units()) {
    price.billing_units = fields.Decimal("billing_units", from.billing_units(), kPositiveUnits);
  }
  if (static_cast<size_t>(from.tiers_size()) > rating::kTiersMax) {
    fields.Wrong("tiers",
                 absl::StrCat("got ", from.tiers_size(), ", want at most ", rating::kTiersMax));
  } else {
    price.tiers = ParseTiers(from, fields);
  }
  return price;
}

}  // namespace

ledger::PlanFeatureSpec ParsePlanFeature(const pb::PlanFeature& from, rating::Interval interval,
                                         Fields fields) {
  ledger::PlanFeatureSpec spec{.feature = fields.Slug("feature_slug", from.feature_slug())};
  Terms& terms = spec.terms;
  terms.usage_model = ParseUsageModel(fields, from.usage_model());
  if (from.has_included()) terms.included = fields.Decimal("included", from.included(), kUnits);
  terms.price = ParsePrice(from, fields);
  terms.reset = ParseReset(fields, from.reset_interval(), interval);
  terms.overage = ParseOverage(fields, from.overage(), terms.usage_model);
  if (from.has_max_overage_units()) {
    terms.max_overage = fields.Decimal("max_overage_units", from.max_overage_units(), kUnits);
  }
  CheckPresence(from, terms, fields);
  return spec;
}

}  // namespace owo::rpc
