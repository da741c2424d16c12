// Recorded usage events: those that an invoice bills, or those of a customer.
//
//   absl::StatusOr<std::vector<owo::RecordedEvent>> events =
//       owo.billing.invoice_events({.invoice_id = invoice.id, .line = 1});
//   // their quantities add up to invoice.line_items[0].usage
//
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

struct InvoiceEventsParams {
  std::string invoice_id;
  std::optional<uint32_t> line;  // from 1, in the order of Invoice::line_items; absent: all lines

  bool operator==(const InvoiceEventsParams&) const = default;
};

struct EventsParams {
  std::string customer;             // id or email
  std::string feature;              // slug; empty: all features
  std::optional<absl::Time> start;  // by event time; absent: from the first event
  std::optional<absl::Time> end;    // exclusive; absent: to the last event

  bool operator==(const EventsParams&) const = default;
};

struct RecordedEvent {
  std::string event_id;
  std::string customer_id;
  std::string feature_slug;
  std::string quantity;
  absl::Time event_time;
  absl::Time recorded_at;
  std::map<std::string, std::string> properties;
  Period period;  // the period that the event counts in
  uint32_t segment = 0;
  std::string invoice_id;        // the invoice that covers it now; empty: it is unbilled
  std::optional<uint32_t> line;  // line of the requested invoice, from 1

  bool operator==(const RecordedEvent&) const = default;
};

}  // namespace owo

#endif  // OWO_CLIENT_CPP_EVENTS_H_
