// A customer's subscriptions and plan versions over time, and where in them usage counts.
//
//   Timeline timeline = Timeline::Of(contract, catalog);
//   if (const Span* span = timeline.At(event_time)) {
//     CounterLocation where = Locate(timeline, *span, terms, event_time);  // of a feature of
//     span->version

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
  uint32_t subscription = 0;
  const Plan* plan = nullptr;
  const PlanVersion* version = nullptr;
};

// Refers to the catalog it was made from, which outlives it.
class Timeline {
 public:
  // A subscription begins with the newest version of its plan that is in effect at its start.
  // Versions made before the subscription was apply from their own time on, or from the making of
  // the subscription if that is earlier; later ones at the next billing period or at the version's
  // at_once_from, whichever comes first. DATA_LOSS when the catalog lacks a plan.
  static absl::StatusOr<Timeline> Of(const storage::ContractRecord& contract,
                                     const Catalog& catalog);

  const std::vector<Span>& spans() const {
    return spans_;
  }  // ascending, not overlapping, not empty
  const rating::Zones& zones() const { return zones_; }
  const Span* At(storage::Micros time) const;

 private:
  std::vector<Span> spans_;
  rating::Zones zones_;
};

// Where usage of a feature counts, and for how long this answer holds.
struct CounterLocation {
  storage::CounterKey counter;  // without customer
  storage::CounterTerms terms;
  uint32_t segments = 1;  // of the period, as subscriptions stand now
  storage::Micros valid_from = 0;
  storage::Micros valid_until = 0;  // exclusive
};

// REQUIRES: span.start <= time < span.end; terms are of span.version.
CounterLocation Locate(const Timeline& timeline, const Span& span, const UsageTerms& terms,
                       storage::Micros time);

// The billing period of a plan's interval that `time` lies in.
rating::Period BillingPeriod(const Timeline& timeline, const Plan& plan, storage::Micros time);

// The history of zones in a contract.
absl::StatusOr<rating::Zones> ZonesOf(const storage::ContractRecord& contract);

}  // namespace owo::ledger

#endif  // OWO_SERVICE_LEDGER_TIMELINE_H_
