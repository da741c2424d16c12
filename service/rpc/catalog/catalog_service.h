// The Catalog service of the API, implemented by ledger::Catalogs.

#ifndef OWO_SERVICE_RPC_CATALOG_CATALOG_SERVICE_H_
#define OWO_SERVICE_RPC_CATALOG_CATALOG_SERVICE_H_

#include "service/ledger/catalog.h"
#include "service/rpc/calls.h"
#include "service/rpc/grpc_service.h"

namespace owo::rpc {

// Thread-safe.
class CatalogService final : public GrpcService {
 public:
  // All arguments must outlive the service.
  CatalogService(ledger::LedgerParts& ledger, Calls& calls, const CallParts& parts);

 private:
  ledger::Catalogs catalogs_;
};

}  // namespace owo::rpc

#endif  // OWO_SERVICE_RPC_CATALOG_CATALOG_SERVICE_H_
