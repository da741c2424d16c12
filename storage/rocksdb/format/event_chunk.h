// Packed journal locations of a counter's events: the rows of `usage_events`.
//
//   EventChunk chunk;
//   chunk.Add({.sequence = 300, .index = 7}, event.time);
//   const std::string row = chunk.Finish();
//   OWO_TRY(const ChunkHeader header, ParseChunkHeader(row));   // their number and times
//   OWO_TRY(const std::vector<EventLocation> read, ReadChunk(row, 0, 10));
//
// Format: a zero byte; the least event time, zigzag varint; the greatest event time minus the
// least, varint; the number of events, varint; then for each event two varints: its record's
// sequence minus that of the previous event, and its index minus that of the previous event.
// Sequences start from 0 in each chunk, indexes from 0 in each record. An event directly after
// another takes 2 bytes.
//
// Chunks of older versions start with the number of events, which is not 0. They have no times, so
// a reader must read their events.

#ifndef OWO_STORAGE_ROCKSDB_FORMAT_EVENT_CHUNK_H_
#define OWO_STORAGE_ROCKSDB_FORMAT_EVENT_CHUNK_H_

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "storage/types.h"
#include "storage/util/prefetch.h"

namespace owo::storage {

// The journal record that holds an event, and the event's index within that record.
struct EventLocation {
  uint64_t sequence = 0;
  uint64_t index = 0;

  friend auto operator<=>(const EventLocation&, const EventLocation&) = default;
};

// A chunk is written once it has this many events, so that finding one of them stays cheap.
inline constexpr size_t kChunkEventsMax = 4096;

// The least and the greatest time of some events. Without events, least > greatest.
struct TimeBounds {
  Micros least = INT64_MAX;
  Micros greatest = INT64_MIN;

  void Extend(Micros time) {
    least = std::min(least, time);
    greatest = std::max(greatest, time);
  }
  bool Contains(const TimeBounds& other) const {
    return least <= other.least && other.greatest <= greatest;
  }
  friend bool operator==(const TimeBounds&, const TimeBounds&) = default;
};

// The events of a counter that no row holds yet.
class EventChunk {
 public:
  // REQUIRES: `location` is later in the journal than all added before. `time`: of the event.
  void Add(EventLocation location, Micros time);
  size_t size() const { return size_; }
  bool empty() const { return size_ == 0; }
  // Prefetches the memory that Add will change.
  void Prefetch() const { storage::Prefetch(packed_.data() + packed_.size()); }
  // Returns the row's value and clears the chunk. REQUIRES: not empty().
  std::string Finish();

 private:
  std::string packed_;
  size_t size_ = 0;
  EventLocation last_;
  TimeBounds times_;
};

// The number and times of a chunk's events.
struct ChunkHeader {
  uint64_t size = 0;                // 1 to kChunkEventsMax
  std::optional<TimeBounds> times;  // absent in chunks of older versions
};

// DATA_LOSS if `chunk` does not parse.
absl::StatusOr<ChunkHeader> ParseChunkHeader(std::string_view chunk);

// The events after the first `skip`; at most `limit`. DATA_LOSS if `chunk` does not parse.
absl::StatusOr<std::vector<EventLocation>> ReadChunk(std::string_view chunk, uint64_t skip,
                                                     size_t limit);

}  // namespace owo::storage

#endif  // OWO_STORAGE_ROCKSDB_FORMAT_EVENT_CHUNK_H_
