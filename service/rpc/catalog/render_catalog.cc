#include "service/rpc/catalog/render_catalog.h"

#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "service/rpc/page_budget.h"
#include "service/rpc/render_values.h"

namespace owo::rpc {
namespace {

using ledger::Feature;

pb::CatalogAction ToProto(ledger::CatalogAction action) {
  switch (action) {
    case ledger::CatalogAction::kCreated:
      return pb::CATALOG_ACTION_CREATED;
    case ledger::CatalogAction::kUpdated:
      return pb::CATALOG_ACTION_UPDATED;
    case ledger::CatalogAction::kUnchanged:
      return pb::CATALOG_ACTION_UNCHANGED;
    case ledger::CatalogAction::kArchived:
      return pb::CATALOG_ACTION_ARCHIVED;
    case ledger::CatalogAction::kRestored:
      return pb::CATALOG_ACTION_RESTORED;
  }
  return pb::CATALOG_ACTION_UNSPECIFIED;
}

void RenderFeature(const Feature& feature, pb::Feature& to) {
  to.set_slug(feature.slug);
  to.set_name(feature.name);
  to.set_unit(feature.unit);
  to.set_archived(feature.archived);
}

void RenderPrice(const rating::Price& price, pb::PlanFeature& to) {
  to.set_rating_model(rpc::ToProto(price.model));
  if (!rating::IsTiered(price.model)) to.set_unit_price(price.unit_price.ToString());
  if (price.model == rating::RatingModel::kPackage) {
    to.set_billing_units(price.billing_units.ToString());
  }
  for (const rating::Tier& tier : price.tiers) {
    pb::Tier& shown = *to.add_tiers();
    if (tier.up_to.has_value()) shown.set_up_to(tier.up_to->ToString());
    shown.set_unit_price(tier.unit_price.ToString());
    shown.set_flat_fee(tier.flat_fee.ToString());
  }
}

// Renders terms in a form that can be synced again.
void RenderTerms(const ledger::Terms& terms, pb::PlanFeature& to) {
  to.set_usage_model(rpc::ToProto(terms.usage_model));
  if (terms.included.has_value()) to.set_included(terms.included->ToString());
  if (terms.charged()) RenderPrice(terms.price, to);
  to.set_reset_interval(rpc::ToProto(terms.reset));
  to.set_overage(terms.overage == ledger::Overage::kBlock ? pb::OVERAGE_POLICY_BLOCK
                                                          : pb::OVERAGE_POLICY_CHARGE);
  if (terms.max_overage.has_value()) to.set_max_overage_units(terms.max_overage->ToString());
}

void RenderPlanFeature(const ledger::PlanView& plan, const ledger::Terms& terms,
                       pb::PlanFeature& to) {
  const Feature* const feature = plan.catalog->FindFeature(terms.feature);
  if (feature != nullptr) to.set_feature_slug(feature->slug);
  RenderTerms(terms, to);
}

// Limit of all prices_in_words in one answer, so that clients that accept 4 MiB can read it.
constexpr size_t kWordsBytesMax = 1 << 20;

// Adds the lines that fit into `budget` bytes, which it reduces, and how many do not.
void RenderPrices(const std::vector<std::string>& lines, size_t& budget, pb::CatalogChange& to) {
  for (const std::string& line : lines) {
    if (line.size() > budget) break;
    budget -= line.size();
    to.add_prices_in_words(line);
  }
  const size_t left_out = lines.size() - static_cast<size_t>(to.prices_in_words_size());
  if (left_out > 0) to.add_prices_in_words(absl::StrCat("… and ", left_out, " more"));
}

}  // namespace

void RenderPlan(const ledger::PlanView& plan, pb::Plan& to) {
  to.set_slug(plan.plan->slug);
  to.set_name(plan.terms->name);
  to.set_currency(std::string(plan.plan->currency.code()));
  to.set_interval(ToProto(plan.plan->interval));
  for (const ledger::TermsPtr& terms : plan.terms->features) {
    RenderPlanFeature(plan, *terms, *to.add_features());
  }
  to.set_version(plan.version->version);
  to.set_archived(plan.plan->archived);
  *to.mutable_created_at() = ToTimestamp(plan.version->effective);
}

absl::Status RenderSyncCatalogResponse(
    const ledger::Answered<std::vector<ledger::CatalogChange>>& changes,
    pb::SyncCatalogResponse& to) {
  size_t budget = kWordsBytesMax;
  for (const ledger::CatalogChange& change : changes.value) {
    pb::CatalogChange& shown = *to.add_changes();
    shown.set_kind(change.is_plan ? pb::CATALOG_KIND_PLAN : pb::CATALOG_KIND_FEATURE);
    shown.set_slug(change.slug);
    shown.set_action(ToProto(change.action));
    shown.set_version(change.version);
    if (change.effective.has_value()) {
      *shown.mutable_effective_at() = ToTimestamp(*change.effective);
    }
    RenderPrices(change.prices_in_words, budget, shown);
  }
  to.set_replayed(changes.replayed);
  return absl::OkStatus();
}

absl::Status RenderListFeaturesResponse(const FeaturesPage& page, const PageTokens& tokens,
                                        pb::ListFeaturesResponse& to) {
  PageBudget budget;
  std::string last;
  for (const auto& feature : page.catalog->features()) {
    if (!page.query.Matches(*feature)) continue;
    const bool full = static_cast<size_t>(to.features_size()) == page.query.limit;
    pb::Feature& shown = *to.add_features();
    RenderFeature(*feature, shown);
    if (full || !budget.Spend(shown.ByteSizeLong())) {
      to.mutable_features()->RemoveLast();
      to.set_next_page_token(tokens.Make(last));
      return absl::OkStatus();
    }
    last = feature->slug;
  }
  return absl::OkStatus();
}

absl::Status RenderListPlansResponse(const ledger::PlansPage& page, const PageTokens& tokens,
                                     pb::ListPlansResponse& to) {
  PageBudget budget;
  bool more = page.more;
  std::string last;
  for (const ledger::PlanView& plan : page.plans) {
    pb::Plan& shown = *to.add_plans();
    RenderPlan(plan, shown);
    if (!budget.Spend(shown.ByteSizeLong())) {
      to.mutable_plans()->RemoveLast();
      more = true;
      break;
    }
    last = plan.plan->slug;
  }
  if (more) to.set_next_page_token(tokens.Make(last));
  return absl::OkStatus();
}

absl::Status RenderGetPlanResponse(const ledger::PlanView& plan, pb::GetPlanResponse& to) {
  RenderPlan(plan, *to.mutable_plan());
  return absl::OkStatus();
}

}  // namespace owo::rpc
