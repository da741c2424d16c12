#include "storage/rocksdb/pending.h"

namespace owo::storage {

absl::StatusOr<std::optional<std::string>> Pending::Get(Space space, std::string_view key) const {
  if (!rows_.empty()) {
    const auto row = rows_.find(std::pair(space, std::string(key)));
    if (row != rows_.end()) return row->second;
  }
  return database_.Get(space, key);
}

void Pending::Put(Space space, std::string_view key, std::string_view value) {
  rows_.insert_or_assign(std::pair(space, std::string(key)), std::string(value));
  PutBlind(space, key, value);
}

void Pending::Delete(Space space, std::string_view key) {
  rows_.insert_or_assign(std::pair(space, std::string(key)), std::nullopt);
  batch_.Delete(database_.handle(space), ToSlice(key));
}

void Pending::Clear() {
  batch_.Clear();
  rows_.clear();
  has_empty_row_ = false;
}

}  // namespace owo::storage
