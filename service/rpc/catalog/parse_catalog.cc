#include "service/rpc/catalog/parse_catalog.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "service/rating/bounds.h"
#include "service/rating/currency.h"
#include "service/rpc/catalog/parse_terms.h"
#include "service/rpc/fields.h"
#include "service/rpc/fingerprint.h"
#include "service/rpc/page_token.h"

namespace owo::rpc {
namespace {

constexpr Length kName = {1, 256};
constexpr Length kUnit = {0, 64};
constexpr int kPlanFeaturesMax = 100;

bool IsSlugCursor(const std::string& cursor) { return cursor.size() <= 64; }

ledger::FeatureSpec ParseFeature(const pb::Feature& from, Fields fields) {
  return {.slug = fields.Slug("slug", from.slug()),
          .name = fields.Text("name", from.name(), kName),
          .unit = fields.Text("unit", from.unit(), kUnit),
          .archived = from.archived()};
}

rating::Interval BillingInterval(Fields& fields, pb::Interval interval) {
  switch (interval) {
    case pb::INTERVAL_WEEK:
      return rating::Interval::kWeek;
    case pb::INTERVAL_UNSPECIFIED:
    case pb::INTERVAL_MONTH:
      return rating::Interval::kMonth;
    case pb::INTERVAL_QUARTER:
      return rating::Interval::kQuarter;
    case pb::INTERVAL_YEAR:
      return rating::Interval::kYear;
    default:
      fields.Wrong("interval", absl::StrCat("got ", static_cast<int>(interval),
                                            ", want week, month, quarter or year"));
      return rating::Interval::kMonth;
  }
}

ledger::PlanSpec ParsePlan(const pb::Plan& from, Fields fields) {
  ledger::PlanSpec plan{.slug = fields.Slug("slug", from.slug()),
                        .name = fields.Text("name", from.name(), kName),
                        .currency = from.currency(),
                        .interval = BillingInterval(fields, from.interval()),
                        .archived = from.archived()};
  const auto currency = rating::Currency::Parse(from.currency());
  if (!currency.ok()) {
    fields.Wrong("currency",
                 {currency.status().message().data(), currency.status().message().size()});
  }
  if (from.features_size() > kPlanFeaturesMax) {
    fields.Wrong("features",
                 absl::StrCat("got ", from.features_size(), ", want at most ", kPlanFeaturesMax));
    return plan;
  }
  for (int i = 0; i < from.features_size(); ++i) {
    plan.features.push_back(ParsePlanFeature(from.features(i), plan.interval,
                                             fields.In("features", static_cast<size_t>(i))));
  }
  return plan;
}

// Parses a list of at most `limit` items.
template <typename Item, typename List, typename ParseItem>
std::vector<Item> ParseList(Fields& fields, std::string_view field, const List& list, size_t limit,
                            ParseItem parse) {
  std::vector<Item> items;
  if (static_cast<size_t>(list.size()) > limit) {
    fields.Wrong(field, absl::StrCat("got ", list.size(), ", want at most ", limit));
    return items;
  }
  for (const auto& from : list) items.push_back(parse(from, fields.In(field, items.size())));
  return items;
}

template <typename Request>
absl::StatusOr<SlugsQuery> ParseSlugsQuery(const ledger::CallContext& context,
                                           const Request& request) {
  Violations violations;
  Fields fields(violations);
  SlugsQuery query{.include_archived = request.include_archived(),
                   .limit = fields.PageSize(request.page_size())};
  query.after =
      fields.PageToken(PageTokens(request, context.tenant), request.page_token(), IsSlugCursor);
  if (!violations.empty()) return violations.ToStatus();
  return query;
}

}  // namespace

absl::StatusOr<ledger::CatalogSpec> ParseSyncCatalogRequest(const pb::SyncCatalogRequest& request) {
  Violations violations;
  Fields fields(violations);
  ledger::CatalogSpec spec{.validate_only = request.validate_only(),
                           .at_once = request.apply_at_once(),
                           .allow_feature_removal = request.allow_feature_removal()};
  spec.features = ParseList<ledger::FeatureSpec>(fields, "features", request.features(),
                                                 ledger::kFeaturesMax, ParseFeature);
  spec.plans =
      ParseList<ledger::PlanSpec>(fields, "plans", request.plans(), ledger::kPlansMax, ParsePlan);
  fields.RequestId(request.request_id());
  if (!violations.empty()) {
    // All that is wrong is named at once.
    for (ledger::FieldViolation& violation : ledger::ViolationsOf(spec, violations.list())) {
      violations.Add(std::move(violation.field), std::move(violation.description));
    }
    return violations.ToStatus();
  }
  spec.request = RequestRefOf(request);
  return spec;
}

absl::StatusOr<SlugsQuery> ParseListFeaturesRequest(const ledger::CallContext& context,
                                                    const pb::ListFeaturesRequest& request) {
  return ParseSlugsQuery(context, request);
}

absl::StatusOr<SlugsQuery> ParseListPlansRequest(const ledger::CallContext& context,
                                                 const pb::ListPlansRequest& request) {
  return ParseSlugsQuery(context, request);
}

absl::StatusOr<PlanQuery> ParseGetPlanRequest(const pb::GetPlanRequest& request) {
  Violations violations;
  Fields fields(violations);
  PlanQuery query{.plan = fields.Slug("plan", request.plan())};
  if (request.has_version()) query.version = request.version();
  if (query.version == 0) fields.Wrong("version", "got 0, want 1 or more");
  if (!violations.empty()) return violations.ToStatus();
  return query;
}

}  // namespace owo::rpc
