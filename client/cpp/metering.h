// Counting usage, exactly once, and asking about limits.
//
//   absl::Status queued =
//       owo.track({.customer = "user_123", .feature = "api-calls", .quantity = "1"});
//
// An event is known by its id for ever: one sent again with the same `event_id` never counts
// twice. What each field holds in every case is said in proto/owo/billing/v1/metering.proto.

#ifndef OWO_CLIENT_CPP_METERING_H_
#define OWO_CLIENT_CPP_METERING_H_

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "client/cpp/pricing.h"

namespace owo {

// What became of an event. kRejected is seen in batches only: track_now() fails instead.
enum class TrackCode : int {
  kUnspecified = 0,
  kTracked = 1,
  kTrackedOverage = 2,
  kLimitExceeded = 3,
  kNoActiveSubscription = 4,
  kFeatureNotInPlan = 5,
  kRejected = 6,
};
std::string ToString(TrackCode code);

// Whether limits are checked.
enum class Enforcement : int {
  kUnspecified = 0,   // they are
  kRecordAlways = 1,  // the usage has already happened: it is recorded, limits or not
};
std::string ToString(Enforcement enforcement);

// A usage event.
struct TrackParams {
  std::string customer;                  // id or email
  std::string feature;                   // slug
  std::string quantity;                  // "1", "0.25"
  std::string event_id;                  // made by the client when empty
  std::optional<absl::Time> event_time;  // absent: of track() its call, else when it is received
  std::map<std::string, std::string> properties;
  Enforcement enforcement = Enforcement::kUnspecified;

  bool operator==(const TrackParams&) const = default;
};

// What became of an event, and how its feature stands in the event's period afterwards.
struct TrackResult {
  TrackCode code = TrackCode::kUnspecified;
  bool allowed = false;
  bool recorded = false;
  bool duplicate = false;  // it had been recorded before; this call changed nothing
  std::string event_id;
  std::string usage;
  std::optional<std::string> included;  // absent: unlimited
  std::optional<std::string> limit;     // absent: unlimited
  std::optional<std::string> balance;   // included units that are left; absent: unlimited
  std::optional<absl::Time> resets_at;

  bool operator==(const TrackResult&) const = default;
};

struct TrackBatchParams {
  std::vector<TrackParams> events;  // at most 1,000

  bool operator==(const TrackBatchParams&) const = default;
};

// Why an event of a batch is wrong: what track_now() would have failed with.
struct EventError {
  std::string reason;  // as ErrorReason() gives it, for example "EVENT_TOO_OLD"
  std::string message;
  std::string field;  // the malformed one, with "INVALID_REQUEST"
  std::map<std::string, std::string> metadata;

  bool operator==(const EventError&) const = default;
};

// An event of a batch that was not plainly tracked.
struct TrackBatchDetail {
  uint32_t index = 0;  // of the event in the batch, from 0
  TrackCode code = TrackCode::kUnspecified;
  bool allowed = false;
  bool recorded = false;
  bool duplicate = false;
  std::optional<EventError> error;  // present with kRejected only

  bool operator==(const TrackBatchDetail&) const = default;
};

struct TrackBatchResult {
  std::vector<TrackCode> codes;  // one for each event, in their order
  std::vector<TrackBatchDetail> details;
  uint32_t recorded = 0;
  uint32_t duplicates = 0;

  bool operator==(const TrackBatchResult&) const = default;
};

// An event of track() that was not counted, or of which nobody knows whether it was. Tracked again
// as it stands here it is counted at most once: it has its id and its time.
struct TrackFailure {
  TrackParams event;
  TrackCode code = TrackCode::kUnspecified;  // what the server said of it, if it did

  // Why; never OK. With kRejected as track_now() would have failed: ErrorReason() and
  // ErrorMetadata() say more. With kUnspecified what became of its batch.
  absl::Status status;
};

// Asks whether a quantity is allowed; with `track` also records it, in the same atomic step.
struct CheckParams {
  std::string customer;                 // id or email
  std::string feature;                  // slug
  std::optional<std::string> quantity;  // absent: "1"
  bool track = false;
  std::string event_id;                  // with `track` made by the client when empty
  std::optional<absl::Time> event_time;  // absent: when the server receives it
  std::map<std::string, std::string> properties;

  bool operator==(const CheckParams&) const = default;
};

// What track_now() would answer, or with CheckParams::track did.
using CheckResult = TrackResult;

struct UsageHistoryParams {
  std::string customer;  // id or email
  std::string feature;   // only this one, when not empty

  bool operator==(const UsageHistoryParams&) const = default;
};

// Usage of a feature in one segment of a period.
struct UsagePeriod {
  std::string feature_slug;
  std::string feature_name;
  Period period;
  std::string subscription_id;
  std::string plan;
  uint32_t plan_version = 0;
  uint32_t segment = 0;
  std::string used;
  std::optional<std::string> included;   // absent: unlimited
  std::optional<std::string> remaining;  // absent: unlimited
  std::string billable;
  std::string invoiced_units;
  std::string unbilled_units;
  int64_t invoiced_amount = 0;
  int64_t unbilled_amount = 0;
  std::string currency;
  int32_t currency_exponent = 0;

  bool operator==(const UsagePeriod&) const = default;
};

}  // namespace owo

#endif  // OWO_CLIENT_CPP_METERING_H_
