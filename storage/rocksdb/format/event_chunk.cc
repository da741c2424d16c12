#include "storage/rocksdb/format/event_chunk.h"

#include <utility>

#include "storage/util/varint.h"

namespace owo::storage {
namespace {

// The first byte of a chunk with times. Chunks of older versions start with a count, never 0.
constexpr char kWithTimes = 0;

absl::Status NoChunk() { return absl::DataLossError("a chunk of events does not parse"); }

// Fails if least + range would be greater than INT64_MAX.
std::optional<TimeBounds> ReadTimes(ByteReader& in) {
  const Micros least = UnZigZag(in.Varint64());
  const uint64_t range = in.Varint64();
  if (range > static_cast<uint64_t>(INT64_MAX) - static_cast<uint64_t>(least)) in.Fail();
  if (!in.ok()) return std::nullopt;
  return TimeBounds{least, static_cast<Micros>(static_cast<uint64_t>(least) + range)};
}

ChunkHeader ReadHeader(ByteReader& in) {
  ChunkHeader header{.size = in.Varint64()};
  if (in.ok() && header.size == static_cast<uint64_t>(kWithTimes)) {
    header.times = ReadTimes(in);
    header.size = in.Varint64();
  }
  if (header.size == 0 || header.size > kChunkEventsMax) in.Fail();
  return header;
}

}  // namespace

void EventChunk::Add(EventLocation location, Micros time) {
  if (location.sequence != last_.sequence) last_.index = 0;
  AppendVarint64(packed_, location.sequence - last_.sequence);
  AppendVarint64(packed_, location.index - last_.index);
  last_ = location;
  ++size_;
  times_.Extend(time);
}

std::string EventChunk::Finish() {
  std::string chunk(1, kWithTimes);
  AppendVarint64(chunk, ZigZag(times_.least));
  AppendVarint64(chunk,
                 static_cast<uint64_t>(times_.greatest) - static_cast<uint64_t>(times_.least));
  AppendVarint64(chunk, size_);
  chunk.append(packed_);
  *this = EventChunk();  // frees its memory
  return chunk;
}

absl::StatusOr<ChunkHeader> ParseChunkHeader(std::string_view chunk) {
  ByteReader in(chunk);
  const ChunkHeader header = ReadHeader(in);
  if (!in.ok()) return NoChunk();
  return header;
}

absl::StatusOr<std::vector<EventLocation>> ReadChunk(std::string_view chunk, uint64_t skip,
                                                     size_t limit) {
  ByteReader in(chunk);
  const ChunkHeader header = ReadHeader(in);
  if (!in.ok()) return NoChunk();
  std::vector<EventLocation> locations;
  EventLocation location;
  uint64_t read = 0;
  for (; read < header.size && locations.size() < limit && in.ok(); ++read) {
    const uint64_t records = in.Varint64();
    if (records != 0) location = {.sequence = location.sequence + records};
    location.index += in.Varint64();
    if (read >= skip) locations.push_back(location);
  }
  if (!in.ok() || (read == header.size && !in.AtEnd())) return NoChunk();
  return locations;
}

}  // namespace owo::storage
