#include "absl/strings/str_cat.h"
#include "service/rpc/page_room.h"
#include "service/rpc/render.h"

namespace owo::rpc {
namespace {

using ledger::Feature;
using ledger::Plan;

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

void Render(const Feature& feature, pb::Feature& to) {
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

// As it could be synced again.
void Render(const ledger::Terms& terms, pb::PlanFeature& to) {
  to.set_usage_model(rpc::ToProto(terms.usage_model));
  if (terms.included.has_value()) to.set_included(terms.included->ToString());
  if (terms.charged()) RenderPrice(terms.price, to);
  to.set_reset_interval(rpc::ToProto(terms.reset));
  to.set_overage(terms.overage == ledger::Overage::kBlock ? pb::OVERAGE_POLICY_BLOCK
                                                          : pb::OVERAGE_POLICY_CHARGE);
  if (terms.max_overage.has_value()) to.set_max_overage_units(terms.max_overage->ToString());
}

// Renders the items of a page of `items`, which are sorted by slug; gives the position of the next
// page.
template <typename Item, typename List, typename Show>
std::string ShowPage(const std::vector<Item>& items, const SlugsQuery& query, List& list,
                     Show show) {
  PageRoom room;
  std::string last;
  for (const Item& item : items) {
    if (item.slug <= query.after || (item.archived && !query.include_archived)) continue;
    auto& shown = *list.Add();
    show(item, shown);
    const bool full = static_cast<size_t>(list.size()) > query.most;
    if (full || !room.Takes(shown.ByteSizeLong())) {
      list.RemoveLast();
      return last;
    }
    last = item.slug;
  }
  return "";
}

}  // namespace

void Render(const Plan& plan, const ledger::PlanVersion& version, const ledger::Catalog& catalog,
            pb::Plan& to) {
  to.set_slug(plan.slug);
  to.set_name(version.name);
  to.set_currency(std::string(plan.currency.code()));
  to.set_interval(ToProto(plan.interval));
  for (const ledger::Terms& terms : version.features) {
    pb::PlanFeature& feature = *to.add_features();
    const Feature* const known = catalog.FindFeature(terms.feature);
    if (known != nullptr) feature.set_feature_slug(known->slug);
    Render(terms, feature);
  }
  to.set_version(version.version);
  to.set_archived(plan.archived);
  *to.mutable_created_at() = ToTimestamp(version.effective);
}

absl::Status Render(const ledger::Answered<std::vector<ledger::CatalogChange>>& changes,
                    pb::SyncCatalogResponse& to) {
  for (const ledger::CatalogChange& change : changes.value) {
    pb::CatalogChange& shown = *to.add_changes();
    shown.set_kind(change.is_plan ? pb::CATALOG_KIND_PLAN : pb::CATALOG_KIND_FEATURE);
    shown.set_slug(change.slug);
    shown.set_action(ToProto(change.action));
    shown.set_version(change.version);
    if (change.effective.has_value()) {
      *shown.mutable_effective_at() = ToTimestamp(*change.effective);
    }
    for (const std::string& words : change.prices_in_words) shown.add_prices_in_words(words);
  }
  to.set_replayed(changes.replayed);
  return absl::OkStatus();
}

absl::Status Render(const CatalogPage& page, const PageTokens& tokens,
                    pb::ListFeaturesResponse& to) {
  const auto show = [](const Feature& feature, pb::Feature& shown) { Render(feature, shown); };
  to.set_next_page_token(
      tokens.Make(ShowPage(page.catalog->features(), page.query, *to.mutable_features(), show)));
  return absl::OkStatus();
}

absl::Status Render(const CatalogPage& page, const PageTokens& tokens, pb::ListPlansResponse& to) {
  const auto show = [&](const Plan& plan, pb::Plan& shown) {
    Render(plan, plan.newest(), *page.catalog, shown);
  };
  to.set_next_page_token(
      tokens.Make(ShowPage(page.catalog->plans(), page.query, *to.mutable_plans(), show)));
  return absl::OkStatus();
}

absl::Status Render(const PlanAnswer& answer, pb::GetPlanResponse& to) {
  const Plan* const plan = answer.catalog->FindPlan(answer.query.plan);
  const ledger::PlanVersion* version = nullptr;
  if (plan != nullptr) {
    version =
        answer.query.version.has_value() ? plan->Find(*answer.query.version) : &plan->newest();
  }
  if (version != nullptr) {
    Render(*plan, *version, *answer.catalog, *to.mutable_plan());
    return absl::OkStatus();
  }
  ledger::Metadata metadata = {{"plan", answer.query.plan}};
  std::string what = absl::StrCat("no plan has the slug \"", answer.query.plan, "\"");
  if (answer.query.version.has_value()) {
    metadata.emplace_back("version", absl::StrCat(*answer.query.version));
    if (plan != nullptr) {
      what = absl::StrCat("plan \"", plan->slug, "\" has no version ", *answer.query.version);
    }
  }
  return ledger::Refuse(ledger::Reason::kPlanNotFound, what, std::move(metadata));
}

}  // namespace owo::rpc
