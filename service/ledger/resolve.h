// From what a caller says of an event to what the store counts: customer, feature, subscription,
// plan, period, segment, bounds.

#ifndef OWO_SERVICE_LEDGER_RESOLVE_H_
#define OWO_SERVICE_LEDGER_RESOLVE_H_

#include <memory>
#include <string>
#include <vector>

#include "service/ledger/context.h"
#include "service/ledger/limit_check.h"
#include "service/ledger/usage_event.h"
#include "storage/commands.h"

namespace owo::ledger {

// Why an event does not count, whatever its id is: the first that applies, in order of precedence.
// The store keeps it as a number and gives it back if it does not know the event's id.
struct Eligibility {
  TrackCode code = TrackCode::kTracked;
  absl::Status error;  // of kRejected

  bool counts() const { return code == TrackCode::kTracked; }
};

// A place that is not kept with its customer, and what it refers to.
struct OwnBinding {
  std::shared_ptr<const std::vector<UsageTerms>> usage;
  CounterBinding binding;
};

struct Resolution {
  CustomerPtr customer;
  storage::FeatureNo feature{};  // 0: none has that slug
  Eligibility eligibility;
  storage::Micros time = 0;
  const CounterBinding* binding = nullptr;  // when it counts: the customer's, or `own`
  std::unique_ptr<const OwnBinding> own;    // of an event from another time

  LimitInput ToLimitInput(rating::Decimal quantity) const {
    return {customer.get(), binding, time, quantity};
  }
};

// Finds out the rest of what has a customer so far. Fails if terms cannot be read; reads them only
// for an event from a time in which another version of a plan was in force than is now.
absl::Status Resolve(const storage::ReadOptions& read, const Context& context,
                     storage::TenantId tenant, const UsageEvent& event, storage::Micros now,
                     Resolution& resolution);

// The store's part of an event, whose target is its place's.
storage::TrackEvent ToTrackEvent(const UsageEvent& event, const Resolution& resolution);

// A feature in the period of a counter with `total`, after `decision`.
PeriodUsage PeriodUsageOf(const Resolution& resolution, const Bounds& bounds, rating::Decimal total,
                          rating::Decimal others);

// The feature that a list is asked for; 0 for "", which asks for all. FEATURE_NOT_FOUND.
absl::StatusOr<storage::FeatureNo> FeatureNamed(const Catalog& catalog, const std::string& slug);

absl::Status QuantityError(const UsageEvent& event, std::string_view why);

}  // namespace owo::ledger

#endif  // OWO_SERVICE_LEDGER_RESOLVE_H_
