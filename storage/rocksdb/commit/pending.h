// The rows of the commit that is being built, over those that are durable.
//
//   OWO_TRY(std::optional<std::string> row, pending.Get(Space::kUsage, key));   // sees its own
//   Puts pending.Put(Space::kUsage, key, bytes); OWO_RETURN_IF_ERROR(pending.Write());

#ifndef OWO_STORAGE_ROCKSDB_COMMIT_PENDING_H_
#define OWO_STORAGE_ROCKSDB_COMMIT_PENDING_H_

#include <rocksdb/write_batch.h>

#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <utility>

#include "absl/container/flat_hash_map.h"
#include "absl/functional/function_ref.h"
#include "absl/status/statusor.h"
#include "storage/convert.h"
#include "storage/rocksdb/engine/database.h"

namespace owo::storage {

// Not thread-safe: the committer's.
class Pending {
 public:
  // Blind rows of the space `left_out` are not written.
  explicit Pending(Database& database, std::optional<Space> left_out = std::nullopt)
      : database_(database), left_out_(left_out) {}

  absl::StatusOr<std::optional<std::string>> Get(Space space, std::string_view key) const;
  template <typename Record>
  absl::StatusOr<std::optional<Record>> GetRecord(Space space, std::string_view key) const;
  void Put(Space space, std::string_view key, std::string_view value);
  void Delete(Space space, std::string_view key);
  // A row that nothing reads back before it is durable. The value is not empty, or Write fails: a
  // reader takes an empty value for a row that it could not look at (Database::Get).
  void PutBlind(Space space, std::string_view key, std::string_view value) {
    has_empty_row_ |= value.empty();
    if (space == left_out_) return;
    batch_.Put(database_.handle(space), ToSlice(key), ToSlice(value));
  }
  // A row that is all key, and found by iterating: Get does not see it.
  void PutKey(Space space, std::string_view key) {
    keys_.insert(std::pair(space, std::string(key)));
    batch_.Put(database_.handle(space), ToSlice(key), rocksdb::Slice());
  }
  // Whether there is a row with this prefix whose key fulfils `is`.
  absl::StatusOr<bool> HasKey(Space space, std::string_view prefix,
                              absl::FunctionRef<bool(std::string_view key)> is) const;

  bool empty() const { return batch_.Count() == 0; }
  size_t bytes() const { return batch_.GetDataSize(); }
  absl::Status Write() {
    if (has_empty_row_) return absl::InternalError("a row to be written is empty");
    return database_.Write(batch_);
  }
  void Clear();

 private:
  Database& database_;
  const std::optional<Space> left_out_;
  rocksdb::WriteBatch batch_;
  bool has_empty_row_ = false;
  absl::flat_hash_map<std::pair<Space, std::string>, std::optional<std::string>> rows_;
  std::set<std::pair<Space, std::string>> keys_;  // rows that are all key
};

template <typename Record>
absl::StatusOr<std::optional<Record>> Pending::GetRecord(Space space, std::string_view key) const {
  absl::StatusOr<std::optional<std::string>> row = Get(space, key);
  if (!row.ok()) return row.status();
  if (!row->has_value()) return std::optional<Record>();
  return ParseRow<Record>(**row);
}

}  // namespace owo::storage

#endif  // OWO_STORAGE_ROCKSDB_COMMIT_PENDING_H_
