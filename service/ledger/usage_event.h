// An event to be counted, and what became of it.

#ifndef OWO_SERVICE_LEDGER_USAGE_EVENT_H_
#define OWO_SERVICE_LEDGER_USAGE_EVENT_H_

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "service/ledger/context.h"
#include "service/rating/decimal.h"
#include "storage/event_id.h"
#include "storage/types.h"

namespace owo::ledger {

struct UsageEvent {
  std::string customer;  // id or email
  std::string feature;
  rating::Decimal quantity;            // |quantity| <= 10^12
  std::optional<storage::EventId> id;  // absent: one is made
  std::string id_text;                 // as the caller gave it, if the id does not tell
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
  kRejected,  // `error` says why
};

// A feature in the event's period, all segments of it.
struct PeriodUsage {
  rating::Decimal usage;
  std::optional<rating::Decimal> included;  // absent: unlimited
  std::optional<rating::Decimal> limit;     // absent: none
  std::optional<rating::Decimal> balance;   // included units left; absent: unlimited
  std::optional<storage::Micros> resets_at;
};

struct TrackResult {
  TrackCode code = TrackCode::kRejected;
  absl::Status error;  // of kRejected
  bool recorded = false;
  bool duplicate = false;
  std::string event_id;                       // if asked for, and it is recorded
  std::shared_ptr<const PeriodUsage> period;  // if asked for, and the plan in force has the feature

  bool allowed() const { return code == TrackCode::kTracked || code == TrackCode::kTrackedOverage; }
};

// What a caller wants to know of each event.
enum class TrackDetail { kCodes, kAll };

using TrackDone = Done<std::vector<TrackResult>>;

}  // namespace owo::ledger

#endif  // OWO_SERVICE_LEDGER_USAGE_EVENT_H_
