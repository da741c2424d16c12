#include "service/rpc/catalog_service.h"

#include <utility>

#include "owo/billing/v1/catalog.pb.h"

namespace owo::rpc {

CatalogService::CatalogService(ledger::Context& context, Calls& calls, CallsInFlight& in_flight)
    : GrpcService(in_flight), catalogs_(context) {
  Serve("owo.billing.v1.Catalog",
        {
            calls.Write<pb::SyncCatalogRequest, pb::SyncCatalogResponse>(
                "SyncCatalog",
                [this](ledger::CatalogSpec&& spec, auto done) {
                  catalogs_.Sync(kTenant, std::move(spec), std::move(done));
                }),
            calls.List<pb::ListFeaturesRequest, pb::ListFeaturesResponse>(
                "ListFeatures",
                [this](const storage::ReadOptions& read,
                       const SlugsQuery& query) -> absl::StatusOr<FeaturesPage> {
                  auto catalog = catalogs_.Get(read, kTenant);
                  if (!catalog.ok()) return catalog.status();
                  return FeaturesPage{*std::move(catalog), query};
                }),
            calls.List<pb::ListPlansRequest, pb::ListPlansResponse>(
                "ListPlans",
                [this](const storage::ReadOptions& read, const SlugsQuery& query) {
                  return catalogs_.ListPlans(read, kTenant, query);
                }),
            calls.Read<pb::GetPlanRequest, pb::GetPlanResponse>(
                "GetPlan",
                [this](const storage::ReadOptions& read, const PlanQuery& query) {
                  return catalogs_.GetPlan(read, kTenant, query.plan, query.version);
                }),
        });
}

}  // namespace owo::rpc
