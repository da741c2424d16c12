#include "service/rpc/metering_service.h"

#include <utility>
#include <vector>

namespace owo::rpc {
namespace {

using Results = std::vector<ledger::TrackResult>;

// Tracks one event, and answers with its result.
template <typename Response>
void TrackOne(ledger::Metering& metering, ledger::UsageEvent&& event,
              grpc::ServerUnaryReactor* reactor, Response* response) {
  std::vector<ledger::UsageEvent> events;
  events.push_back(std::move(event));
  const auto render = [](const Results& results, Response& to) {
    return Render(results.front(), to);
  };
  metering.Track(kTenant, std::move(events), ledger::TrackDetail::kAll,
                 AnswerWith(reactor, response, render));
}

}  // namespace

grpc::ServerUnaryReactor* MeteringService::Track(grpc::CallbackServerContext* context,
                                                 const pb::TrackRequest* request,
                                                 pb::TrackResponse* response) {
  return calls_.Now(context, Parse(*request), [&](ledger::UsageEvent&& event, auto* reactor) {
    TrackOne(metering_, std::move(event), reactor, response);
  });
}

grpc::ServerUnaryReactor* MeteringService::TrackBatch(grpc::CallbackServerContext* context,
                                                      const grpc::ByteBuffer* request,
                                                      grpc::ByteBuffer* response) {
  return calls_.Now(context, ParseBatch(*request), [&](EventBatch&& batch, auto* reactor) {
    std::vector<ledger::UsageEvent> events = std::move(batch.events);
    auto render = [batch = std::move(batch)](const Results& results, grpc::ByteBuffer& to) {
      return Render(batch, results, to);
    };
    metering_.Track(kTenant, std::move(events), ledger::TrackDetail::kCodes,
                    AnswerWith(reactor, response, std::move(render)));
  });
}

grpc::ServerUnaryReactor* MeteringService::Check(grpc::CallbackServerContext* context,
                                                 const pb::CheckRequest* request,
                                                 pb::CheckResponse* response) {
  if (request->track()) {
    return calls_.Now(context, Parse(*request), [&](CheckOrder&& order, auto* reactor) {
      TrackOne(metering_, std::move(order.event), reactor, response);
    });
  }
  return calls_.Read(context, Parse(*request), response,
                     [this](const storage::ReadOptions& read, const CheckOrder& order) {
                       return metering_.Check(read, kTenant, order.event);
                     });
}

grpc::ServerUnaryReactor* MeteringService::ListUsage(grpc::CallbackServerContext* context,
                                                     const pb::ListUsageRequest* request,
                                                     pb::ListUsageResponse* response) {
  return calls_.List(context, request, response,
                     [this](const storage::ReadOptions& read, const ledger::UsageQuery& query) {
                       return metering_.ListUsage(read, kTenant, query);
                     });
}

grpc::ServerUnaryReactor* MeteringService::ListEvents(grpc::CallbackServerContext* context,
                                                      const pb::ListEventsRequest* request,
                                                      pb::ListEventsResponse* response) {
  return calls_.List(context, request, response,
                     [this](const storage::ReadOptions& read, const ledger::EventsQuery& query) {
                       return metering_.ListEvents(read, kTenant, query);
                     });
}

}  // namespace owo::rpc
