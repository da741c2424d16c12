#include "service/rpc/metering/metering_service.h"

#include <utility>
#include <vector>

#include "owo/billing/v1/metering.pb.h"
#include "service/rpc/metering/parse_metering.h"
#include "service/rpc/metering/render_metering.h"
#include "service/rpc/render_events.h"

namespace owo::rpc {
namespace {

using Results = std::vector<ledger::TrackResult>;

// Tracks one event and answers with its result.
template <typename Response>
void TrackOne(ledger::Metering& metering, ledger::UsageEvent&& event, Call& call,
              absl::Status (*render)(const ledger::TrackResult&, Response&)) {
  if (!call.ChargeEvents(1)) return;
  std::vector<ledger::UsageEvent> events;
  events.push_back(std::move(event));
  const auto render_first = [render](const Results& results, Response& to) {
    return render(results.front(), to);
  };
  metering.Track(call.context(), std::move(events), ledger::TrackDetail::kAll,
                 Answer<Response>(call, render_first));
}

void TrackBatch(ledger::Metering& metering, Call& call) {
  if (!call.ChargeEvents(CountEvents(call.request_bytes()))) return;
  absl::StatusOr<EventBatch> batch = ParseBatch(call.request_bytes());
  if (!batch.ok()) return call.Finish(batch.status());
  call.HoldMore(batch->malformed.size() * kMalformedEventBytes);
  std::vector<ledger::UsageEvent> events = std::move(batch->events);
  auto render = [&call, batch = *std::move(batch)](const Results& results,
                                                   pb::TrackBatchResponse& to) {
    for (const ledger::TrackResult& result : results) call.LogDetails(result.error);
    RenderTrackBatchResponse(batch, results, to);
    return absl::OkStatus();
  };
  metering.Track(call.context(), std::move(events), ledger::TrackDetail::kCodes,
                 Answer<pb::TrackBatchResponse>(call, std::move(render)));
}

}  // namespace

MeteringService::MeteringService(ledger::LedgerParts& ledger, Calls& calls, const CallParts& parts)
    : GrpcService(parts), metering_(ledger) {
  Method batch = Calls::Make<pb::TrackBatchRequest, pb::TrackBatchResponse>(
      "TrackBatch", CallKind::kWrite, [this](Call& call) { TrackBatch(metering_, call); });
  batch.memory_of = BatchMemory;  // see parse_batch.cc
  Method check = Calls::Make<pb::CheckRequest, pb::CheckResponse>(
      "Check", CallKind::kWrite, [this, &calls](Call& call) {
        auto params = ParseCheckRequest(call.request<pb::CheckRequest>());
        if (!params.ok()) return call.Finish(params.status());
        if (params->track) {
          return TrackOne(metering_, std::move(params->event), call, RenderCheckResponse);
        }
        calls.ReadAndAnswer<pb::CheckResponse>(
            call, *std::move(params),
            [this](const CallContext& context, const storage::ReadOptions& read,
                   const CheckParams& params) {
              return metering_.Check(context, read, params.event);
            },
            RenderCheckResponse);
      });
  Serve("owo.billing.v1.Metering",
        {
            calls.Now<pb::TrackRequest, pb::TrackResponse>(
                "Track", ParseTrackRequest,
                [this](ledger::UsageEvent&& event, Call& call) {
                  TrackOne(metering_, std::move(event), call, RenderTrackResponse);
                }),
            std::move(batch),
            std::move(check),
            calls.List<pb::ListUsageRequest, pb::ListUsageResponse>(
                "ListUsage", ParseListUsageRequest,
                [this](const CallContext& context, const storage::ReadOptions& read,
                       const ledger::UsageQuery& query) {
                  return metering_.ListUsage(context, read, query);
                },
                RenderListUsageResponse),
            calls.List<pb::ListEventsRequest, pb::ListEventsResponse>(
                "ListEvents", ParseListEventsRequest,
                [this](const CallContext& context, const storage::ReadOptions& read,
                       const ledger::EventsQuery& query) {
                  return metering_.ListEvents(context, read, query);
                },
                RenderListEventsResponse),
        });
}

}  // namespace owo::rpc
