// Recording usage exactly once, and checking limits.
//
//   absl::Status queued =
//       owo.track({.customer = "user_123", .feature = "api-calls", .quantity = "1"});
//
// The server remembers event ids forever: an event that is sent again with the same `event_id` is
// never counted twice. If the same id comes with another customer, feature or quantity, it is
// EVENT_ID_REUSED. To be able to send an event again after a restart of your process, derive its id
// from what it reports, for example "request-4711/tokens".
//
// The quantity of an event is a decimal string of at most 12 fraction digits and magnitude at most
// 10^12. Negative quantities correct earlier ones, if the server is configured to allow them
// (QUANTITY_OUT_OF_RANGE if not); no limit refuses them. Totals are decimal strings, too. Values
// outside the bounds stated here are INVALID_REQUEST. proto/owo/billing/v1/metering.proto documents
// every field in detail.

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
// Only kTracked and kTrackedOverage are recorded. An event that is not recorded leaves its id free:
// it may be sent again once the limit, the subscription or the plan has changed.
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
  // They are: an event beyond them is not recorded.
  kUnspecified = 0,

  // They are not, because the usage has already happened; the outcome is never kLimitExceeded.
  // Usage beyond a limit of OveragePolicy::kBlock costs nothing; beyond max_overage_units and a
  // spend cap it costs what the plan says.
  kRecordAlways = 1,
};
std::string ToString(Enforcement enforcement);

// A usage event. Its time must be at most 5 minutes ahead of the server's clock (EVENT_IN_FUTURE),
// and at most 35 days old unless the server is configured otherwise (EVENT_TOO_OLD).
struct TrackParams {
  std::string customer;  // id or email, 1–254 bytes
  std::string feature;   // slug
  std::string quantity;  // "1", "0.25"

  // 1–128 bytes without control characters. When empty, the client makes a UUIDv7, which all its
  // retries carry; calling again makes another one, and so counts again.
  std::string event_id;

  // When the usage happened, which decides its period. Cut off to whole microseconds. Absent: when
  // track() was called; in track_now() and track_batch(), when the server receives it.
  std::optional<absl::Time> event_time;

  // At most 20 entries, with keys of 1–64 bytes and values of at most 256 bytes. The server stores
  // them without interpreting them; events() and invoice_events() return them.
  std::map<std::string, std::string> properties;

  Enforcement enforcement = Enforcement::kUnspecified;

  bool operator==(const TrackParams&) const = default;
};

// The outcome of an event, and the totals of its feature in the period of the event afterwards. The
// totals are empty with kNoActiveSubscription and kFeatureNotInPlan, which have no period, and for
// a duplicate that would be refused now.
struct TrackResult {
  // Of a duplicate, the outcome when it was recorded.
  TrackCode code = TrackCode::kUnspecified;

  // The plan, its limits and the spend cap allow the usage, or were not checked (kRecordAlways).
  bool allowed = false;

  // The event is counted, by this call or, if `duplicate`, by an earlier one.
  bool recorded = false;

  // The event was recorded before; this call changed nothing. Retries of the client itself can
  // cause it, if the answer to an earlier attempt was lost.
  bool duplicate = false;

  // Empty if the event is not recorded.
  std::string event_id;

  // Units used in the period by all events so far, this one included if it is recorded.
  std::string usage;

  // Units that the plan includes in the period. Absent: unlimited.
  std::optional<std::string> included;

  // Most units that the plan allows in the period: the included ones and the permitted overage. The
  // spend cap, which is money, is not part of it. Absent: unlimited.
  std::optional<std::string> limit;

  // Remaining included units, at least "0". Absent: unlimited.
  std::optional<std::string> balance;

  // End of the period, when usage starts again from zero. Absent if it is not known.
  std::optional<absl::Time> resets_at;

  bool operator==(const TrackResult&) const = default;
};

// Events to record, in this order.
struct TrackBatchParams {
  std::vector<TrackParams> events;  // 1–1,000

  bool operator==(const TrackBatchParams&) const = default;
};

// Why an event of a batch is rejected: the error that track_now() would return for it.
struct EventError {
  // As ErrorReason() gives it, for example "EVENT_TOO_OLD". A reason that this client does not know
  // is its number in errors.proto.
  std::string reason;

