#include <google/protobuf/io/coded_stream.h>
#include <google/protobuf/io/zero_copy_stream_impl_lite.h>

#include "absl/strings/str_cat.h"
#include "service/rating/bounds.h"
#include "service/rpc/fields.h"
#include "service/rpc/page_token.h"
#include "service/rpc/parse.h"
#include "service/rpc/positions.h"

namespace owo::rpc {
namespace {

using rating::Decimal;

constexpr DecimalBounds kQuantity = {-rating::kQuantityMax, rating::kQuantityMax,
                                     "a magnitude of at most 10^12"};
constexpr Length kEventId = {0, 128};
constexpr size_t kPropertiesMax = 20;
constexpr size_t kPropertyMax = 256;
constexpr int kBatchMax = 1000;

// What is kept of the properties: the bytes of an event that has nothing else, the same for the
// same properties.
std::string Packed(const Fields::TextMap& properties) {
  if (properties.empty()) return "";
  pb::UsageEvent event;
  *event.mutable_properties() = properties;
  std::string bytes;
  {
    google::protobuf::io::StringOutputStream stream(&bytes);
    google::protobuf::io::CodedOutputStream out(&stream);
    out.SetSerializationDeterministic(true);
    event.SerializeToCodedStream(&out);
  }
  return bytes;
}

bool RecordAlways(Fields& fields, pb::Enforcement enforcement) {
  if (enforcement != pb::ENFORCEMENT_UNSPECIFIED && enforcement != pb::ENFORCEMENT_RECORD_ALWAYS) {
    fields.Wrong("enforcement", absl::StrCat("got ", static_cast<int>(enforcement),
                                             ", want a value of Enforcement"));
  }
  return enforcement == pb::ENFORCEMENT_RECORD_ALWAYS;
}

Decimal Quantity(Fields& fields, const std::string& text) {
  if (!text.empty()) return fields.Decimal("quantity", text, kQuantity);
  fields.Wrong("quantity", "required: want a decimal number such as \"1\" or \"0.25\"");
  return {};
}

// The fields that TrackRequest, UsageEvent and CheckRequest have in common.
template <typename Message>
ledger::UsageEvent Event(Fields& fields, const Message& message) {
  ledger::UsageEvent event{.customer = fields.Customer("customer", message.customer()),
                           .feature = fields.Slug("feature", message.feature())};
  if (message.has_event_time()) event.time = fields.Time("event_time", message.event_time());
  fields.CheckMap("properties", message.properties(), kPropertiesMax, kPropertyMax);
  event.properties = Packed(message.properties());
  return event;
}

template <typename Message>
absl::StatusOr<ledger::UsageEvent> ParseEvent(const Message& message) {
  Violations violations;
  Fields fields(violations);
  ledger::UsageEvent event = Event(fields, message);
  event.quantity = Quantity(fields, message.quantity());
  event.event_id = fields.Text("event_id", message.event_id(), kEventId);
  event.record_always = RecordAlways(fields, message.enforcement());
  if (!violations.empty()) return violations.ToStatus();
  return event;
}

}  // namespace

absl::StatusOr<ledger::UsageEvent> Parse(const pb::TrackRequest& request) {
  return ParseEvent(request);
}

absl::StatusOr<EventBatch> Parse(const pb::TrackBatchRequest& request) {
  Violations violations;
  if (request.events_size() < 1 || request.events_size() > kBatchMax) {
    Fields(violations)
        .Wrong("events", absl::StrCat("got ", request.events_size(), " events, want 1–1,000"));
    return violations.ToStatus();
  }
  EventBatch batch{.size = static_cast<size_t>(request.events_size())};
  batch.events.reserve(batch.size);
  for (const pb::UsageEvent& message : request.events()) {
    const size_t place = batch.events.size() + batch.malformed.size();
    absl::StatusOr<ledger::UsageEvent> event = ParseEvent(message);
    if (event.ok()) {
      batch.events.push_back(*std::move(event));
    } else {
      batch.malformed.emplace_back(place, event.status());
    }
  }
  return batch;
}

absl::StatusOr<CheckOrder> Parse(const pb::CheckRequest& request) {
  Violations violations;
  Fields fields(violations);
  CheckOrder order{.event = Event(fields, request), .track = request.track()};
  order.event.quantity = Quantity(fields, request.has_quantity() ? request.quantity() : "1");
  if (order.track) order.event.event_id = fields.Text("event_id", request.event_id(), kEventId);
  if (!violations.empty()) return violations.ToStatus();
  return order;
}

absl::StatusOr<ledger::UsageQuery> Parse(const pb::ListUsageRequest& request) {
  Violations violations;
  Fields fields(violations);
  ledger::UsageQuery query{.customer = fields.Customer("customer", request.customer()),
                           .feature = fields.Slug("feature", request.feature(), false),
                           .most = fields.PageSize(request.page_size())};
  const std::string position =
      fields.PageToken(PageTokens(request), request.page_token(),
                       [](const std::string& p) { return ParseCounterPosition(p).has_value(); });
  query.before = ParseCounterPosition(position);
  if (!violations.empty()) return violations.ToStatus();
  return query;
}

absl::StatusOr<ledger::EventsQuery> Parse(const pb::ListEventsRequest& request) {
  Violations violations;
  Fields fields(violations);
  ledger::EventsQuery query{
      .customer = fields.Customer("customer", request.customer()),
      .feature = fields.Slug("feature", request.feature(), false),
      .most = fields.PageSize(request.page_size(), Fields::kEventPageSizeMax)};
  if (request.has_start()) query.start = fields.Time("start", request.start());
  if (request.has_end()) query.end = fields.Time("end", request.end());
  if (violations.empty() && query.start.has_value() && query.end.has_value() &&
      *query.start >= *query.end) {
    fields.Wrong("end", "is not after `start`");
  }
  query.from = ParseCounterPlace(
      fields.PageToken(PageTokens(request), request.page_token(),
                       [](const std::string& p) { return ParseCounterPlace(p).has_value(); }));
  if (!violations.empty()) return violations.ToStatus();
  return query;
}

}  // namespace owo::rpc
