#include "service/rpc/metering/parse_metering.h"

#include <utility>

#include "service/rpc/cursor_text.h"
#include "service/rpc/fields.h"
#include "service/rpc/metering/parse_event.h"
#include "service/rpc/page_token.h"

namespace owo::rpc {
namespace {

// Compares with nanoseconds: a non-empty interval may be shorter than one microsecond, the
// resolution of stored times.
bool IsBefore(const google::protobuf::Timestamp& a, const google::protobuf::Timestamp& b) {
  return std::pair(a.seconds(), a.nanos()) < std::pair(b.seconds(), b.nanos());
}

}  // namespace

absl::StatusOr<ledger::UsageEvent> ParseTrackRequest(const pb::TrackRequest& request) {
  return ParseEvent(request);
}

absl::StatusOr<CheckParams> ParseCheckRequest(const pb::CheckRequest& request) {
  Violations violations;
  Fields fields(violations);
  CheckParams params{.event = EventOf(fields, request), .track = request.track()};
  params.event.quantity = EventQuantity(fields, request.has_quantity() ? request.quantity() : "1");
  if (params.track) SetEventId(fields, request.event_id(), params.event);
  if (!violations.empty()) return violations.ToStatus();
  return params;
}

absl::StatusOr<ledger::UsageQuery> ParseListUsageRequest(const ledger::CallContext& context,
                                                         const pb::ListUsageRequest& request) {
  Violations violations;
  Fields fields(violations);
  ledger::UsageQuery query{.customer = fields.Customer("customer", request.customer()),
                           .feature = fields.Slug("feature", request.feature(), false),
                           .limit = fields.PageSize(request.page_size())};
  const std::string cursor =
      fields.PageToken(PageTokens(request, context.tenant), request.page_token(),
                       [](const std::string& p) { return ParseUsageCursor(p).has_value(); });
  query.before = ParseUsageCursor(cursor);
  if (!violations.empty()) return violations.ToStatus();
  return query;
}

absl::StatusOr<ledger::EventsQuery> ParseListEventsRequest(const ledger::CallContext& context,
                                                           const pb::ListEventsRequest& request) {
  Violations violations;
  Fields fields(violations);
  ledger::EventsQuery query{
      .customer = fields.Customer("customer", request.customer()),
      .feature = fields.Slug("feature", request.feature(), false),
      .limit = fields.PageSize(request.page_size(), Fields::kEventPageSizeMax)};
  if (request.has_start()) query.start = fields.Time("start", request.start());
  if (request.has_end()) query.end = fields.Time("end", request.end());
  if (violations.empty() && request.has_start() && request.has_end() &&
      !IsBefore(request.start(), request.end())) {
    fields.Wrong("end", "is not after `start`");
  }
  query.from = ParseCounterCursor(
      fields.PageToken(PageTokens(request, context.tenant), request.page_token(),
                       [](const std::string& p) { return ParseCounterCursor(p).has_value(); }));
  if (!violations.empty()) return violations.ToStatus();
  return query;
}

}  // namespace owo::rpc
