#include "service/rpc/catalog_service.h"

#include <utility>

#include "owo/billing/v1/catalog.pb.h"

namespace owo::rpc {
namespace {

// An answer from the catalog as it is now.
template <typename Answer, typename Query>
absl::StatusOr<Answer> FromCatalog(ledger::Catalogs& catalogs, const storage::ReadOptions& read,
                                   const Query& query) {
  auto catalog = catalogs.Get(read, kTenant);
  if (!catalog.ok()) return catalog.status();
  return Answer{*std::move(catalog), query};
}

}  // namespace

CatalogService::CatalogService(ledger::Context& context, Calls& calls, CallsInFlight& in_flight)
    : GrpcService(in_flight), catalogs_(context) {
  const auto page = [this](const storage::ReadOptions& read, const SlugsQuery& query) {
    return FromCatalog<CatalogPage>(catalogs_, read, query);
  };
  Serve("owo.billing.v1.Catalog",
        {
            calls.Write<pb::SyncCatalogRequest, pb::SyncCatalogResponse>(
                "SyncCatalog",
                [this](ledger::CatalogSpec&& spec, auto done) {
                  catalogs_.Sync(kTenant, std::move(spec), std::move(done));
                }),
            calls.List<pb::ListFeaturesRequest, pb::ListFeaturesResponse>("ListFeatures", page),
            calls.List<pb::ListPlansRequest, pb::ListPlansResponse>("ListPlans", page),
            calls.Read<pb::GetPlanRequest, pb::GetPlanResponse>(
                "GetPlan",
                [this](const storage::ReadOptions& read, const PlanQuery& query) {
                  return FromCatalog<PlanAnswer>(catalogs_, read, query);
                }),
        });
}

}  // namespace owo::rpc
