// Counted events as they are listed: those behind an invoice, and those of a customer.
//
//   OWO_TRY(const auto page, billing.ListEvents(tenant, {.invoice = id, .line = 1, .limit = 50}));
//   for (const EventRow& row : page.rows) … row.event.quantity …
//
// A list goes on at the place of the first event that was not looked at. Its cost follows the page:
// what is behind an invoice is found by the ranges that its lines keep, and a list of usage looks
// at a bounded number of events.

#ifndef OWO_SERVICE_LEDGER_EVENTS_H_
#define OWO_SERVICE_LEDGER_EVENTS_H_

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "service/ledger/invoice_lines.h"
#include "storage/store.h"

namespace owo::ledger {

// An event, and where it counts.
struct EventRow {
  storage::StoredEvent event;
  storage::CounterKey counter;
  std::string feature_slug;
  PeriodView period;
  uint32_t line = 0;  // of the invoice, from 1; 0: asked for by no invoice
};

// ---- Behind an invoice.

// A place among the events of an invoice.
struct LineCursor {
  uint32_t line = 1;     // from 1
  uint64_t ordinal = 0;  // within the line's counter

  static LineCursor Of(const EventRow& row) { return {row.line, row.event.ordinal}; }
  friend bool operator==(const LineCursor&, const LineCursor&) = default;
};

struct InvoiceEventsQuery {
  std::string invoice;           // 16 bytes
  std::optional<uint32_t> line;  // from 1; absent: all
  std::optional<LineCursor> from;
  size_t limit = 0;
};

// ---- Of a customer.

// A place among the events of a customer.
struct CounterCursor {
  storage::CounterKey counter;
  uint64_t ordinal = 0;

  static CounterCursor Of(const EventRow& row) { return {row.counter, row.event.ordinal}; }
  friend bool operator==(const CounterCursor&, const CounterCursor&) = default;
};

struct EventsQuery {
  std::string customer;                  // id or email
  std::string feature;                   // "": all
  std::optional<storage::Micros> start;  // by the events' own time, inclusive
  std::optional<storage::Micros> end;    // exclusive
  std::optional<CounterCursor> from;
  size_t limit = 0;
};

// What one call looks at before it leaves the rest to the next page: counters, events, and chunks
// of up to 4,096 events that are passed over as outside the interval, together. It is more than two
// chunks, in which an interval that begins and ends between events may lie, and those of 10^6
// events.
inline constexpr size_t kExaminedMax = 10'000;

// ---- Pages.

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
