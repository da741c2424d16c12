// Renders values of the ledger as answers of the Metering service. Fails only if stored data does
// not parse.

#ifndef OWO_SERVICE_RPC_METERING_RENDER_METERING_H_
#define OWO_SERVICE_RPC_METERING_RENDER_METERING_H_

#include <vector>

#include "absl/status/status.h"
#include "owo/billing/v1/metering.pb.h"
#include "service/ledger/metering.h"
#include "service/rpc/metering/parse_metering.h"
#include "service/rpc/page_token.h"

namespace owo::rpc {

namespace pb = ::owo::billing::v1;

// Returns the error of a rejected event, as the error of the call.
absl::Status RenderTrackResponse(const ledger::TrackResult& result, pb::TrackResponse& to);
absl::Status RenderCheckResponse(const ledger::TrackResult& result, pb::CheckResponse& to);
// `results` has one entry per event of batch.events.
void RenderTrackBatchResponse(const EventBatch& batch,
                              const std::vector<ledger::TrackResult>& results,
                              pb::TrackBatchResponse& to);
absl::Status RenderListUsageResponse(const ledger::UsagePage& page, const PageTokens& tokens,
                                     pb::ListUsageResponse& to);

}  // namespace owo::rpc

#endif  // OWO_SERVICE_RPC_METERING_RENDER_METERING_H_
