// Reads a counter's events back from the journal. Chunks say where each is and which times they
// have, ranges of coverage which invoice it is on: the cost follows the page, not the history.

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
  // Returns once the account's rows and chunks hold all that was published of it before.
  using FlushAccount = std::function<absl::Status(const AccountKey&)>;

  EventReader(const Database& database, const AccountSnapshots& snapshots,
              FlushAccount flush_account)
      : database_(database), snapshots_(snapshots), flush_account_(std::move(flush_account)) {}

  // As Store::ListEvents.
  absl::StatusOr<EventList> List(TenantId tenant, const CounterKey& key,
                                 const EventQuery& query) const;

 private:
  // Events that may be in an interval, by their chunks.
  struct Located {
    struct Event {
      uint64_t ordinal = 0;
      EventLocation location;
    };
    std::vector<Event> events;
    uint64_t next = 0;      // before this ordinal there are no others
    size_t passed = 0;      // chunks passed over
    bool complete = false;  // false: no chunk has the event `next` yet
  };

  // How many events the counter has.
  absl::StatusOr<uint64_t> Counted(TenantId tenant, const CounterKey& key) const;
  // Looks at `limit` events of the query's range, or fewer where that is the end of it or of the
  // work that it allows.
  absl::Status Step(TenantId tenant, const CounterKey& key, const EventQuery& query, size_t limit,
                    EventList& list) const;
  // Where the first `limit` events of query.range stand, but for chunks outside the interval.
  absl::StatusOr<Located> Locate(TenantId tenant, const CounterKey& key, const EventQuery& query,
                                 size_t limit) const;
  // The same, once chunks have what was published.
  absl::StatusOr<Located> LocateWritten(TenantId tenant, const CounterKey& key,
                                        const EventQuery& query, size_t limit) const;
  // Adds the events at `wanted`, which is not empty and of one journal record, to the list, as far
  // as the query takes them and there is room.
  absl::Status ReadRecord(TenantId tenant, const CounterKey& key, const EventQuery& query,
                          std::span<const Located::Event> wanted, EventList& list) const;
  // For an event that is not where it would be: FAILED_PRECONDITION when it may have been dropped.
  absl::Status CheckKept(TenantId tenant, const CounterKey& key, uint64_t ordinal) const;
  absl::Status NameInvoices(TenantId tenant, const CounterKey& key,
                            std::vector<StoredEvent>& events) const;

  const Database& database_;
  const AccountSnapshots& snapshots_;
  const FlushAccount flush_account_;
};

}  // namespace owo::storage

#endif  // OWO_STORAGE_ROCKSDB_READ_EVENT_READER_H_
