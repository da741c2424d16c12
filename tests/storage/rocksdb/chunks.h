// Builds chunks of events for tests.
#ifndef OWO_TESTS_STORAGE_ROCKSDB_CHUNKS_H_
#define OWO_TESTS_STORAGE_ROCKSDB_CHUNKS_H_

#include <string>
#include <string_view>
#include <vector>

#include "storage/rocksdb/format/event_chunk.h"
#include "storage/util/varint.h"

namespace owo::storage {

// REQUIRES: both bounds are equal if there is one location.
inline std::string PackChunk(const std::vector<EventLocation>& locations, TimeBounds times) {
  EventChunk chunk;
  for (const EventLocation& location : locations) {
    chunk.Add(location, chunk.empty() ? times.least : times.greatest);
  }
  return chunk.Finish();
}

// Returns the chunk as earlier releases wrote it.
inline std::string WithoutTimes(std::string_view chunk) {
  ByteReader in(chunk);
  in.Byte();
  in.Varint64();
  in.Varint64();
  std::string rest;
  while (!in.AtEnd()) rest.push_back(static_cast<char>(in.Byte()));
  return rest;
}

}  // namespace owo::storage

#endif  // OWO_TESTS_STORAGE_ROCKSDB_CHUNKS_H_
