#include "service/rpc/catalog/catalog_service.h"

#include <utility>

#include "owo/billing/v1/catalog.pb.h"
#include "service/rpc/catalog/parse_catalog.h"
#include "service/rpc/catalog/render_catalog.h"

namespace owo::rpc {

CatalogService::CatalogService(ledger::Context& context, Calls& calls, CallsInFlight& in_flight)
    : GrpcService(in_flight), catalogs_(context) {
  Serve("owo.billing.v1.Catalog",
        {
            calls.Write<pb::SyncCatalogRequest, pb::SyncCatalogResponse>(
                "SyncCatalog", ParseSyncCatalogRequest,
                [this](ledger::CatalogSpec&& spec, auto done) {
                  catalogs_.Sync(kTenant, std::move(spec), std::move(done));
                },
                RenderSyncCatalogResponse),
            calls.List<pb::ListFeaturesRequest, pb::ListFeaturesResponse>(
                "ListFeatures", ParseListFeaturesRequest,
                [this](const storage::ReadOptions& read,
                       const SlugsQuery& query) -> absl::StatusOr<FeaturesPage> {
                  auto catalog = catalogs_.Get(read, kTenant);
                  if (!catalog.ok()) return catalog.status();
                  return FeaturesPage{*std::move(catalog), query};
                },
                RenderListFeaturesResponse),
            calls.List<pb::ListPlansRequest, pb::ListPlansResponse>(
                "ListPlans", ParseListPlansRequest,
                [this](const storage::ReadOptions& read, const SlugsQuery& query) {
                  return catalogs_.ListPlans(read, kTenant, query);
                },
                RenderListPlansResponse),
            calls.Read<pb::GetPlanRequest, pb::GetPlanResponse>(
                "GetPlan", ParseGetPlanRequest,
                [this](const storage::ReadOptions& read, const PlanQuery& query) {
                  return catalogs_.GetPlan(read, kTenant, query.plan, query.version);
                },
                RenderGetPlanResponse),
        });
}

}  // namespace owo::rpc
