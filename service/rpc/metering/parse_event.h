// Parses the fields that TrackRequest, UsageEvent and CheckRequest share, from any type with the
// same accessors.
//
//   absl::StatusOr<ledger::UsageEvent> event = ParseEvent(message);

#ifndef OWO_SERVICE_RPC_METERING_PARSE_EVENT_H_
#define OWO_SERVICE_RPC_METERING_PARSE_EVENT_H_

#include <string>
#include <string_view>

#include "absl/status/statusor.h"
#include "owo/billing/v1/metering.pb.h"
#include "service/ledger/metering.h"
#include "service/rpc/fields.h"

namespace owo::rpc {

namespace pb = ::owo::billing::v1;

// Checks properties and returns the bytes in which they are stored. Equal properties give equal
// bytes.
std::string PackedProperties(Fields& fields, const Fields::TextMap& properties);
rating::Decimal EventQuantity(Fields& fields, std::string_view text);
// Sets the id of the event, unless `id` is empty.
void SetEventId(Fields& fields, std::string_view id, ledger::UsageEvent& event);
bool RecordAlways(Fields& fields, pb::Enforcement enforcement);

template <typename Message>
ledger::UsageEvent EventOf(Fields& fields, const Message& message) {
  ledger::UsageEvent event{.customer = fields.Customer("customer", message.customer()),
                           .feature = fields.Slug("feature", message.feature())};
  if (message.has_event_time()) event.time = fields.Time("event_time", message.event_time());
  if (!message.properties().empty()) {
    event.properties = PackedProperties(fields, message.properties());
  }
  return event;
}

template <typename Message>
absl::StatusOr<ledger::UsageEvent> ParseEvent(const Message& message) {
  Violations violations;
  Fields fields(violations);
  ledger::UsageEvent event = EventOf(fields, message);
  event.quantity = EventQuantity(fields, message.quantity());
  SetEventId(fields, message.event_id(), event);
  event.record_always = RecordAlways(fields, message.enforcement());
  if (!violations.empty()) return violations.ToStatus();
  return event;
}

}  // namespace owo::rpc

#endif  // OWO_SERVICE_RPC_METERING_PARSE_EVENT_H_
