#include "client/cpp/internal/wire.h"

namespace owo {
namespace {

void SetFeature(const Feature& feature, v1::Feature& message) {
  message.set_slug(feature.slug);
  message.set_name(feature.name);
  message.set_unit(feature.unit);
  message.set_archived(feature.archived);
}

void SetTier(const Tier& tier, v1::Tier& message) {
  if (tier.up_to) message.set_up_to(*tier.up_to);
  message.set_unit_price(tier.unit_price);
  message.set_flat_fee(tier.flat_fee);
}

void SetPlanFeature(const PlanFeature& feature, v1::PlanFeature& message) {
  message.set_feature_slug(feature.feature_slug);
  message.set_usage_model(static_cast<v1::UsageModel>(feature.usage_model));
  if (feature.included) message.set_included(*feature.included);
  message.set_rating_model(static_cast<v1::RatingModel>(feature.rating_model));
  if (feature.unit_price) message.set_unit_price(*feature.unit_price);
  if (feature.billing_units) message.set_billing_units(*feature.billing_units);
  for (const Tier& tier : feature.tiers) SetTier(tier, *message.add_tiers());
  message.set_reset_interval(static_cast<v1::Interval>(feature.reset_interval));
  message.set_overage(static_cast<v1::OveragePolicy>(feature.overage));
  if (feature.max_overage_units) message.set_max_overage_units(*feature.max_overage_units);
}

void SetPlan(const Plan& plan, v1::Plan& message) {
  message.set_slug(plan.slug);
  message.set_name(plan.name);
  message.set_currency(plan.currency);
  message.set_interval(static_cast<v1::Interval>(plan.interval));
  for (const PlanFeature& feature : plan.features) {
    SetPlanFeature(feature, *message.add_features());
  }
  message.set_archived(plan.archived);
}

}  // namespace

v1::SyncCatalogRequest ToWire(const CatalogSyncParams& params) {
  v1::SyncCatalogRequest request;
  for (const Feature& feature : params.features) SetFeature(feature, *request.add_features());
  for (const Plan& plan : params.plans) SetPlan(plan, *request.add_plans());
  request.set_validate_only(params.validate_only);
  request.set_apply_at_once(params.apply_at_once);
  request.set_allow_feature_removal(params.allow_feature_removal);
  request.set_request_id(params.request_id);
  return request;
}

v1::ListFeaturesRequest ToWire(const FeaturesParams& params) {
  v1::ListFeaturesRequest request;
  request.set_include_archived(params.include_archived);
  return request;
}

v1::ListPlansRequest ToWire(const PlansParams& params) {
  v1::ListPlansRequest request;
  request.set_include_archived(params.include_archived);
  return request;
}

v1::GetPlanRequest ToWire(const PlanParams& params) {
  v1::GetPlanRequest request;
  request.set_plan(params.plan);
  if (params.version) request.set_version(*params.version);
  return request;
}

CatalogSyncResult FromWire(const v1::SyncCatalogResponse& response) {
  return {.changes = FromWire(response.changes()), .replayed = response.replayed()};
}

CatalogChange FromWire(const v1::CatalogChange& change) {
  return {
      .kind = static_cast<CatalogKind>(change.kind()),
      .slug = change.slug(),
      .action = static_cast<CatalogAction>(change.action()),
      .version = change.version(),
      .prices_in_words = {change.prices_in_words().begin(), change.prices_in_words().end()},
      .effective_at = Optional(change.has_effective_at(), change.effective_at()),
  };
}

Feature FromWire(const v1::Feature& feature) {
  return {
      .slug = feature.slug(),
      .name = feature.name(),
      .unit = feature.unit(),
      .archived = feature.archived(),
  };
}

Plan FromWire(const v1::Plan& plan) {
  return {
      .slug = plan.slug(),
      .name = plan.name(),
      .currency = plan.currency(),
      .interval = static_cast<Interval>(plan.interval()),
      .features = FromWire(plan.features()),
      .archived = plan.archived(),
      .version = plan.version(),
      .created_at = Optional(plan.has_created_at(), plan.created_at()),
  };
}

PlanFeature FromWire(const v1::PlanFeature& feature) {
  return {
      .feature_slug = feature.feature_slug(),
      .usage_model = static_cast<UsageModel>(feature.usage_model()),
      .included = Optional(feature.has_included(), feature.included()),
      .rating_model = static_cast<RatingModel>(feature.rating_model()),
      .unit_price = Optional(feature.has_unit_price(), feature.unit_price()),
      .billing_units = Optional(feature.has_billing_units(), feature.billing_units()),
      .tiers = FromWire(feature.tiers()),
      .reset_interval = static_cast<Interval>(feature.reset_interval()),
      .overage = static_cast<OveragePolicy>(feature.overage()),
      .max_overage_units = Optional(feature.has_max_overage_units(), feature.max_overage_units()),
  };
}

Tier FromWire(const v1::Tier& tier) {
  return {
      .up_to = Optional(tier.has_up_to(), tier.up_to()),
      .unit_price = tier.unit_price(),
      .flat_fee = tier.flat_fee(),
  };
}

}  // namespace owo
