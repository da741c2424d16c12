// Counting usage, and checking whether it is allowed.
//
//   metering.Track(tenant, {{.customer = "user_123", .feature = "api-calls", .quantity = one}},
//                  TrackDetail::kAll,
//                  [](absl::StatusOr<std::vector<TrackResult>> results) { … });

#ifndef OWO_SERVICE_LEDGER_METERING_H_
#define OWO_SERVICE_LEDGER_METERING_H_

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "service/ledger/context.h"
#include "service/ledger/customer_lanes.h"
#include "service/ledger/events.h"
#include "service/ledger/invoice_lines.h"
#include "service/ledger/statement.h"
#include "service/ledger/usage_event.h"
#include "service/rating/decimal.h"

namespace owo::ledger {

struct UsageQuery {
  std::string customer;  // id or email
  std::string feature;   // "": all
  std::optional<storage::CounterKey> before;
  size_t limit = 0;
};

// A counter as history shows it.
struct UsageRow {
  storage::Counter counter;
  Rated rated;
  PeriodView period;
  std::string subscription_id;
};

struct UsagePage {
  std::shared_ptr<const Catalog> catalog;  // rows refer to it
  std::vector<UsageRow> rows;
  std::optional<storage::CounterKey> next;  // `before` of the next page
};

// Thread-safe.
class Metering {
 public:
  explicit Metering(Context& context) : context_(context), lanes_(kLaneCallsMax) {}

  // Checks and counts events in order, each on its own; one result per event. An error of the whole
  // leaves open what was counted: the same events may be sent again. Never blocks.
  void Track(storage::TenantId tenant, std::vector<UsageEvent> events, TrackDetail detail,
             TrackDone done);

  // What Track would answer, without counting. Blocks on reads.
  absl::StatusOr<TrackResult> Check(const storage::ReadOptions& read, storage::TenantId tenant,
                                    const UsageEvent& event);
  absl::StatusOr<UsagePage> ListUsage(const storage::ReadOptions& read, storage::TenantId tenant,
                                      const UsageQuery& query);
  // Counter by counter in the order of ListUsage; of each in order of arrival. A page may be short,
  // or empty, and have a next one.
  absl::StatusOr<CustomerEventPage> ListEvents(const storage::ReadOptions& read,
                                               storage::TenantId tenant, const EventsQuery& query);

 private:
  // A counter, behind the earlier segments of its period.
  absl::StatusOr<std::vector<storage::Counter>> GroupUpTo(const storage::ReadOptions& read,
                                                          storage::TenantId tenant,
                                                          storage::Counter counter);

  // Calls that may wait for their customers' turns; beyond, OVERLOADED.
  static constexpr size_t kLaneCallsMax = 4096;

  Context& context_;
  TrackLanes lanes_;
};

}  // namespace owo::ledger

#endif  // OWO_SERVICE_LEDGER_METERING_H_
