// A usage event to count, and its result.
//
//   UsageEvent event{.customer = "user_123", .feature = "api-calls", .quantity = one};
//   event.SetId("req-4711");
//   metering.Track(context, {event}, TrackDetail::kAll,
//                  [](absl::StatusOr<std::vector<TrackResult>> results) {
//                    if (results.ok() && results->front().allowed()) Serve();
//                  });
//
// The types here are plain values without locks: share them between threads only if no thread
// changes them. Quantities are in units of the feature, with 12 digits after the point.

#ifndef OWO_SERVICE_LEDGER_USAGE_EVENT_H_
#define OWO_SERVICE_LEDGER_USAGE_EVENT_H_

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "service/ledger/ledger_parts.h"
#include "service/rating/decimal.h"
#include "storage/event_id.h"
#include "storage/types.h"

namespace owo::ledger {

// An event as a caller reports it. Bounds are those of TrackRequest (metering.proto); the adapter
// checks them.
struct UsageEvent {
  std::string customer;  // id or email
  std::string feature;   // slug
  // |quantity| <= 10^12. A negative quantity takes back counted usage, if Options allow that.
  rating::Decimal quantity;
  // Absent: the server generates one, so that the event is never a duplicate.
  std::optional<storage::EventId> id;
  std::string id_text;  // the caller's text of the id, unless it is a UUID
  // When the usage happened, in microseconds since 1970. Absent: now.
  std::optional<storage::Micros> time;
  std::string properties;  // kept, not interpreted
  // Count the event even if it exceeds the limit or the spend cap.
  bool record_always = false;

  // Sets the id from its text, of 1 to 128 bytes. Two events with the same id are one: the later
  // one is a duplicate.
  void SetId(std::string_view text) {
    id = storage::EventId::Of(text);
    if (!id->is_uuid()) id_text = text;
  }
  // The text of the id. REQUIRES: `id` is set.
  std::string IdText() const { return id->is_uuid() ? id->UuidText() : id_text; }
};

// What became of an event.
enum class TrackCode {
  // Counted, within the allowance.
  kTracked,
  // Counted, at least in part beyond the allowance.
  kTrackedOverage,
  // Not counted: the total would exceed the feature's limit, or the customer's spend cap.
  kLimitExceeded,
  // Not counted: no subscription is in force at the event's time.
  kNoActiveSubscription,
  // Not counted: the plan that is in force does not have the feature.
  kFeatureNotInPlan,
  // Not counted: the event is wrong. TrackResult::error has the reason.
  kRejected,
};

// The usage of a feature in the event's period, over all segments, with the event if it counts.
struct PeriodUsage {
  rating::Decimal usage;
  std::optional<rating::Decimal> included;  // absent: unlimited
  std::optional<rating::Decimal> limit;     // absent: none
  std::optional<rating::Decimal> balance;   // included units left; absent: unlimited
  // When the period ends, in microseconds since 1970. Absent: it has no end.
  std::optional<storage::Micros> resets_at;
};

// The result of one event of a call.
struct TrackResult {
  TrackCode code = TrackCode::kRejected;
  // Set for kRejected. The reason is one of an event: CUSTOMER_NOT_FOUND, CUSTOMER_AMBIGUOUS,
  // EVENT_ID_REUSED, EVENT_IN_FUTURE, EVENT_TOO_OLD, FEATURE_NOT_FOUND, QUANTITY_OUT_OF_RANGE; or
  // one of the attempt that left this event without another result.
  absl::Status error;
  // Whether the event is counted: by this call, or by an earlier one if it is a duplicate.
  bool recorded = false;
  // Whether the event's id was counted before. This call then counted nothing.
  bool duplicate = false;
  std::string event_id;                       // with TrackDetail::kAll, if recorded
  std::shared_ptr<const PeriodUsage> period;  // with TrackDetail::kAll, if the event is eligible

  // Whether the customer may use the feature: the event counts.
  bool allowed() const { return code == TrackCode::kTracked || code == TrackCode::kTrackedOverage; }
};

// How much of each result a caller wants. kCodes leaves out `event_id` and `period`, which cost
// allocations for each event.
enum class TrackDetail { kCodes, kAll };

// Receives one result for each event, in the order of the events.
using TrackDone = Done<std::vector<TrackResult>>;

}  // namespace owo::ledger

#endif  // OWO_SERVICE_LEDGER_USAGE_EVENT_H_
