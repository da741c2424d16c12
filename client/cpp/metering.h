// Recording usage exactly once, and checking limits.
//
//   absl::Status queued =
//       owo.track({.customer = "user_123", .feature = "api-calls", .quantity = "1"});
//
// The server remembers event ids forever: an event that is sent again with the same `event_id` is
// never counted twice. proto/owo/billing/v1/metering.proto documents every field in detail.

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

// The outcome of an event. kRejected occurs in batches only: track_now() returns an error instead.
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
  kUnspecified = 0,   // limits are checked
  kRecordAlways = 1,  // record usage that has already happened, ignoring limits
};
std::string ToString(Enforcement enforcement);

// A usage event.
struct TrackParams {
  std::string customer;                  // id or email
  std::string feature;                   // slug
  std::string quantity;                  // "1", "0.25"
  std::string event_id;                  // made by the client when empty
  std::optional<absl::Time> event_time;  // absent: time of the track() call, else of receipt
  std::map<std::string, std::string> properties;
  Enforcement enforcement = Enforcement::kUnspecified;

  bool operator==(const TrackParams&) const = default;
};

// The outcome of an event, and the totals of its feature in the period of the event afterwards.
struct TrackResult {
  TrackCode code = TrackCode::kUnspecified;
  bool allowed = false;
  bool recorded = false;
  bool duplicate = false;  // it was recorded before; this call changed nothing
  std::string event_id;
  std::string usage;
  std::optional<std::string> included;  // absent: unlimited
  std::optional<std::string> limit;     // absent: unlimited
  std::optional<std::string> balance;   // remaining included units; absent: unlimited
  std::optional<absl::Time> resets_at;

  bool operator==(const TrackResult&) const = default;
};

struct TrackBatchParams {
  std::vector<TrackParams> events;  // at most 1,000

  bool operator==(const TrackBatchParams&) const = default;
};

// Why an event of a batch is rejected: the error that track_now() would return for it.
struct EventError {
  std::string reason;  // as ErrorReason() gives it, for example "EVENT_TOO_OLD"
  std::string message;
  std::string field;  // the malformed field, if the reason is "INVALID_REQUEST"
  std::map<std::string, std::string> metadata;

  bool operator==(const EventError&) const = default;
};

// Details of an event in a batch that is a duplicate, or whose code is neither kTracked nor
// kTrackedOverage. Other events have none.
struct TrackBatchDetail {
  uint32_t index = 0;  // index of the event in the batch, from 0
  TrackCode code = TrackCode::kUnspecified;
  bool allowed = false;
  bool recorded = false;
  bool duplicate = false;
  std::optional<EventError> error;  // present with kRejected only

  bool operator==(const TrackBatchDetail&) const = default;
};

struct TrackBatchResult {
  std::vector<TrackCode> codes;  // one per event, in the order of the events
  std::vector<TrackBatchDetail> details;
  uint32_t recorded = 0;
  uint32_t duplicates = 0;

  bool operator==(const TrackBatchResult&) const = default;
};

// An event of track() that was not counted, or whose outcome is unknown. `event` includes its id
// and time, so tracking it again counts it at most once.
struct TrackFailure {
  TrackParams event;
  TrackCode code = TrackCode::kUnspecified;  // the outcome, if the server reported one

  // The reason; never OK. With kRejected it is the error that track_now() would return, and
  // ErrorReason() and ErrorMetadata() apply. With kUnspecified it is the error of the whole batch,
  // or DEADLINE_EXCEEDED if the client was destroyed before the event was settled.
  absl::Status status;
};

// Checks whether a quantity is allowed. With `track` it also records the quantity, in the same
// atomic step.
struct CheckParams {
  std::string customer;                 // id or email
  std::string feature;                  // slug
  std::optional<std::string> quantity;  // absent: "1"
  bool track = false;
  std::string event_id;                  // used with `track` only; made by the client when empty
  std::optional<absl::Time> event_time;  // absent: when the server receives it
  std::map<std::string, std::string> properties;

  bool operator==(const CheckParams&) const = default;
};

// The result that track_now() would return; with CheckParams::track, the result of tracking the
// event.
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
