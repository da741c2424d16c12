// The Metering service of the API, over the ledger's Metering. Tracking runs on gRPC's threads, as
// the ledger does not block on it.

#ifndef OWO_SERVICE_RPC_METERING_METERING_SERVICE_H_
#define OWO_SERVICE_RPC_METERING_METERING_SERVICE_H_

#include "service/ledger/metering.h"
#include "service/rpc/calls.h"
#include "service/rpc/grpc_service.h"

namespace owo::rpc {

// Thread-safe.
class MeteringService final : public GrpcService {
 public:
  // All outlive the service.
  MeteringService(ledger::Context& context, Calls& calls, CallsInFlight& in_flight);

 private:
  ledger::Metering metering_;
};

}  // namespace owo::rpc

#endif  // OWO_SERVICE_RPC_METERING_METERING_SERVICE_H_
