// Reads a counter's events back from the journal. Chunks say where each stands, ranges of coverage
// which invoice it is on: the cost follows the page, not the history.

#ifndef OWO_STORAGE_ROCKSDB_EVENT_READER_H_
#define OWO_STORAGE_ROCKSDB_EVENT_READER_H_

#include <functional>
#include <span>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "storage/rocksdb/database.h"
#include "storage/rocksdb/event_chunk.h"
#include "storage/rocksdb/published.h"
#include "storage/store.h"

namespace owo::storage {

// Thread-safe: has no state of its own.
class EventReader {
 public:
  // Returns once the account's rows and chunks hold all that was published of it before.
  using WriteBehind = std::function<absl::Status(const AccountKey&)>;

  EventReader(const Database& database, const Published& published, WriteBehind write_behind)
      : database_(database), published_(published), write_behind_(std::move(write_behind)) {}

  absl::StatusOr<std::vector<StoredEvent>> List(TenantId tenant, const CounterKey& key,
                                                OrdinalRange range, size_t most) const;

 private:
  // How many events the counter has.
  absl::StatusOr<uint64_t> Counted(TenantId tenant, const CounterKey& key) const;
  // Where the events of the range stand; fewer when the last ones are in no chunk yet.
  absl::StatusOr<std::vector<EventLocation>> Locate(TenantId tenant, const CounterKey& key,
                                                    OrdinalRange range) const;
  // Appends the events at `wanted`, which is not empty and of one journal record; `ordinal`: of the
  // first.
  absl::Status ReadRecord(TenantId tenant, const CounterKey& key,
                          std::span<const EventLocation> wanted, uint64_t ordinal,
                          std::vector<StoredEvent>& events) const;
  // For an event that is not where it would be: FAILED_PRECONDITION when it may have been dropped.
  absl::Status CheckKept(TenantId tenant, const CounterKey& key, uint64_t ordinal) const;
  absl::Status NameInvoices(TenantId tenant, const CounterKey& key,
                            std::vector<StoredEvent>& events) const;

  const Database& database_;
  const Published& published_;
  const WriteBehind write_behind_;
};

}  // namespace owo::storage

#endif  // OWO_STORAGE_ROCKSDB_EVENT_READER_H_
