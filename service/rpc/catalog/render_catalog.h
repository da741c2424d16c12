// Renders values of the ledger as answers of the Catalog service. Fails only if stored data does
// not parse.

#ifndef OWO_SERVICE_RPC_CATALOG_RENDER_CATALOG_H_
#define OWO_SERVICE_RPC_CATALOG_RENDER_CATALOG_H_

#include <vector>

#include "absl/status/status.h"
#include "owo/billing/v1/catalog.pb.h"
#include "service/ledger/catalog.h"
#include "service/rpc/catalog/parse_catalog.h"
#include "service/rpc/page_token.h"

namespace owo::rpc {

namespace pb = ::owo::billing::v1;

void RenderPlan(const ledger::PlanView& plan, pb::Plan& to);

absl::Status RenderSyncCatalogResponse(
    const ledger::Answered<std::vector<ledger::CatalogChange>>& changes,
    pb::SyncCatalogResponse& to);

struct FeaturesPage {
  ledger::Catalog::Ptr catalog;
  SlugsQuery query;
};
absl::Status RenderListFeaturesResponse(const FeaturesPage& page, const PageTokens& tokens,
                                        pb::ListFeaturesResponse& to);
absl::Status RenderListPlansResponse(const ledger::PlansPage& page, const PageTokens& tokens,
                                     pb::ListPlansResponse& to);
absl::Status RenderGetPlanResponse(const ledger::PlanView& plan, pb::GetPlanResponse& to);

}  // namespace owo::rpc

#endif  // OWO_SERVICE_RPC_CATALOG_RENDER_CATALOG_H_
