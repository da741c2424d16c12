// Converts requests of the Catalog service to values that are valid by construction. The error of a
// malformed request lists every wrong field, its value and its bound.
//
//   absl::StatusOr<ledger::CatalogSpec> parsed = ParseSyncCatalogRequest(request);

#ifndef OWO_SERVICE_RPC_CATALOG_PARSE_CATALOG_H_
#define OWO_SERVICE_RPC_CATALOG_PARSE_CATALOG_H_

#include <cstdint>
#include <optional>
#include <string>

#include "absl/status/statusor.h"
#include "owo/billing/v1/catalog.pb.h"
#include "service/ledger/catalog.h"

namespace owo::rpc {

namespace pb = ::owo::billing::v1;

using ledger::SlugsQuery;

struct PlanQuery {
  std::string plan;
  std::optional<uint32_t> version;  // absent: the newest version
};

absl::StatusOr<ledger::CatalogSpec> ParseSyncCatalogRequest(const pb::SyncCatalogRequest& request);
absl::StatusOr<SlugsQuery> ParseListFeaturesRequest(const ledger::CallContext& context,
                                                    const pb::ListFeaturesRequest& request);
absl::StatusOr<SlugsQuery> ParseListPlansRequest(const ledger::CallContext& context,
                                                 const pb::ListPlansRequest& request);
absl::StatusOr<PlanQuery> ParseGetPlanRequest(const pb::GetPlanRequest& request);

}  // namespace owo::rpc

#endif  // OWO_SERVICE_RPC_CATALOG_PARSE_CATALOG_H_
