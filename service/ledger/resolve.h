// Resolves an event, as a caller reports it, to what the store counts: customer, feature,
// subscription, plan, period, segment and bounds.
//
//   Resolution resolution;
//   OWO_TRY(resolution.customer, directory.Find(context, read, event.customer));
//   OWO_RETURN_IF_ERROR(Resolve(read, parts, context.tenant, event, context.now(), resolution));
//   storage::TrackEvent to_count = ToTrackEvent(event, resolution);
//
// A resolution follows from the event, the customer and the catalog as they are cached, which may
// be stale. The store counts an event only if the generations that it was resolved under are still
// the newest.

#ifndef OWO_SERVICE_LEDGER_RESOLVE_H_
#define OWO_SERVICE_LEDGER_RESOLVE_H_

#include <memory>
#include <string>
#include <vector>

#include "service/ledger/ledger_parts.h"
#include "service/ledger/limit_check.h"
#include "service/ledger/usage_event.h"
#include "storage/commands.h"

namespace owo::ledger {

// Whether an event counts, and if not, why: the first cause in order of precedence. Does not depend
// on the event's id. The store refuses an ineligible event unless it knows the id already.
struct Eligibility {
  TrackCode code = TrackCode::kTracked;
  absl::Status error;  // set for kRejected

  // Whether the event counts, as far as its limit allows it. The limit is not part of eligibility.
  bool counts() const { return code == TrackCode::kTracked; }
};

// A binding that is not cached in the CustomerView, and the terms that it points into.
// It is made for one event: for a time in an earlier period or under an earlier plan.
struct OwnBinding {
  std::shared_ptr<const std::vector<UsageTerms>> usage;
  CounterBinding binding;
};

// What is known of an event before it is counted. Movable; pointers to it and into it stay valid
// until it is moved or destroyed.
struct Resolution {
  CustomerPtr customer;
  storage::FeatureNo feature{};  // 0: no feature has the event's slug
  Eligibility eligibility;
  storage::Micros time = 0;  // the event's own, or when it was resolved; microseconds since 1970
  const CounterBinding* binding = nullptr;  // set if it counts: in `customer` or in `own`
  std::unique_ptr<const OwnBinding> own;    // set if no binding of `customer` is valid at `time`

  // The input of a limit check. Points into this. REQUIRES: the event is eligible.
  LimitInput ToLimitInput(rating::Decimal quantity) const {
    return {customer.get(), binding, time, quantity};
  }
};

// Fills in the rest of a resolution that has its customer. An event that does not count is no
// error: `eligibility` says why. Fails only if terms cannot be read; reads terms only if another
// plan version was in force at the event's time than is now. `now`: by the tenant's clock, in
// microseconds since 1970. Thread-safe. REQUIRES: resolution.customer is set.
absl::Status Resolve(const storage::ReadOptions& read, const LedgerParts& parts,
                     storage::TenantId tenant, const UsageEvent& event, storage::Micros now,
                     Resolution& resolution);

// The event to pass to the store. Its target is the binding's; an ineligible event has none, and is
// to be refused unless the store knows its id. Points into `event` and `resolution`.
// REQUIRES: event.id is set.
storage::TrackEvent ToTrackEvent(const UsageEvent& event, const Resolution& resolution);

// The usage of a feature in the event's period, to show to the caller. `total`: of the event's
// counter. `others`: of the other segments of the period. REQUIRES: the event is eligible.
PeriodUsage PeriodUsageOf(const Resolution& resolution, const Bounds& bounds, rating::Decimal total,
                          rating::Decimal others);

// The number of a feature, to filter a list by; 0 for "", which is all features. Errors:
// FEATURE_NOT_FOUND.
absl::StatusOr<storage::FeatureNo> FeatureNamed(const Catalog& catalog, const std::string& slug);

// QUANTITY_OUT_OF_RANGE. `why` completes the message "`quantity`: got 5, ".
absl::Status QuantityError(const UsageEvent& event, std::string_view why);

}  // namespace owo::ledger

#endif  // OWO_SERVICE_LEDGER_RESOLVE_H_
