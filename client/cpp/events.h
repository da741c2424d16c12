// What was recorded, event by event: behind an invoice, or of a customer.
//
//   absl::StatusOr<std::vector<owo::RecordedEvent>> events =
//       owo.billing.invoice_events({.invoice_id = invoice.id, .line = 1});
//   // their quantities add up to invoice.line_items[0].usage
//
// What each field holds in every case is said in proto/owo/billing/v1/event.proto.

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
  std::optional<uint32_t> line;  // from 1, as in Invoice::line_items; absent: all of them

  bool operator==(const InvoiceEventsParams&) const = default;
};

struct EventsParams {
  std::string customer;             // id or email
  std::string feature;              // only this one, when not empty
  std::optional<absl::Time> start;  // by the events' own time; absent: from the first
  std::optional<absl::Time> end;    // exclusive; absent: to the last

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
  Period period;  // in which it counts
  uint32_t segment = 0;
  std::string invoice_id;        // that covers it now; empty: it is unbilled
  std::optional<uint32_t> line;  // of the invoice that was asked for, from 1

  bool operator==(const RecordedEvent&) const = default;
};

}  // namespace owo

#endif  // OWO_CLIENT_CPP_EVENTS_H_
