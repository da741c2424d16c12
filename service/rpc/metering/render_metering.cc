#include "service/rpc/metering/render_metering.h"

#if __has_include(<grpcpp/impl/proto_utils.h>)  // newer releases
#include <grpcpp/impl/proto_utils.h>
#else
#include <grpcpp/impl/codegen/proto_utils.h>
#endif

#include <algorithm>

#include "service/rpc/cursor_text.h"
#include "service/rpc/errors.h"
#include "service/rpc/metering/parse_metering.h"
#include "service/rpc/render_values.h"

namespace owo::rpc {
namespace {

using ledger::ToDecimal;
using ledger::TrackResult;
using rating::Decimal;

pb::TrackCode ToProto(ledger::TrackCode code) {
  switch (code) {
    case ledger::TrackCode::kTracked:
      return pb::TRACK_CODE_TRACKED;
    case ledger::TrackCode::kTrackedOverage:
      return pb::TRACK_CODE_TRACKED_OVERAGE;
    case ledger::TrackCode::kLimitExceeded:
      return pb::TRACK_CODE_LIMIT_EXCEEDED;
    case ledger::TrackCode::kNoActiveSubscription:
      return pb::TRACK_CODE_NO_ACTIVE_SUBSCRIPTION;
    case ledger::TrackCode::kFeatureNotInPlan:
      return pb::TRACK_CODE_FEATURE_NOT_IN_PLAN;
    case ledger::TrackCode::kRejected:
      return pb::TRACK_CODE_REJECTED;
  }
  return pb::TRACK_CODE_UNSPECIFIED;
}

// TrackResponse and CheckResponse have the same fields.
template <typename Response>
absl::Status RenderResult(const TrackResult& result, Response& to) {
  if (result.code == ledger::TrackCode::kRejected) return result.error;
  to.set_code(ToProto(result.code));
  to.set_allowed(result.allowed());
  to.set_recorded(result.recorded);
  to.set_duplicate(result.duplicate);
  if (result.recorded) to.set_event_id(result.event_id);
  if (result.period == nullptr) return absl::OkStatus();
  const ledger::PeriodUsage& period = *result.period;
  to.set_usage(period.usage.ToString());
  if (period.included.has_value()) to.set_included(period.included->ToString());
  if (period.limit.has_value()) to.set_limit(period.limit->ToString());
  if (period.balance.has_value()) to.set_balance(period.balance->ToString());
  if (period.resets_at.has_value()) *to.mutable_resets_at() = ToTimestamp(*period.resets_at);
  return absl::OkStatus();
}

void AddDetail(size_t index, const TrackResult& result, pb::TrackBatchResponse& to) {
  pb::TrackBatchDetail& detail = *to.add_details();
  detail.set_index(static_cast<uint32_t>(index));
  detail.set_code(ToProto(result.code));
  detail.set_allowed(result.allowed());
  detail.set_recorded(result.recorded);
  detail.set_duplicate(result.duplicate);
  if (result.code == ledger::TrackCode::kRejected) {
    RenderEventError(result.error, *detail.mutable_error());
  }
}

void AddResult(size_t index, const TrackResult& result, pb::TrackBatchResponse& to) {
  to.add_codes(ToProto(result.code));
  if (result.duplicate) {
    to.set_duplicates(to.duplicates() + 1);
  } else if (result.recorded) {
    to.set_recorded(to.recorded() + 1);
  }
  if (result.duplicate || !result.allowed()) AddDetail(index, result, to);
}

void RenderUsagePeriod(const ledger::UsageRow& row, pb::UsagePeriod& to) {
  const storage::Counter& counter = row.counter;
  const ledger::CounterContext& context = row.rated.context;
  const Decimal used = ToDecimal(counter.total);
  to.set_feature_slug(context.feature->slug);
  to.set_feature_name(context.feature->name);
  *to.mutable_period() = rpc::ToProto(row.period);
  to.set_subscription_id(row.subscription_id);
  to.set_plan(context.plan->slug);
  to.set_plan_version(context.version->version);
  to.set_segment(counter.key.segment);
  to.set_used(used.ToString());
  if (row.rated.allowance.has_value()) {
    to.set_included(row.rated.allowance->ToString());
    to.set_remaining(std::max(Decimal(), *row.rated.allowance - used).ToString());
  }
  const Decimal invoiced = ToDecimal(counter.covered.billable);
  to.set_billable(row.rated.billable.ToString());
  to.set_invoiced_units(invoiced.ToString());
  to.set_unbilled_units((row.rated.billable - invoiced).ToString());
  to.set_invoiced_amount(counter.covered.amount);
  to.set_unbilled_amount(row.rated.cost - counter.covered.amount);
  to.set_currency(std::string(context.plan->currency.code()));
  to.set_currency_exponent(context.plan->currency.exponent());
}

}  // namespace

absl::Status RenderTrackResponse(const TrackResult& result, pb::TrackResponse& to) {
  return RenderResult(result, to);
}
absl::Status RenderCheckResponse(const TrackResult& result, pb::CheckResponse& to) {
  return RenderResult(result, to);
}

void RenderTrackBatchResponse(const EventBatch& batch, const std::vector<TrackResult>& results,
                              pb::TrackBatchResponse& to) {
  to.mutable_codes()->Reserve(static_cast<int>(batch.size));
  auto malformed = batch.malformed.begin();
  size_t next = 0;
  for (size_t index = 0; index < batch.size; ++index) {
    if (malformed != batch.malformed.end() && malformed->first == index) {
      AddResult(index, {.error = malformed->second}, to);
      ++malformed;
    } else {
      AddResult(index, results[next++], to);
    }
  }
}

absl::Status RenderListUsageResponse(const ledger::UsagePage& page, const PageTokens& tokens,
                                     pb::ListUsageResponse& to) {
  for (const ledger::UsageRow& row : page.rows) RenderUsagePeriod(row, *to.add_periods());
  if (page.next.has_value()) to.set_next_page_token(tokens.Make(CursorText(*page.next)));
  return absl::OkStatus();
}

}  // namespace owo::rpc
