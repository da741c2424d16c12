// The Admin service of the API, implemented by access::Access.

#ifndef OWO_SERVICE_RPC_ADMIN_ADMIN_SERVICE_H_
#define OWO_SERVICE_RPC_ADMIN_ADMIN_SERVICE_H_

#include "service/access/access.h"
#include "service/rpc/calls.h"
#include "service/rpc/grpc_service.h"

namespace owo::rpc {

// Thread-safe.
class AdminService final : public GrpcService {
 public:
  // All arguments must outlive the service.
  AdminService(ledger::LedgerParts& ledger, access::KeyRing& ring, Calls& calls,
               const CallParts& parts);

 private:
  access::Access access_;
};

}  // namespace owo::rpc

#endif  // OWO_SERVICE_RPC_ADMIN_ADMIN_SERVICE_H_
