#include "storage/rocksdb/verify/event_iterator.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "storage/rocksdb/format/keys.h"
#include "storage/rocksdb/verify/verify_text.h"

namespace owo::storage {

std::unique_ptr<rocksdb::Iterator> AllRows(const Database& database, ColumnFamily family) {
  rocksdb::ReadOptions options;
  options.fill_cache = false;
  auto it = database.Iterate(family, options);
  it->SeekToFirst();
  return it;
}

EventIterator::EventIterator(const Database& database, std::string_view kind, VerifyReport& report)
    : kind_(kind), report_(report), rows_(AllRows(database, ColumnFamily::kUsageEvents)) {
  ReadRow();
}

void EventIterator::Next() {
  if (++at_ < chunk_.size()) return;
  rows_->Next();
  ReadRow();
}

// Reads the next row that is a valid chunk, from the current one on.
void EventIterator::ReadRow() {
  at_ = 0;
  for (chunk_.clear(); rows_->Valid(); rows_->Next()) {
    const std::string_view key = ToView(rows_->key());
    const uint64_t end = keys::TrailingNumber(key);
    auto read = ReadChunk(ToView(rows_->value()), 0, kChunkEventsMax);
    if (read.ok() && read->size() <= end) {
      counter_ = key.substr(0, key.size() - sizeof end);
      first_ = end - read->size();
      chunk_ = *std::move(read);
      return;
    }
    report_.Differs(kind_, absl::StrCat(KeyText(ColumnFamily::kUsageEvents, key), ", before event ",
                                        end, ": the chunk does not parse"));
  }
}

}  // namespace owo::storage
