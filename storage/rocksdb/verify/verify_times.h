// Compares the time bounds of chunks with the times of their events, while the journal is replayed.
// A chunk whose bounds are too narrow would hide events from lists.
//
//   ChunkTimesCheck check(stored, report);
//   OWO_RETURN_IF_ERROR(check.Add(tenant, counter, /*ordinal=*/0, event.time));   // each, in order

#ifndef OWO_STORAGE_ROCKSDB_VERIFY_VERIFY_TIMES_H_
#define OWO_STORAGE_ROCKSDB_VERIFY_VERIFY_TIMES_H_

#include <cstdint>
#include <optional>
#include <utility>

#include "absl/container/flat_hash_map.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "storage/rocksdb/engine/database.h"
#include "storage/rocksdb/format/event_chunk.h"
#include "storage/types.h"
#include "storage/verify.h"

namespace owo::storage {

// Keeps a few numbers for each chunk of which some, but not all events were added. There are at
// most as many such chunks as unflushed events in a store.
class ChunkTimesCheck {
 public:
  // `stored` and `report` must outlive it.
  ChunkTimesCheck(const Database& stored, VerifyReport& report)
      : stored_(stored), report_(report) {}

  // Adds an event. REQUIRES: the ordinals of a counter are consecutive; the first may be any.
  absl::Status Add(TenantId tenant, const CounterKey& key, uint64_t ordinal, Micros time);

 private:
  struct Chunk {
    uint64_t end = UINT64_MAX;       // its events are before this ordinal
    bool is_whole = false;           // all its events are added
    std::optional<TimeBounds> says;  // absent: nothing to compare
    TimeBounds has;
  };
  // The stored chunk that has the event. A missing chunk is reported elsewhere.
  absl::StatusOr<Chunk> Find(TenantId tenant, const CounterKey& key, uint64_t ordinal) const;
  void Compare(TenantId tenant, const CounterKey& key, const Chunk& chunk);

  const Database& stored_;
  VerifyReport& report_;
  absl::flat_hash_map<std::pair<TenantId, CounterKey>, Chunk> chunks_;
};

}  // namespace owo::storage

#endif  // OWO_STORAGE_ROCKSDB_VERIFY_VERIFY_TIMES_H_
