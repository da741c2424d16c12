// Lists of counted events: those that an invoice bills, and those of a customer.
//
//   OWO_TRY(const InvoiceEventPage page,
//           billing.ListEvents(read, tenant, {.invoice = id, .line = 1, .limit = 50}));
//   for (const EventRow& row : page.rows) … row.event.quantity …
//
// A page's cursor is the first event that it did not examine. The cost of a page does not depend on
// the length of the list: the events of an invoice are found by the ordinal ranges in its lines,
// and a page of a customer's events examines at most about kExaminedMax items.
//
// Events are listed as they were counted, one by one, until the store drops those of old periods
// that are fully invoiced (docs/decisions/0005-…). Lists that reach such events fail with
// EVENTS_EXPIRED. Times are in microseconds since 1970.

#ifndef OWO_SERVICE_LEDGER_EVENTS_H_
#define OWO_SERVICE_LEDGER_EVENTS_H_

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "service/ledger/invoice_lines.h"
#include "storage/store.h"

namespace owo::ledger {

// A counted event and its counter.
struct EventRow {
  storage::StoredEvent event;
  storage::CounterKey counter;
  std::string feature_slug;
  // Of the counter.
  PeriodView period;
  // Of the invoice, from 1. 0: not listed for an invoice.
  uint32_t line = 0;
};

// ---- Events of an invoice.

// A cursor in the events of an invoice.
struct LineCursor {
  // From 1.
  uint32_t line = 1;
  // Within the line's counter. Lower ordinals of the line were on earlier pages.
  uint64_t ordinal = 0;

  // The cursor of a page that begins with this event.
  static LineCursor Of(const EventRow& row) { return {row.line, row.event.ordinal}; }
  friend bool operator==(const LineCursor&, const LineCursor&) = default;
};

// Parameters of Billing::ListEvents().
struct InvoiceEventsQuery {
  std::string invoice;             // 16 bytes
  std::optional<uint32_t> line;    // from 1; absent: all
  std::optional<LineCursor> from;  // InvoiceEventPage::next of the page before
  size_t limit = 0;
};

// ---- Events of a customer.

// A cursor in the events of a customer.
struct CounterCursor {
  storage::CounterKey counter;
  uint64_t ordinal = 0;  // within the counter

  // The cursor of a page that begins with this event.
  static CounterCursor Of(const EventRow& row) { return {row.counter, row.event.ordinal}; }
  friend bool operator==(const CounterCursor&, const CounterCursor&) = default;
};

// Parameters of Metering::ListEvents().
struct EventsQuery {
  // Id or email.
  std::string customer;
  // Slug; "": all.
  std::string feature;
  // Events whose own time is in [start, end). Absent: unbounded.
  std::optional<storage::Micros> start;
  std::optional<storage::Micros> end;
  // CustomerEventPage::next of the page before. Absent: from the newest period.
  std::optional<CounterCursor> from;
  // The most events of the page.
  size_t limit = 0;
};

// The most items that one page examines: counters, events, and skipped chunks (of up to 4,096
// events, outside the interval) together. Larger than two chunks of events, the most that an
// interval with its ends inside chunks needs, plus all chunks of a counter with 10^6 events.
inline constexpr size_t kExaminedMax = 10'000;

// ---- Pages.

// A page of events. It may have fewer than the limit, or none, and still have a next page.
template <typename Cursor>
struct EventPage {
  std::string customer_id;
  std::vector<EventRow> rows;
  std::optional<Cursor> next;  // `from` of the next page; absent: no more
};
using InvoiceEventPage = EventPage<LineCursor>;
using CustomerEventPage = EventPage<CounterCursor>;

}  // namespace owo::ledger

#endif  // OWO_SERVICE_LEDGER_EVENTS_H_
