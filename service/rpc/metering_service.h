// The Metering service of the API, over the ledger's Metering. Tracking runs on gRPC's threads, as
// the ledger does not block on it.

#ifndef OWO_SERVICE_RPC_METERING_SERVICE_H_
#define OWO_SERVICE_RPC_METERING_SERVICE_H_

#include "owo/billing/v1/metering.grpc.pb.h"
#include "service/ledger/metering.h"
#include "service/rpc/calls.h"

namespace owo::rpc {

// TrackBatch takes and gives bytes: parse_batch.cc.
using MeteringCalls = pb::Metering::WithRawCallbackMethod_TrackBatch<pb::Metering::CallbackService>;

// Thread-safe.
class MeteringService final : public MeteringCalls {
 public:
  // Both outlive the service.
  MeteringService(ledger::Context& context, Calls& calls) : metering_(context), calls_(calls) {}

  grpc::ServerUnaryReactor* Track(grpc::CallbackServerContext* context,
                                  const pb::TrackRequest* request,
                                  pb::TrackResponse* response) override;
  using MeteringCalls::TrackBatch;
  grpc::ServerUnaryReactor* TrackBatch(grpc::CallbackServerContext* context,
                                       const grpc::ByteBuffer* request,
                                       grpc::ByteBuffer* response) override;
  grpc::ServerUnaryReactor* Check(grpc::CallbackServerContext* context,
                                  const pb::CheckRequest* request,
                                  pb::CheckResponse* response) override;
  grpc::ServerUnaryReactor* ListUsage(grpc::CallbackServerContext* context,
                                      const pb::ListUsageRequest* request,
                                      pb::ListUsageResponse* response) override;
  grpc::ServerUnaryReactor* ListEvents(grpc::CallbackServerContext* context,
                                       const pb::ListEventsRequest* request,
                                       pb::ListEventsResponse* response) override;

 private:
  ledger::Metering metering_;
  Calls& calls_;
};

}  // namespace owo::rpc

#endif  // OWO_SERVICE_RPC_METERING_SERVICE_H_
