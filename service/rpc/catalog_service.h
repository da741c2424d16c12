// The Catalog service of the API, over the ledger's Catalogs.

#ifndef OWO_SERVICE_RPC_CATALOG_SERVICE_H_
#define OWO_SERVICE_RPC_CATALOG_SERVICE_H_

#include "owo/billing/v1/catalog.grpc.pb.h"
#include "service/ledger/catalog.h"
#include "service/rpc/calls.h"

namespace owo::rpc {

// Thread-safe.
class CatalogService final : public pb::Catalog::CallbackService {
 public:
  // Both outlive the service.
  CatalogService(ledger::Context& context, Calls& calls) : catalogs_(context), calls_(calls) {}

  grpc::ServerUnaryReactor* SyncCatalog(grpc::CallbackServerContext* context,
                                        const pb::SyncCatalogRequest* request,
                                        pb::SyncCatalogResponse* response) override;
  grpc::ServerUnaryReactor* ListFeatures(grpc::CallbackServerContext* context,
                                         const pb::ListFeaturesRequest* request,
                                         pb::ListFeaturesResponse* response) override;
  grpc::ServerUnaryReactor* ListPlans(grpc::CallbackServerContext* context,
                                      const pb::ListPlansRequest* request,
                                      pb::ListPlansResponse* response) override;
  grpc::ServerUnaryReactor* GetPlan(grpc::CallbackServerContext* context,
                                    const pb::GetPlanRequest* request,
                                    pb::GetPlanResponse* response) override;

 private:
  absl::StatusOr<CatalogPage> PageOf(const storage::ReadOptions& read, const SlugsQuery& query);

  ledger::Catalogs catalogs_;
  Calls& calls_;
};

}  // namespace owo::rpc

#endif  // OWO_SERVICE_RPC_CATALOG_SERVICE_H_