  // For developers; do not parse it.
  std::string message;

  // The malformed field, for example "quantity". Empty unless the reason is "INVALID_REQUEST".
  std::string field;

  // The values in the message, as ErrorMetadata() gives them.
  std::map<std::string, std::string> metadata;

  bool operator==(const EventError&) const = default;
};

// Details of an event in a batch that is a duplicate, or whose code is neither kTracked nor
// kTrackedOverage. Other events have none.
struct TrackBatchDetail {
  uint32_t index = 0;  // position of the event in TrackBatchParams::events, from 0

  // As in TrackResult.
  TrackCode code = TrackCode::kUnspecified;
  bool allowed = false;
  bool recorded = false;
  bool duplicate = false;

  // Present with kRejected only.
  std::optional<EventError> error;

  bool operator==(const TrackBatchDetail&) const = default;
};

// The outcome of each event, and details of those that need attention:
//
//   for (const owo::TrackBatchDetail& detail : result->details) {
//     if (!detail.recorded) Report(params.events[detail.index], detail);
//   }
struct TrackBatchResult {
  // One per event, in the order of the events.
  std::vector<TrackCode> codes;

  // In the order of the events. Events that this call recorded have none, so it may be empty.
  std::vector<TrackBatchDetail> details;

  // How many events this call counted, and how many had been counted before, by an earlier call or
  // earlier in this batch.
  uint32_t recorded = 0;
  uint32_t duplicates = 0;

  bool operator==(const TrackBatchResult&) const = default;
};

// An event of track() that was not counted, or whose outcome is unknown. `event` includes its id
// and time, so tracking it again counts it at most once.
struct TrackFailure {
  TrackParams event;

  // The outcome, if the server reported one for this event. kUnspecified: it did not, and the event
  // may have been counted.
  TrackCode code = TrackCode::kUnspecified;

  // Why; never OK. With kRejected it is the error that track_now() would return, and ErrorReason()
  // and ErrorMetadata() apply. With kUnspecified it is the error of the whole batch, or
  // DEADLINE_EXCEEDED if the client was destroyed before the event was settled. With other codes,
  // for example kLimitExceeded, it is FAILED_PRECONDITION without a reason.
  absl::Status status;
};

// Checks whether a quantity is allowed. With `track` it also records the quantity, in the same
// atomic step. Fields are bounded as in TrackParams.
struct CheckParams {
  std::string customer;                 // id or email
  std::string feature;                  // slug
  std::optional<std::string> quantity;  // absent: "1"
  bool track = false;                   // also record it, if it is allowed

  // Used with `track` only; then made by the client when empty.
  std::string event_id;

  // The time for which limits are checked, and with `track` the time of the usage. Absent: when the
  // server receives the call.
  std::optional<absl::Time> event_time;

  // Stored with `track` only.
  std::map<std::string, std::string> properties;

  bool operator==(const CheckParams&) const = default;
};

// The result that track_now() would return; with CheckParams::track, the result of tracking the
// event. Without it `recorded` and `duplicate` are false, `event_id` is empty, and `usage` does not
// include the quantity.
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
  std::string plan;           // slug
  uint32_t plan_version = 0;  // from 1

  // Number of the segment in its period, from 0. A period has several if the subscription or the
  // plan version changed during it.
  uint32_t segment = 0;

  std::string used;  // units, free ones included

  // Free units in this segment: what the plan includes in the period, less what earlier segments of
  // the period used of it. Absent: unlimited.
  std::optional<std::string> included;

  // included − used, at least "0". Absent: unlimited.
  std::optional<std::string> remaining;

  // Units that cost money: used − included, at least "0". Always "0" if the feature is not charged.
  std::string billable;

  // Billable units that invoices cover.
  std::string invoiced_units;

  // billable − invoiced_units. Negative if invoices cover too much.
  std::string unbilled_units;

  // What invoices charge for this usage, and what the next invoice will charge for it, which may be
  // negative. Minor units.
  int64_t invoiced_amount = 0;
  int64_t unbilled_amount = 0;

  std::string currency;           // ISO 4217
  int32_t currency_exponent = 0;  // decimal places of the currency, see FormatMoney()

  bool operator==(const UsagePeriod&) const = default;
};

}  // namespace owo

#endif  // OWO_CLIENT_CPP_METERING_H_
