// One call of Metering::Track, from events to results.
//
//   StartTracking(context, parts, lanes, std::move(events), TrackDetail::kCodes, std::move(done));

#ifndef OWO_SERVICE_LEDGER_TRACKING_H_
#define OWO_SERVICE_LEDGER_TRACKING_H_

#include <vector>

#include "service/ledger/customer_lanes.h"
#include "service/ledger/ledger_parts.h"
#include "service/ledger/usage_event.h"

namespace owo::ledger {

// Implements Metering::Track(). Resolves events from memory if possible, has the store count them,
// and makes another attempt for those that were resolved against stale data.
//
// Limit checks (spend caps, periods in several segments) read and rate the account, and the store
// counts the event only if the account has not changed since. So that concurrent calls do not
// invalidate each other's checks, they queue in their customers' lanes: calls that wait for one
// customer are checked together, in order of arrival, with one read and one commit.
//
// Does not block; thread-safe. Errors are those of Metering::Track(). REQUIRES: `lanes` lives until
// the call is answered.
void StartTracking(const CallContext& context, LedgerParts& parts, TrackLanes& lanes,
                   std::vector<UsageEvent> events, TrackDetail detail, TrackDone done);

}  // namespace owo::ledger

#endif  // OWO_SERVICE_LEDGER_TRACKING_H_
