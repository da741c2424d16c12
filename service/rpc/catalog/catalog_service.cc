#include "service/rpc/catalog/catalog_service.h"

#include <utility>

#include "owo/billing/v1/catalog.pb.h"
#include "service/rpc/catalog/parse_catalog.h"
#include "service/rpc/catalog/render_catalog.h"

namespace owo::rpc {

CatalogService::CatalogService(ledger::LedgerParts& ledger, Calls& calls, const CallParts& parts)
    : GrpcService(parts), catalogs_(ledger) {
  Serve(
      "owo.billing.v1.Catalog",
      {
          calls.Write<pb::SyncCatalogRequest, pb::SyncCatalogResponse>(
              "SyncCatalog", ParseSyncCatalogRequest,
              [this](const CallContext& context, ledger::CatalogSpec&& spec, auto done) {
                catalogs_.Sync(context, std::move(spec), std::move(done));
              },
              RenderSyncCatalogResponse),
          calls.List<pb::ListFeaturesRequest, pb::ListFeaturesResponse>(
              "ListFeatures", ParseListFeaturesRequest,
              [this](const CallContext& context, const storage::ReadOptions& read,
                     const SlugsQuery& query) -> absl::StatusOr<FeaturesPage> {
                auto catalog = catalogs_.Get(context, read);
                if (!catalog.ok()) return catalog.status();
                return FeaturesPage{*std::move(catalog), query};
              },
              RenderListFeaturesResponse),
          calls.List<pb::ListPlansRequest, pb::ListPlansResponse>(
              "ListPlans", ParseListPlansRequest,
              [this](const CallContext& context, const storage::ReadOptions& read,
                     const SlugsQuery& query) { return catalogs_.ListPlans(context, read, query); },
              RenderListPlansResponse),
          calls.Read<pb::GetPlanRequest, pb::GetPlanResponse>(
              "GetPlan", ParseGetPlanRequest,
              [this](const CallContext& context, const storage::ReadOptions& read,
                     const PlanQuery& query) {
                return catalogs_.GetPlan(context, read, query.plan, query.version);
              },
              RenderGetPlanResponse),
      });
}

}  // namespace owo::rpc
