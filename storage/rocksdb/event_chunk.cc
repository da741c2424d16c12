#include "storage/rocksdb/event_chunk.h"

#include <utility>

#include "storage/varint.h"

namespace owo::storage {

void EventChunk::Add(EventLocation location) {
  if (location.sequence != last_.sequence) last_.index = 0;
  AppendVarint64(packed_, location.sequence - last_.sequence);
  AppendVarint64(packed_, location.index - last_.index);
  last_ = location;
  ++size_;
}

std::string EventChunk::Take() {
  std::string chunk;
  AppendVarint64(chunk, size_);
  chunk.append(packed_);
  *this = EventChunk();  // what it had allocated is given back
  return chunk;
}

absl::StatusOr<uint64_t> ChunkSize(std::string_view chunk) {
  ByteReader in(chunk);
  const uint64_t size = in.Varint64();
  if (!in.ok() || size == 0 || size > kChunkEventsMax) {
    return absl::DataLossError("a chunk of events does not parse");
  }
  return size;
}

absl::StatusOr<std::vector<EventLocation>> ReadChunk(std::string_view chunk, uint64_t skip,
                                                     size_t most) {
  const absl::StatusOr<uint64_t> size = ChunkSize(chunk);
  if (!size.ok()) return size.status();
  ByteReader in(chunk);
  in.Varint64();
  std::vector<EventLocation> locations;
  EventLocation location;
  uint64_t read = 0;
  for (; read < *size && locations.size() < most && in.ok(); ++read) {
    const uint64_t records = in.Varint64();
    if (records != 0) location = {.sequence = location.sequence + records};
    location.index += in.Varint64();
    if (read >= skip) locations.push_back(location);
  }
  if (!in.ok() || (read == *size && !in.AtEnd())) {
    return absl::DataLossError("a chunk of events does not parse");
  }
  return locations;
}

}  // namespace owo::storage
