#include "storage/rocksdb/commit/pending.h"

#include "storage/rocksdb/format/keys.h"
#include "storage/util/try.h"

namespace owo::storage {

absl::StatusOr<std::optional<std::string>> Pending::Get(Space space, std::string_view key) const {
  if (!rows_.empty()) {
    const auto row = rows_.find(std::pair(space, std::string(key)));
    if (row != rows_.end()) return row->second;
  }
  return database_.Get(space, key);
}

absl::StatusOr<bool> Pending::HasKey(Space space, std::string_view prefix,
                                     absl::FunctionRef<bool(std::string_view key)> is) const {
  for (auto at = keys_.lower_bound(std::pair(space, std::string(prefix)));
       at != keys_.end() && at->first == space && at->second.starts_with(prefix); ++at) {
    if (is(at->second)) return true;
  }
  const std::string end = keys::EndOf(std::string(prefix));
  const rocksdb::Slice upper_bound = ToSlice(end);
  rocksdb::ReadOptions options;
  options.iterate_upper_bound = &upper_bound;
  const auto it = database_.Iterate(space, options);
  for (it->Seek(ToSlice(prefix)); it->Valid(); it->Next()) {
    const std::string key(ToView(it->key()));
    if (!rows_.contains(std::pair(space, key)) && is(key)) return true;
  }
  OWO_RETURN_IF_ERROR(FromRocks(it->status()));
  return false;
}

void Pending::Put(Space space, std::string_view key, std::string_view value) {
  rows_.insert_or_assign(std::pair(space, std::string(key)), std::string(value));
  PutBlind(space, key, value);
}

void Pending::Delete(Space space, std::string_view key) {
  rows_.insert_or_assign(std::pair(space, std::string(key)), std::nullopt);
  keys_.erase(std::pair(space, std::string(key)));
  batch_.Delete(database_.handle(space), ToSlice(key));
}

void Pending::Clear() {
  batch_.Clear();
  rows_.clear();
  keys_.clear();
  has_empty_row_ = false;
}

}  // namespace owo::storage
