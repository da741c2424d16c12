// Where a counter's events stand in the journal, packed: what the rows of `usage_events` hold.
//
//   EventChunk chunk;
//   chunk.Add({.sequence = 300, .index = 7});
//   OWO_TRY(const std::vector<EventLocation> read, ReadChunk(chunk.Take(), 0, 10));
//
// The number of events, varint; then for each event how much its record's sequence is greater than
// that of the event before, varint; and how much its index is greater, varint. For the first event
// of a record, and of the chunk, both count from 0. An event that follows on another takes 2 bytes.

#ifndef OWO_STORAGE_ROCKSDB_EVENT_CHUNK_H_
#define OWO_STORAGE_ROCKSDB_EVENT_CHUNK_H_

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "storage/prefetch.h"

namespace owo::storage {

// The journal record that an event stands in, and its place among the events of that record.
struct EventLocation {
  uint64_t sequence = 0;
  uint64_t index = 0;

  friend auto operator<=>(const EventLocation&, const EventLocation&) = default;
};

// A chunk is written when it has so many events, so that finding one of them stays cheap.
inline constexpr size_t kChunkEventsMax = 4096;

// The events of a counter that no row has yet.
class EventChunk {
 public:
  // REQUIRES: it stands behind every event that was added before.
  void Add(EventLocation location);
  size_t size() const { return size_; }
  bool empty() const { return size_ == 0; }
  // Begins to load what Add will change.
  void Prefetch() const { storage::Prefetch(packed_.data() + packed_.size()); }
  // The row's value. The chunk is empty then.
  std::string Take();

 private:
  std::string packed_;
  size_t size_ = 0;
  EventLocation last_;
};

// How many events a chunk holds. DATA_LOSS when it is not one.
absl::StatusOr<uint64_t> ChunkSize(std::string_view chunk);

// Its events without the first `skip`; at most `most`. DATA_LOSS when it is not a chunk.
absl::StatusOr<std::vector<EventLocation>> ReadChunk(std::string_view chunk, uint64_t skip,
                                                     size_t most);

}  // namespace owo::storage

#endif  // OWO_STORAGE_ROCKSDB_EVENT_CHUNK_H_
