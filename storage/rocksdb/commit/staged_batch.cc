#include "storage/rocksdb/commit/staged_batch.h"

#include "storage/rocksdb/format/keys.h"
#include "storage/util/try.h"

namespace owo::storage {

absl::StatusOr<std::optional<std::string>> StagedBatch::Get(ColumnFamily family,
                                                            std::string_view key) const {
  if (!rows_.empty()) {
    const auto row = rows_.find(std::pair(family, std::string(key)));
    if (row != rows_.end()) return row->second;
  }
  return database_.Get(family, key);
}

absl::StatusOr<bool> StagedBatch::HasKey(ColumnFamily family, std::string_view prefix,
                                         absl::FunctionRef<bool(std::string_view key)> is) const {
  for (auto at = keys_.lower_bound(std::pair(family, std::string(prefix)));
       at != keys_.end() && at->first == family && at->second.starts_with(prefix); ++at) {
    if (is(at->second)) return true;
  }
  const std::string end = keys::EndOf(std::string(prefix));
  const rocksdb::Slice upper_bound = ToSlice(end);
  rocksdb::ReadOptions options;
  options.iterate_upper_bound = &upper_bound;
  const auto it = database_.Iterate(family, options);
  for (it->Seek(ToSlice(prefix)); it->Valid(); it->Next()) {
    const std::string key(ToView(it->key()));
    if (!rows_.contains(std::pair(family, key)) && is(key)) return true;
  }
  OWO_RETURN_IF_ERROR(FromRocks(it->status()));
  return false;
}

void StagedBatch::Put(ColumnFamily family, std::string_view key, std::string_view value) {
  rows_.insert_or_assign(std::pair(family, std::string(key)), std::string(value));
  PutBlind(family, key, value);
}

void StagedBatch::Delete(ColumnFamily family, std::string_view key) {
  rows_.insert_or_assign(std::pair(family, std::string(key)), std::nullopt);
  keys_.erase(std::pair(family, std::string(key)));
  batch_.Delete(database_.handle(family), ToSlice(key));
}

void StagedBatch::Clear() {
  batch_.Clear();
  rows_.clear();
  keys_.clear();
  has_empty_row_ = false;
}

}  // namespace owo::storage
