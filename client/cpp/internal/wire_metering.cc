#include "absl/strings/strip.h"
#include "client/cpp/internal/wire.h"

namespace owo {
namespace {

// TrackRequest and UsageEvent have the same fields.
template <typename Event>
void SetEvent(const TrackParams& params, Event& event) {
  event.set_customer(params.customer);
  event.set_feature(params.feature);
  event.set_quantity(params.quantity);
  event.set_event_id(params.event_id);
  if (params.event_time) *event.mutable_event_time() = ToWire(*params.event_time);
  *event.mutable_properties() = ToWire(params.properties);
  event.set_enforcement(static_cast<v1::Enforcement>(params.enforcement));
}

// TrackResponse and CheckResponse have the same fields.
template <typename Response>
TrackResult ResultOf(const Response& response) {
  return {
      .code = static_cast<TrackCode>(response.code()),
      .allowed = response.allowed(),
      .recorded = response.recorded(),
      .duplicate = response.duplicate(),
      .event_id = response.event_id(),
      .usage = response.usage(),
      .included = Optional(response.has_included(), response.included()),
      .limit = Optional(response.has_limit(), response.limit()),
      .balance = Optional(response.has_balance(), response.balance()),
      .resets_at = Optional(response.has_resets_at(), response.resets_at()),
  };
}

// "EVENT_TOO_OLD", or the number of a reason that this client does not know yet.
std::string ReasonName(v1::ErrorReason reason) {
  const std::string& name = v1::ErrorReason_Name(reason);
  if (name.empty()) return std::to_string(reason);
  return std::string(absl::StripPrefix(name, "ERROR_REASON_"));
}

}  // namespace

v1::TrackRequest ToWire(const TrackParams& params) {
  v1::TrackRequest request;
  SetEvent(params, request);
  return request;
}

v1::TrackBatchRequest ToWire(const TrackBatchParams& params) {
  v1::TrackBatchRequest request;
  for (const TrackParams& event : params.events) SetEvent(event, *request.add_events());
  return request;
}

v1::CheckRequest ToWire(const CheckParams& params) {
  v1::CheckRequest request;
  request.set_customer(params.customer);
  request.set_feature(params.feature);
  if (params.quantity) request.set_quantity(*params.quantity);
  request.set_track(params.track);
  request.set_event_id(params.event_id);
  if (params.event_time) *request.mutable_event_time() = ToWire(*params.event_time);
  *request.mutable_properties() = ToWire(params.properties);
  return request;
}

v1::ListUsageRequest ToWire(const UsageHistoryParams& params) {
  v1::ListUsageRequest request;
  request.set_customer(params.customer);
  request.set_feature(params.feature);
  return request;
}

TrackResult FromWire(const v1::TrackResponse& response) { return ResultOf(response); }

CheckResult FromWire(const v1::CheckResponse& response) { return ResultOf(response); }

EventError FromWire(const v1::EventError& error) {
  return {
      .reason = ReasonName(error.reason()),
      .message = error.message(),
      .field = error.field(),
      .metadata = FromWire(error.metadata()),
  };
}

TrackBatchDetail FromWire(const v1::TrackBatchDetail& detail) {
  TrackBatchDetail result = {
      .index = detail.index(),
      .code = static_cast<TrackCode>(detail.code()),
      .allowed = detail.allowed(),
      .recorded = detail.recorded(),
      .duplicate = detail.duplicate(),
  };
  if (detail.has_error()) result.error = FromWire(detail.error());
  return result;
}

TrackBatchResult FromWire(const v1::TrackBatchResponse& response) {
  TrackBatchResult result = {
      .details = FromWire(response.details()),
      .recorded = response.recorded(),
      .duplicates = response.duplicates(),
  };
  result.codes.reserve(response.codes_size());
  for (const int code : response.codes()) result.codes.push_back(static_cast<TrackCode>(code));
  return result;
}

UsagePeriod FromWire(const v1::UsagePeriod& period) {
  return {
      .feature_slug = period.feature_slug(),
      .feature_name = period.feature_name(),
      .period = FromWire(period.period()),
      .subscription_id = period.subscription_id(),
      .plan = period.plan(),
      .plan_version = period.plan_version(),
      .segment = period.segment(),
      .used = period.used(),
      .included = Optional(period.has_included(), period.included()),
      .remaining = Optional(period.has_remaining(), period.remaining()),
      .billable = period.billable(),
      .invoiced_units = period.invoiced_units(),
      .unbilled_units = period.unbilled_units(),
      .invoiced_amount = period.invoiced_amount(),
      .unbilled_amount = period.unbilled_amount(),
      .currency = period.currency(),
      .currency_exponent = period.currency_exponent(),
  };
}

}  // namespace owo
