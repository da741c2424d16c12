// Recorded usage events: those that an invoice bills, or those of a customer.
//
//   absl::StatusOr<std::vector<owo::RecordedEvent>> events =
//       owo.billing.invoice_events({.invoice_id = invoice.id, .line = 1});
//   // their quantities add up to invoice.line_items[0].usage
//
// Quantities are decimal strings. Times are exact to the microsecond; finer parts are cut off.
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

// Selects the events of an invoice, or of one of its lines.
struct InvoiceEventsParams {
  std::string invoice_id;        // Invoice::id, not its number
  std::optional<uint32_t> line;  // from 1, in the order of Invoice::line_items; absent: all lines

  bool operator==(const InvoiceEventsParams&) const = default;
};

// Selects a customer's events whose own time is in [start, end).
struct EventsParams {
  std::string customer;             // id or email
  std::string feature;              // slug; empty: all features
  std::optional<absl::Time> start;  // by event time; absent: from the first event
  std::optional<absl::Time> end;    // exclusive; absent: to the last event

  bool operator==(const EventsParams&) const = default;
};

// An event as it was recorded, where it counts, and what invoice covers it.
struct RecordedEvent {
  std::string event_id;     // as it was sent, or as the client or the server made it
  std::string customer_id;  // always the id, not the email
  std::string feature_slug;
  std::string quantity;                           // negative in a correction
  absl::Time event_time;                          // when the usage happened
  absl::Time recorded_at;                         // when the server recorded it
  std::map<std::string, std::string> properties;  // as they were sent
  Period period;                                  // the period that the event counts in
  uint32_t segment = 0;                           // of that period, from 0
  std::string invoice_id;        // the invoice that covers it now; empty: it is unbilled
  std::optional<uint32_t> line;  // of the requested invoice, from 1; absent in events()

  bool operator==(const RecordedEvent&) const = default;
};

}  // namespace owo

#endif  // OWO_CLIENT_CPP_EVENTS_H_
