// One call of Metering::Track, from events to results.

#ifndef OWO_SERVICE_LEDGER_TRACKING_H_
#define OWO_SERVICE_LEDGER_TRACKING_H_

#include <vector>

#include "service/ledger/context.h"
#include "service/ledger/customer_lanes.h"
#include "service/ledger/usage_event.h"

namespace owo::ledger {

// As Metering::Track. Resolves events against what is in memory, has the store count them, and goes
// round again for those that were resolved against something that has moved since.
//
// Where more than an event's own counter decides (a spend cap, a period in several segments), the
// whole account is read and rated, and counting fails if it has moved. So that calls do not undo
// each other's work, they take turns in their customers' lanes: those that wait for one customer
// are checked together, in order of arrival, with one read and one commit. `lanes` outlives the
// call.
void StartTracking(Context& context, TrackLanes& lanes, storage::TenantId tenant,
                   std::vector<UsageEvent> events, TrackDetail detail, TrackDone done);

}  // namespace owo::ledger

#endif  // OWO_SERVICE_LEDGER_TRACKING_H_
