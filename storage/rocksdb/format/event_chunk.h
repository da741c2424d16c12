// Where a counter's events are in the journal, packed: what the rows of `usage_events` hold.
//
//   EventChunk chunk;
//   chunk.Add({.sequence = 300, .index = 7}, event.time);
//   const std::string row = chunk.Finish();
//   OWO_TRY(const ChunkHeader header, ParseChunkHeader(row));   // how many, and of which times
//   OWO_TRY(const std::vector<EventLocation> read, ReadChunk(row, 0, 10));
//
// A zero byte; the least event time, zigzag varint; how much greater the greatest is, varint; the
// number of events, varint; then for each event how much its record's sequence is greater than that
// of the event before, varint; and how much its index is greater, varint. For the first event of a
// record, and of the chunk, both count from 0. An event that follows on another takes 2 bytes.
//
// Chunks of former programs begin with the number of events, which is not 0: their times are not
// known, and a reader must look into them.

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

// The journal record that an event stands in, and its place among the events of that record.
struct EventLocation {
  uint64_t sequence = 0;
  uint64_t index = 0;

  friend auto operator<=>(const EventLocation&, const EventLocation&) = default;
};

// A chunk is written when it has so many events, so that finding one of them stays cheap.
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

// The events of a counter that no row has yet.
class EventChunk {
 public:
  // REQUIRES: it is later in the journal than those added before. `time`: the event's own.
  void Add(EventLocation location, Micros time);
  size_t size() const { return size_; }
  bool empty() const { return size_ == 0; }
  // Begins to load what Add will change.
  void Prefetch() const { storage::Prefetch(packed_.data() + packed_.size()); }
  // The row's value. The chunk is empty then. REQUIRES: it is not empty.
  std::string Finish();

 private:
  std::string packed_;
  size_t size_ = 0;
  EventLocation last_;
  TimeBounds times_;
};

// What a chunk says of its events as a whole.
struct ChunkHeader {
  uint64_t size = 0;                // 1 to kChunkEventsMax
  std::optional<TimeBounds> times;  // absent in chunks of former programs
};

// DATA_LOSS when it is not a chunk.
absl::StatusOr<ChunkHeader> ParseChunkHeader(std::string_view chunk);

// Its events without the first `skip`; at most `limit`. DATA_LOSS when it is not a chunk.
absl::StatusOr<std::vector<EventLocation>> ReadChunk(std::string_view chunk, uint64_t skip,
                                                     size_t limit);

}  // namespace owo::storage

#endif  // OWO_STORAGE_ROCKSDB_FORMAT_EVENT_CHUNK_H_
