// A customer's subscriptions and plan versions over time, and the counters that usage goes to.
//
//   OWO_TRY(const Timeline timeline, Timeline::Of(contract, catalog));
//   if (const Span* span = timeline.At(event_time)) {
//     // `terms`: of a feature in span->version
//     const CounterLocation location = Locate(timeline, *span, terms, event_time);
//   }
//
// Spans of a customer who changed the plan on March 5, when "pro" got a new version on March 20:
//
//   |─ starter, version 1 ─|─ pro, version 1 ─|─ pro, version 2 ─────────→
//   Jan 10                 Mar 5              Apr 1: the next billing period
//
// A timeline follows from the contract and the catalog alone, so every server and `verify` find the
// same counter for an event. All times are in microseconds since 1970, and all spans of time are
// half-open.

#ifndef OWO_SERVICE_LEDGER_TIMELINE_H_
#define OWO_SERVICE_LEDGER_TIMELINE_H_

#include <vector>

#include "absl/status/statusor.h"
#include "service/ledger/plan.h"
#include "service/rating/period.h"
#include "storage/records.pb.h"
#include "storage/types.h"

namespace owo::ledger {

// Half-open [start, end): one subscription under one plan version.
struct Span {
  storage::Micros start = 0;
  storage::Micros end = storage::kForever;
  uint32_t subscription = 0;   // its number within the customer, from 1
  const Plan* plan = nullptr;  // never null in a timeline, nor is `version`
  const PlanVersion* version = nullptr;
};

// Immutable, and so thread-safe. REQUIRES: the catalog that it was made from outlives it; spans
// point into it.
class Timeline {
 public:
  // A subscription begins with the newest version of its plan that is in effect at its start.
  // A version that is older than the subscription applies from the version's effective time, or
  // from the subscription's creation if that is earlier. A version that is newer than the
  // subscription applies from the next billing period or from the version's at_once_from,
  // whichever comes first. DATA_LOSS if the catalog lacks a plan.
  static absl::StatusOr<Timeline> Of(const storage::ContractRecord& contract,
                                     const Catalog& catalog);

  const std::vector<Span>& spans() const {
    return spans_;
  }  // ascending, not overlapping, not empty
  // The customer's time zones, which its periods are computed from.
  const rating::Zones& zones() const { return zones_; }
  // The span that contains `time`; null if none does.
  const Span* At(storage::Micros time) const;

 private:
  std::vector<Span> spans_;
  rating::Zones zones_;
};

// The counter that usage of a feature goes to, and the span of time for which this is valid.
struct CounterLocation {
  storage::CounterKey counter;  // without customer
  storage::CounterTerms terms;  // kept with the counter when its first event opens it
  uint32_t segments = 1;        // of the period, by the current subscriptions
  storage::Micros valid_from = 0;
  storage::Micros valid_until = 0;  // exclusive
};

// Finds the counter of a feature at `time`. REQUIRES: span.start <= time < span.end; terms are of
// span.version.
CounterLocation Locate(const Timeline& timeline, const Span& span, const UsageTerms& terms,
                       storage::Micros time);

// The billing period of a plan that contains `time`, by the customer's time zones. Takes
// microseconds (rating::PeriodAt).
rating::Period BillingPeriod(const Timeline& timeline, const Plan& plan, storage::Micros time);

// The time zones of a contract over time. DATA_LOSS if a stored zone is unknown.
absl::StatusOr<rating::Zones> ZonesOf(const storage::ContractRecord& contract);

}  // namespace owo::ledger

#endif  // OWO_SERVICE_LEDGER_TIMELINE_H_
