// Iterates over a database in key order, to compare it with another one.
//
//   for (EventIterator at(database, "events of counters", report); at.valid(); at.Next()) …

#ifndef OWO_STORAGE_ROCKSDB_VERIFY_EVENT_ITERATOR_H_
#define OWO_STORAGE_ROCKSDB_VERIFY_EVENT_ITERATOR_H_

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "storage/rocksdb/engine/database.h"
#include "storage/rocksdb/format/event_chunk.h"
#include "storage/verify.h"

namespace owo::storage {

// An iterator at the first row of the column family.
std::unique_ptr<rocksdb::Iterator> AllRows(const Database& database, ColumnFamily family);

// Iterates over the journal locations of all counters' events, by counter and then by ordinal.
class EventIterator {
 public:
  // Chunks that do not parse are skipped, and reported as `kind`. `database` and `report` must
  // outlive the iterator.
  EventIterator(const Database& database, std::string_view kind, VerifyReport& report);

  bool valid() const { return at_ < chunk_.size(); }
  const std::string& counter() const { return counter_; }  // the key of its chunks
  uint64_t ordinal() const { return first_ + at_; }
  const EventLocation& location() const { return chunk_[at_]; }
  absl::Status status() const { return FromRocks(rows_->status()); }
  void Next();

 private:
  void ReadRow();

  const std::string kind_;
  VerifyReport& report_;
  const std::unique_ptr<rocksdb::Iterator> rows_;
  std::string counter_;
  uint64_t first_ = 0;  // the ordinal of the chunk's first event
  std::vector<EventLocation> chunk_;
  size_t at_ = 0;
};

}  // namespace owo::storage

#endif  // OWO_STORAGE_ROCKSDB_VERIFY_EVENT_ITERATOR_H_
