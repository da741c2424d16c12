// Converts requests of the Metering service to values that are valid by construction. The error of
// a malformed request lists every wrong field, its value and its bound.
//
//   absl::StatusOr<ledger::UsageEvent> parsed = ParseTrackRequest(request);

#ifndef OWO_SERVICE_RPC_METERING_PARSE_METERING_H_
#define OWO_SERVICE_RPC_METERING_PARSE_METERING_H_

#include <cstddef>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "owo/billing/v1/metering.pb.h"
#include "service/ledger/metering.h"

namespace owo::rpc {

namespace pb = ::owo::billing::v1;

// A batch. Each event is valid or malformed independently of the others.
struct EventBatch {
  size_t size = 0;                                         // events in the request
  std::vector<ledger::UsageEvent> events;                  // the valid ones, in order
  std::vector<std::pair<size_t, absl::Status>> malformed;  // index and error, in order
};

struct CheckParams {
  ledger::UsageEvent event;
  bool track = false;
};

absl::StatusOr<ledger::UsageEvent> ParseTrackRequest(const pb::TrackRequest& request);
// The events of a TrackBatchRequest, malformed ones included; at most as many as a batch may have.
size_t CountEvents(std::string_view request);
// About how much memory a TrackBatchRequest takes until its events are counted, in bytes. Malformed
// events take kMalformedEventBytes more.
size_t BatchMemory(std::string_view request);
inline constexpr size_t kMalformedEventBytes = 2048;  // the error with all its texts
// Parses the bytes of a TrackBatchRequest.
absl::StatusOr<EventBatch> ParseBatch(std::string_view request);
absl::StatusOr<CheckParams> ParseCheckRequest(const pb::CheckRequest& request);
absl::StatusOr<ledger::UsageQuery> ParseListUsageRequest(const ledger::CallContext& context,
                                                         const pb::ListUsageRequest& request);
absl::StatusOr<ledger::EventsQuery> ParseListEventsRequest(const ledger::CallContext& context,
                                                           const pb::ListEventsRequest& request);

}  // namespace owo::rpc

#endif  // OWO_SERVICE_RPC_METERING_PARSE_METERING_H_
