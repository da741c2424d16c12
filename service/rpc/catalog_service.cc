#include "service/rpc/catalog_service.h"

#include <utility>

namespace owo::rpc {

absl::StatusOr<CatalogPage> CatalogService::PageOf(const storage::ReadOptions& read,
                                                   const SlugsQuery& query) {
  auto catalog = catalogs_.Get(read, kTenant);
  if (!catalog.ok()) return catalog.status();
  return CatalogPage{*std::move(catalog), query};
}

grpc::ServerUnaryReactor* CatalogService::SyncCatalog(grpc::CallbackServerContext* context,
                                                      const pb::SyncCatalogRequest* request,
                                                      pb::SyncCatalogResponse* response) {
  return calls_.Write(context, Parse(*request), response,
                      [this](ledger::CatalogSpec&& spec, auto done) {
                        catalogs_.Sync(kTenant, std::move(spec), std::move(done));
                      });
}

grpc::ServerUnaryReactor* CatalogService::ListFeatures(grpc::CallbackServerContext* context,
                                                       const pb::ListFeaturesRequest* request,
                                                       pb::ListFeaturesResponse* response) {
  return calls_.List(context, request, response,
                     [this](const storage::ReadOptions& read, const SlugsQuery& query) {
                       return PageOf(read, query);
                     });
}

grpc::ServerUnaryReactor* CatalogService::ListPlans(grpc::CallbackServerContext* context,
                                                    const pb::ListPlansRequest* request,
                                                    pb::ListPlansResponse* response) {
  return calls_.List(context, request, response,
                     [this](const storage::ReadOptions& read, const SlugsQuery& query) {
                       return PageOf(read, query);
                     });
}

grpc::ServerUnaryReactor* CatalogService::GetPlan(grpc::CallbackServerContext* context,
                                                  const pb::GetPlanRequest* request,
                                                  pb::GetPlanResponse* response) {
  return calls_.Read(context, Parse(*request), response,
                     [this](const storage::ReadOptions& read,
                            const PlanQuery& query) -> absl::StatusOr<PlanAnswer> {
                       auto catalog = catalogs_.Get(read, kTenant);
                       if (!catalog.ok()) return catalog.status();
                       return PlanAnswer{*std::move(catalog), query};
                     });
}

}  // namespace owo::rpc
