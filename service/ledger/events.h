// Lists of counted events: those that an invoice bills, and those of a customer.
//
//   OWO_TRY(const InvoiceEventPage page,
//           billing.ListEvents(read, tenant, {.invoice = id, .line = 1, .limit = 50}));
//   for (const EventRow& row : page.rows) … row.event.quantity …
//
// A page's cursor is the first event that it did not examine. The cost of a page does not depend on
// the length of the list: the events of an invoice are found by the ordinal ranges in its lines,
// and a page of a customer's events examines at most about kExaminedMax items.

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
  PeriodView period;
  uint32_t line = 0;  // of the invoice, from 1; 0: not listed for an invoice
};

// ---- Events of an invoice.

// A cursor in the events of an invoice.
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

// ---- Events of a customer.

// A cursor in the events of a customer.
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

// The most items that one page examines: counters, events, and skipped chunks (of up to 4,096
// events, outside the interval) together. Larger than two chunks of events, the most that an
// interval with its ends inside chunks needs, plus all chunks of a counter with 10^6 events.
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
