#include "service/rpc/metering_service.h"

#include <memory>
#include <utility>
#include <vector>

namespace owo::rpc {
namespace {

using Results = std::vector<ledger::TrackResult>;

// Tracks one event, and answers with its result.
template <typename Response>
grpc::ServerUnaryReactor* TrackOne(ledger::Metering& metering, grpc::ServerUnaryReactor* reactor,
                                   ledger::UsageEvent event, Response* response) {
  std::vector<ledger::UsageEvent> events;
  events.push_back(std::move(event));
  const auto render = [](const Results& results, Response& to) {
    return Render(results.front(), to);
  };
  metering.Track(kTenant, std::move(events), AnswerWith(reactor, response, render));
  return reactor;
}

}  // namespace

grpc::ServerUnaryReactor* MeteringService::Track(grpc::CallbackServerContext* context,
                                                 const pb::TrackRequest* request,
                                                 pb::TrackResponse* response) {
  absl::StatusOr<ledger::UsageEvent> event = Parse(*request);
  if (!event.ok()) return FinishWith(context->DefaultReactor(), event.status());
  return TrackOne(metering_, context->DefaultReactor(), *std::move(event), response);
}

grpc::ServerUnaryReactor* MeteringService::TrackBatch(grpc::CallbackServerContext* context,
                                                      const pb::TrackBatchRequest* request,
                                                      pb::TrackBatchResponse* response) {
  grpc::ServerUnaryReactor* const reactor = context->DefaultReactor();
  absl::StatusOr<EventBatch> batch = Parse(*request);
  if (!batch.ok()) return FinishWith(reactor, batch.status());
  std::vector<ledger::UsageEvent> events = std::move(batch->events);
  auto render = [batch = *std::move(batch)](const Results& results, pb::TrackBatchResponse& to) {
    return Render(batch, results, to);
  };
  metering_.Track(kTenant, std::move(events), AnswerWith(reactor, response, std::move(render)));
  return reactor;
}

grpc::ServerUnaryReactor* MeteringService::Check(grpc::CallbackServerContext* context,
                                                 const pb::CheckRequest* request,
                                                 pb::CheckResponse* response) {
  absl::StatusOr<CheckOrder> order = Parse(*request);
  if (order.ok() && order->track) {
    return TrackOne(metering_, context->DefaultReactor(), std::move(order->event), response);
  }
  return calls_.Read(context, std::move(order), response, [this](const CheckOrder& check) {
    return metering_.Check(kTenant, check.event);
  });
}

grpc::ServerUnaryReactor* MeteringService::ListUsage(grpc::CallbackServerContext* context,
                                                     const pb::ListUsageRequest* request,
                                                     pb::ListUsageResponse* response) {
  return calls_.List(context, request, response, [this](const ledger::UsageQuery& query) {
    return metering_.ListUsage(kTenant, query);
  });
}

}  // namespace owo::rpc
