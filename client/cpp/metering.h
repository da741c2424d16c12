// Recording usage exactly once, and checking limits.
//
//   absl::Status queued =
//       owo.track({.customer = "user_123", .feature = "api-calls", .quantity = "1"});
//
// The server remembers event ids forever: an event that is sent again with the same `event_id` is
// never counted twice. The quantity of an event is a decimal string of at most 12 fraction digits
// and magnitude at most 10^12. Negative quantities correct earlier ones, if the server is
// configured to allow them. proto/owo/billing/v1/metering.proto documents every field in detail.

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
  kTracked = 1,               // recorded, within the included units
  kTrackedOverage = 2,        // recorded, beyond the included units
  kLimitExceeded = 3,         // not recorded: a limit of the plan or the spend cap forbids it
  kNoActiveSubscription = 4,  // not recorded: no subscription at the time of the event
  kFeatureNotInPlan = 5,      // not recorded: the plan at that time does not have the feature
  kRejected = 6,              // not recorded: the event is wrong, see TrackBatchDetail::error
};
std::string ToString(TrackCode code);

// Whether limits are checked.
enum class Enforcement : int {
  kUnspecified = 0,   // limits are checked
  kRecordAlways = 1,  // record usage that has already happened, ignoring limits
};
std::string ToString(Enforcement enforcement);

// A usage event. Its time must be at most 5 minutes ahead of the server's clock (EVENT_IN_FUTURE),
// and at most 35 days old unless the server is configured otherwise (EVENT_TOO_OLD).
struct TrackParams {
  std::string customer;                  // id or email
  std::string feature;                   // slug
  std::string quantity;                  // "1", "0.25"
  std::string event_id;                  // at most 128 bytes; made by the client when empty
  std::optional<absl::Time> event_time;  // absent: time of the track() call, else of receipt
  std::map<std::string, std::string> properties;  // at most 20; stored, not interpreted
  Enforcement enforcement = Enforcement::kUnspecified;

  bool operator==(const TrackParams&) const = default;
};

// The outcome of an event, and the totals of its feature in the period of the event afterwards. The
// totals are empty with kNoActiveSubscription and kFeatureNotInPlan, which have no period, and for
// a duplicate that would be refused now.
struct TrackResult {
  TrackCode code = TrackCode::kUnspecified;
  bool allowed = false;                 // the plan, its limits and the spend cap allow it
  bool recorded = false;                // by this call, or before if `duplicate`
  bool duplicate = false;               // it was recorded before; this call changed nothing
  std::string event_id;                 // empty if the event is not recorded
  std::string usage;                    // units used in the period, of all events so far
  std::optional<std::string> included;  // units that the plan includes; absent: unlimited
  std::optional<std::string> limit;     // most units that the plan allows; absent: unlimited
  std::optional<std::string> balance;   // remaining included units; absent: unlimited
  std::optional<absl::Time> resets_at;  // end of the period; absent if it is not known

  bool operator==(const TrackResult&) const = default;
};

// Events to record, in this order.
struct TrackBatchParams {
  std::vector<TrackParams> events;  // 1–1,000

  bool operator==(const TrackBatchParams&) const = default;
};

// Why an event of a batch is rejected: the error that track_now() would return for it.
struct EventError {
  std::string reason;   // as ErrorReason() gives it, for example "EVENT_TOO_OLD"
  std::string message;  // for developers; do not parse it
  std::string field;    // the malformed field, if the reason is "INVALID_REQUEST"
  std::map<std::string, std::string> metadata;  // the values in the message

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
  std::vector<TrackCode> codes;           // one per event, in the order of the events
  std::vector<TrackBatchDetail> details;  // in the order of the events
  uint32_t recorded = 0;                  // events that this call counted
  uint32_t duplicates = 0;                // events that were counted before, also in this batch

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
  std::string customer;                  // id or email
  std::string feature;                   // slug
  std::optional<std::string> quantity;   // absent: "1"
  bool track = false;                    // also record it, if it is allowed
  std::string event_id;                  // used with `track` only; made by the client when empty
  std::optional<absl::Time> event_time;  // absent: when the server receives it
  std::map<std::string, std::string> properties;  // used with `track` only

  bool operator==(const CheckParams&) const = default;
};

// The result that track_now() would return; with CheckParams::track, the result of tracking the
// event.
using CheckResult = TrackResult;

struct UsageHistoryParams {
  std::string customer;  // id or email
  std::string feature;   // slug; empty: all features

  bool operator==(const UsageHistoryParams&) const = default;
};

// Usage of a feature in one segment of a period: the part of it under one subscription and plan
// version. Amounts are in minor units of `currency`, before tax.
struct UsagePeriod {
  std::string feature_slug;
  std::string feature_name;
  Period period;
  std::string subscription_id;
  std::string plan;                      // slug
  uint32_t plan_version = 0;             // from 1
  uint32_t segment = 0;                  // of the period, from 0
  std::string used;                      // units
  std::optional<std::string> included;   // free units in this segment; absent: unlimited
  std::optional<std::string> remaining;  // included − used, at least 0; absent: unlimited
  std::string billable;                  // used − included, at least 0; "0" if nothing is charged
  std::string invoiced_units;            // billable units that invoices cover
  std::string unbilled_units;            // billable − invoiced_units; may be negative
  int64_t invoiced_amount = 0;           // what invoices charge for this usage
  int64_t unbilled_amount = 0;           // what the next invoice will charge; may be negative
  std::string currency;                  // ISO 4217
  int32_t currency_exponent = 0;         // decimal places of the currency, see FormatMoney()

  bool operator==(const UsagePeriod&) const = default;
};

}  // namespace owo

#endif  // OWO_CLIENT_CPP_METERING_H_
