// The Metering service of the API, implemented by ledger::Metering. Tracking runs on the threads of
// gRPC, because the ledger does not block in it.

#ifndef OWO_SERVICE_RPC_METERING_METERING_SERVICE_H_
#define OWO_SERVICE_RPC_METERING_METERING_SERVICE_H_

#include "service/ledger/metering.h"
#include "service/rpc/calls.h"
#include "service/rpc/grpc_service.h"

namespace owo::rpc {

// Thread-safe.
class MeteringService final : public GrpcService {
 public:
  // All arguments must outlive the service.
  MeteringService(ledger::LedgerParts& ledger, Calls& calls, const CallParts& parts);

 private:
  ledger::Metering metering_;
};

}  // namespace owo::rpc

#endif  // OWO_SERVICE_RPC_METERING_METERING_SERVICE_H_
