// Recorded usage events: those that an invoice bills, or those of a customer.
//
//   absl::StatusOr<std::vector<owo::RecordedEvent>> events =
//       owo.billing.invoice_events({.invoice_id = invoice.id, .line = 1});
//   // their quantities add up to invoice.line_items[0].usage
//
// Quantities are decimal strings. Times are exact to the microsecond; finer parts are cut off. Both
// calls return whole lists, so choose a line or an interval that fits into memory. Events of
// periods that ended long ago may have expired: EVENTS_EXPIRED, while their totals remain.
// proto/owo/billing/v1/event.proto documents every field in detail.

#ifndef OWO_CLIENT_CPP_EVENTS_H_
#define OWO_CLIENT_CPP_EVENTS_H_

#include <cstdint>
#include <map>
#include <optional>
#include <string>

#include "absl/time/time.h"
#include "client/cpp/pricing.h"

namespace owo {

// Selects the events of an invoice, or of one of its lines. Of a void invoice these are the events
// that it covered until then.
struct InvoiceEventsParams {
  // Invoice::id, not its number.
  std::string invoice_id;

  // Position in Invoice::line_items, from 1. Absent: all lines.
  std::optional<uint32_t> line;

  bool operator==(const InvoiceEventsParams&) const = default;
};

// Selects a customer's events whose own time is in [start, end), whenever they were recorded.
struct EventsParams {
  std::string customer;  // id or email
  std::string feature;   // slug; empty: all features

  // Inclusive. Absent: from the first event.
  std::optional<absl::Time> start;

  // Exclusive, after `start`, else INVALID_REQUEST. Absent: to the last event.
  std::optional<absl::Time> end;

  bool operator==(const EventsParams&) const = default;
};

// An event as it was recorded, where it counts, and what invoice covers it.
struct RecordedEvent {
  // As it was sent, or as the client or the server made it.
  std::string event_id;

  // Always the id, even if the event was sent with an email.
  std::string customer_id;

  std::string feature_slug;
  std::string quantity;    // negative in a correction
  absl::Time event_time;   // when the usage happened
  absl::Time recorded_at;  // when the server recorded it

  // As they were sent; not interpreted.
  std::map<std::string, std::string> properties;

  // The period that contains `event_time`, and the number of the segment in it, from 0, as in
  // UsagePeriod::segment.
  Period period;
  uint32_t segment = 0;

  // The invoice, not void, that covers the event now. Empty: it is unbilled.
  std::string invoice_id;

  // Position among the lines of the requested invoice, from 1. Absent in events().
  std::optional<uint32_t> line;

  bool operator==(const RecordedEvent&) const = default;
};

}  // namespace owo

#endif  // OWO_CLIENT_CPP_EVENTS_H_
