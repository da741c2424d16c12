// Compares the times that chunks say their events have with those of the events themselves, while
// the journal is replayed. A chunk that says too little would hide events from a list.
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

// Keeps a few numbers for each chunk of which some events were added and others are still to come.
// There are no more of these than events that a store writes behind.
class ChunkTimesCheck {
 public:
  // Both outlive it.
  ChunkTimesCheck(const Database& stored, VerifyReport& report)
      : stored_(stored), report_(report) {}

  // REQUIRES: of a counter, ordinals follow on each other; the first may be any.
  absl::Status Add(TenantId tenant, const CounterKey& key, uint64_t ordinal, Micros time);

 private:
  struct Chunk {
    uint64_t end = UINT64_MAX;       // its events are before this ordinal
    bool is_whole = false;           // all its events are added
    std::optional<TimeBounds> says;  // absent: nothing to compare
    TimeBounds has;
  };
  // The stored chunk that holds the event; where there is none, others report that.
  absl::StatusOr<Chunk> Find(TenantId tenant, const CounterKey& key, uint64_t ordinal) const;
  void Compare(TenantId tenant, const CounterKey& key, const Chunk& chunk);

  const Database& stored_;
  VerifyReport& report_;
  absl::flat_hash_map<std::pair<TenantId, CounterKey>, Chunk> chunks_;
};

}  // namespace owo::storage

#endif  // OWO_STORAGE_ROCKSDB_VERIFY_VERIFY_TIMES_H_
