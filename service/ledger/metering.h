// Counts usage events, checks whether usage is allowed, and lists counted usage.
//
//   metering.Track(context, {{.customer = "user_123", .feature = "api-calls", .quantity = one}},
//                  TrackDetail::kAll,
//                  [](absl::StatusOr<std::vector<TrackResult>> results) { … });
//
// An event with an id counts once, however often it is reported. A repeat is answered as a
// duplicate, also after years, so a caller may retry until it has an answer.

#ifndef OWO_SERVICE_LEDGER_METERING_H_
#define OWO_SERVICE_LEDGER_METERING_H_

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "service/ledger/customer_lanes.h"
#include "service/ledger/events.h"
#include "service/ledger/invoice_lines.h"
#include "service/ledger/ledger_parts.h"
#include "service/ledger/statement.h"
#include "service/ledger/usage_event.h"
#include "service/rating/decimal.h"

namespace owo::ledger {

// Parameters of Metering::ListUsage().
struct UsageQuery {
  // Id or email.
  std::string customer;
  // Slug; "": all.
  std::string feature;
  // UsagePage::next of the page before. Absent: from the newest.
  std::optional<storage::CounterKey> before;
  // The most rows of the page.
  size_t limit = 0;
};

// A counter with its cost, in the usage history. The cost is that of all its usage, invoiced or
// not.
struct UsageRow {
  storage::Counter counter;
  // What the counter costs, made together with the earlier segments of its period.
  Rated rated;
  PeriodView period;
  // Of the subscription that the usage was counted under: "sub_7_2" (ids.h).
  std::string subscription_id;
};

// A page of a customer's usage history: by feature and interval, and within these newest first.
struct UsagePage {
  std::shared_ptr<const Catalog> catalog;  // `rows` points into it
  std::vector<UsageRow> rows;
  std::optional<storage::CounterKey> next;  // `before` of the next page; absent: no more
};

// Thread-safe. A `customer` is an id or an email.
class Metering {
 public:
  explicit Metering(LedgerParts& parts) : parts_(parts), lanes_(kLaneCallsMax) {}

  // Checks and counts events in order, independently of each other. Answers one result per event.
  // If the whole call fails, events may have been counted; retry with the same events. Never
  // blocks. Errors of the call: OVERLOADED, CONTENTION, DEADLINE_EXCEEDED (no event was counted),
  // and failures of the store: STORE_UNAVAILABLE, DISK_FULL. Errors of an event are in its result
  // (TrackResult::error). If the deadline passes after events were counted, those have their
  // results and the others CONTENTION.
  void Track(const CallContext& context, std::vector<UsageEvent> events, TrackDetail detail,
             TrackDone done);

  // What Track() would answer, without counting. Another call may count before the caller acts on
  // it: to be sure, track the event and use the feature if it is allowed. Blocks on reads. Errors:
  // CUSTOMER_NOT_FOUND, CUSTOMER_AMBIGUOUS, CONTENTION, and the reason of a rejected event.
  absl::StatusOr<TrackResult> Check(const CallContext& context, const storage::ReadOptions& read,
                                    const UsageEvent& event);
  // A customer's counters with their costs, also of periods that are invoiced. The work of a page
  // depends on its length, not on that of the history. Blocks on reads. Errors: CUSTOMER_NOT_FOUND,
  // CUSTOMER_AMBIGUOUS, FEATURE_NOT_FOUND.
  absl::StatusOr<UsagePage> ListUsage(const CallContext& context, const storage::ReadOptions& read,
                                      const UsageQuery& query);
  // A customer's counted events: by counter, in the order of ListUsage(), and within a counter in
  // order of arrival. A page may be short or empty and still have a next page. Blocks on reads.
  // Errors: those of ListUsage(), EVENTS_EXPIRED.
  absl::StatusOr<CustomerEventPage> ListEvents(const CallContext& context,
                                               const storage::ReadOptions& read,
                                               const EventsQuery& query);

 private:
  // nullopt if the customer or the catalog changed meanwhile: try again.
  absl::StatusOr<std::optional<TrackResult>> TryCheck(const CallContext& context,
                                                      const storage::ReadOptions& read,
                                                      const UsageEvent& event);
  // The earlier segments of a counter's period, in order, followed by the counter.
  absl::StatusOr<std::vector<storage::Counter>> GroupUpTo(const CallContext& context,
                                                          const storage::ReadOptions& read,
                                                          storage::Counter counter);

  // The most calls in the lanes. Further calls fail with OVERLOADED.
  static constexpr size_t kLaneCallsMax = 4096;

  LedgerParts& parts_;
  // Of the calls that need a limit check.
  TrackLanes lanes_;
};

}  // namespace owo::ledger

#endif  // OWO_SERVICE_LEDGER_METERING_H_
