// Reads a counter's events from the journal. Chunks give the locations and the times of events,
// ranges of coverage give their invoices. The cost is proportional to the page, not to the history.

#ifndef OWO_STORAGE_ROCKSDB_READ_EVENT_READER_H_
#define OWO_STORAGE_ROCKSDB_READ_EVENT_READER_H_

#include <functional>
#include <span>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "storage/rocksdb/engine/database.h"
#include "storage/rocksdb/format/event_chunk.h"
#include "storage/rocksdb/read/account_snapshots.h"
#include "storage/store.h"

namespace owo::storage {

// Thread-safe: has no state of its own.
class EventReader {
 public:
  // Flushes the account. Returns once its rows and chunks have all that was published before.
  using FlushAccount = std::function<absl::Status(const AccountKey&)>;

  // `database` and `snapshots` must outlive the reader.
  EventReader(const Database& database, const AccountSnapshots& snapshots,
              FlushAccount flush_account)
      : database_(database), snapshots_(snapshots), flush_account_(std::move(flush_account)) {}

  // As Store::ListEvents.
  absl::StatusOr<EventList> List(TenantId tenant, const CounterKey& key,
                                 const EventQuery& query) const;

 private:
  // The events that may be in the query's interval, judging by the times of their chunks.
  struct Located {
    struct Event {
      uint64_t ordinal = 0;
      EventLocation location;
    };
    std::vector<Event> events;
    uint64_t next = 0;      // events before this ordinal are in `events` or skipped
    size_t passed = 0;      // chunks that were skipped
    bool complete = false;  // false: no chunk has the event `next` yet
  };

  // How many events the counter has.
  absl::StatusOr<uint64_t> Counted(TenantId tenant, const CounterKey& key) const;
  // Reads up to `limit` events of the query's range: fewer at the end of the range, or when the
  // query's work_max is reached.
  absl::Status Step(TenantId tenant, const CounterKey& key, const EventQuery& query, size_t limit,
                    EventList& list) const;
  // Locates the first `limit` events of query.range. Skips chunks outside the query's interval.
  absl::StatusOr<Located> Locate(TenantId tenant, const CounterKey& key, const EventQuery& query,
                                 size_t limit) const;
  // The same, but flushes the account if chunks lack published events.
  absl::StatusOr<Located> LocateWritten(TenantId tenant, const CounterKey& key,
                                        const EventQuery& query, size_t limit) const;
  // Reads the `wanted` events, and adds those that match the query to the list until it is full.
  // REQUIRES: `wanted` is not empty, and all its events are in one journal record.
  absl::Status ReadRecord(TenantId tenant, const CounterKey& key, const EventQuery& query,
                          std::span<const Located::Event> wanted, EventList& list) const;
  // For an event that was not found: FAILED_PRECONDITION if it may have expired, otherwise OK.
  absl::Status CheckKept(TenantId tenant, const CounterKey& key, uint64_t ordinal) const;
  // Sets the invoice of each event that an invoice covers.
  absl::Status NameInvoices(TenantId tenant, const CounterKey& key,
                            std::vector<StoredEvent>& events) const;

  const Database& database_;
  const AccountSnapshots& snapshots_;
  const FlushAccount flush_account_;
};

}  // namespace owo::storage

#endif  // OWO_STORAGE_ROCKSDB_READ_EVENT_READER_H_
