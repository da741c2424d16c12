// The Metering service of the API, over the ledger's Metering. Tracking runs on gRPC's threads, as
// the ledger does not block on it.

#ifndef OWO_SERVICE_RPC_METERING_SERVICE_H_
#define OWO_SERVICE_RPC_METERING_SERVICE_H_

#include "owo/billing/v1/metering.grpc.pb.h"
#include "service/ledger/metering.h"
#include "service/rpc/arena_messages.h"
#include "service/rpc/calls.h"

namespace owo::rpc {

// Thread-safe.
class MeteringService final : public pb::Metering::CallbackService {
 public:
  // Both outlive the service.
  MeteringService(ledger::Context& context, Calls& calls) : metering_(context), calls_(calls) {
    SetMessageAllocatorFor_TrackBatch(&batches_);
  }

  grpc::ServerUnaryReactor* Track(grpc::CallbackServerContext* context,
                                  const pb::TrackRequest* request,
                                  pb::TrackResponse* response) override;
  grpc::ServerUnaryReactor* TrackBatch(grpc::CallbackServerContext* context,
                                       const pb::TrackBatchRequest* request,
                                       pb::TrackBatchResponse* response) override;
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
  ArenaMessages<pb::TrackBatchRequest, pb::TrackBatchResponse> batches_;
};

}  // namespace owo::rpc

#endif  // OWO_SERVICE_RPC_METERING_SERVICE_H_
