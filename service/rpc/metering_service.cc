#include "service/rpc/metering_service.h"

#include <utility>
#include <vector>

#include "owo/billing/v1/metering.pb.h"

namespace owo::rpc {
namespace {

using Results = std::vector<ledger::TrackResult>;

// Tracks one event, and answers with its result.
template <typename Response>
void TrackOne(ledger::Metering& metering, ledger::UsageEvent&& event, Call& call) {
  std::vector<ledger::UsageEvent> events;
  events.push_back(std::move(event));
  const auto render = [](const Results& results, Response& to) {
    return Render(results.front(), to);
  };
  metering.Track(kTenant, std::move(events), ledger::TrackDetail::kAll,
                 AnswerWith<Response>(call, render));
}

void TrackBatch(ledger::Metering& metering, Call& call) {
  absl::StatusOr<EventBatch> batch = ParseBatch(call.request_bytes());
  if (!batch.ok()) return call.Finish(ToGrpc(batch.status()));
  std::vector<ledger::UsageEvent> events = std::move(batch->events);
  auto render = [batch = *std::move(batch)](const Results& results, pb::TrackBatchResponse& to) {
    Render(batch, results, to);
    return absl::OkStatus();
  };
  metering.Track(kTenant, std::move(events), ledger::TrackDetail::kCodes,
                 AnswerWith<pb::TrackBatchResponse>(call, std::move(render)));
}

}  // namespace

MeteringService::MeteringService(ledger::Context& context, Calls& calls, CallsInFlight& in_flight)
    : GrpcService(in_flight), metering_(context) {
  Method batch = Calls::Make<pb::TrackBatchRequest, pb::TrackBatchResponse>(
      "TrackBatch", CallKind::kWrite, [this](Call& call) { TrackBatch(metering_, call); });
  batch.takes_bytes = true;  // parse_batch.cc
  Method check = Calls::Make<pb::CheckRequest, pb::CheckResponse>(
      "Check", CallKind::kWrite, [this, &calls](Call& call) {
        auto order = Parse(call.request<pb::CheckRequest>());
        if (!order.ok()) return call.Finish(ToGrpc(order.status()));
        if (order->track) {
          return TrackOne<pb::CheckResponse>(metering_, std::move(order->event), call);
        }
        calls.ReadNow<pb::CheckResponse>(
            call, *std::move(order),
            [this](const storage::ReadOptions& read, const CheckOrder& order) {
              return metering_.Check(read, kTenant, order.event);
            });
      });
  Serve("owo.billing.v1.Metering",
        {
            calls.Now<pb::TrackRequest, pb::TrackResponse>(
                "Track",
                [this](ledger::UsageEvent&& event, Call& call) {
                  TrackOne<pb::TrackResponse>(metering_, std::move(event), call);
                }),
            std::move(batch),
            std::move(check),
            calls.List<pb::ListUsageRequest, pb::ListUsageResponse>(
                "ListUsage",
                [this](const storage::ReadOptions& read, const ledger::UsageQuery& query) {
                  return metering_.ListUsage(read, kTenant, query);
                }),
            calls.List<pb::ListEventsRequest, pb::ListEventsResponse>(
                "ListEvents",
                [this](const storage::ReadOptions& read, const ledger::EventsQuery& query) {
                  return metering_.ListEvents(read, kTenant, query);
                }),
        });
}

}  // namespace owo::rpc
