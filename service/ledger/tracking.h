// One call of Metering::Track, from events to results.

#ifndef OWO_SERVICE_LEDGER_TRACKING_H_
#define OWO_SERVICE_LEDGER_TRACKING_H_

#include <vector>

#include "service/ledger/context.h"
#include "service/ledger/metering.h"

namespace owo::ledger {

// As Metering::Track. Resolves events against what is in memory, has the store count them, and goes
// round again for those that were resolved against something that has moved since.
void StartTracking(Context& context, storage::TenantId tenant, std::vector<UsageEvent> events,
                   TrackDetail detail, Metering::TrackDone done);

}  // namespace owo::ledger

#endif  // OWO_SERVICE_LEDGER_TRACKING_H_
