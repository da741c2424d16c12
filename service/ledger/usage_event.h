// A usage event to count, and its result.

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

struct UsageEvent {
  std::string customer;  // id or email
  std::string feature;
  rating::Decimal quantity;            // |quantity| <= 10^12
  std::optional<storage::EventId> id;  // absent: the server generates one
  std::string id_text;                 // the caller's text of the id, unless it is a UUID
  std::optional<storage::Micros> time;
  std::string properties;  // kept, not interpreted
  bool record_always = false;

  void SetId(std::string_view text) {
    id = storage::EventId::Of(text);
    if (!id->is_uuid()) id_text = text;
  }
  std::string IdText() const { return id->is_uuid() ? id->UuidText() : id_text; }
};

enum class TrackCode {
  kTracked,
  kTrackedOverage,
  kLimitExceeded,
  kNoActiveSubscription,
  kFeatureNotInPlan,
  kRejected,  // TrackResult::error has the reason
};

// The usage of a feature in the event's period, over all segments.
struct PeriodUsage {
  rating::Decimal usage;
  std::optional<rating::Decimal> included;  // absent: unlimited
  std::optional<rating::Decimal> limit;     // absent: none
  std::optional<rating::Decimal> balance;   // included units left; absent: unlimited
  std::optional<storage::Micros> resets_at;
};

struct TrackResult {
  TrackCode code = TrackCode::kRejected;
  absl::Status error;  // set for kRejected
  bool recorded = false;
  bool duplicate = false;
  std::string event_id;                       // with TrackDetail::kAll, if recorded
  std::shared_ptr<const PeriodUsage> period;  // with TrackDetail::kAll, if the event is eligible

  bool allowed() const { return code == TrackCode::kTracked || code == TrackCode::kTrackedOverage; }
};

// How much of each result a caller wants.
enum class TrackDetail { kCodes, kAll };

using TrackDone = Done<std::vector<TrackResult>>;

}  // namespace owo::ledger

#endif  // OWO_SERVICE_LEDGER_USAGE_EVENT_H_
