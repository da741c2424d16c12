// The write batch of the commit that is being built. Reads through it see its own writes, and below
// them the durable rows.
//
//   staged.Put(ColumnFamily::kUsage, key, bytes);
//   OWO_TRY(std::optional<std::string> row, staged.Get(ColumnFamily::kUsage, key));   // `bytes`
//   OWO_RETURN_IF_ERROR(staged.Write());

#ifndef OWO_STORAGE_ROCKSDB_COMMIT_STAGED_BATCH_H_
#define OWO_STORAGE_ROCKSDB_COMMIT_STAGED_BATCH_H_

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

// Not thread-safe.
class StagedBatch {
 public:
  // `database` must outlive the batch. PutBlind does nothing for the column family `left_out`.
  explicit StagedBatch(Database& database, std::optional<ColumnFamily> left_out = std::nullopt)
      : database_(database), left_out_(left_out) {}

  absl::StatusOr<std::optional<std::string>> Get(ColumnFamily family, std::string_view key) const;
  template <typename Record>
  absl::StatusOr<std::optional<Record>> GetRecord(ColumnFamily family, std::string_view key) const;
  void Put(ColumnFamily family, std::string_view key, std::string_view value);
  void Delete(ColumnFamily family, std::string_view key);
  // Puts a row that is not read before it is durable: Get does not see it. If the value is empty,
  // Write fails, since an empty value can also mean that a row was not read (Database::Get).
  void PutBlind(ColumnFamily family, std::string_view key, std::string_view value) {
    has_empty_row_ |= value.empty();
    if (family == left_out_) return;
    batch_.Put(database_.handle(family), ToSlice(key), ToSlice(value));
  }
  // Puts a row that has a key and an empty value. HasKey finds it; Get does not see it.
  void PutKey(ColumnFamily family, std::string_view key) {
    keys_.insert(std::pair(family, std::string(key)));
    batch_.Put(database_.handle(family), ToSlice(key), rocksdb::Slice());
  }
  // Whether there is a row with this prefix for whose key `is` returns true.
  absl::StatusOr<bool> HasKey(ColumnFamily family, std::string_view prefix,
                              absl::FunctionRef<bool(std::string_view key)> is) const;

  bool empty() const { return batch_.Count() == 0; }
  size_t bytes() const { return batch_.GetDataSize(); }
  // Writes the batch; see Database::Write. The caller clears it.
  absl::Status Write() {
    if (has_empty_row_) return absl::InternalError("a row to be written is empty");
    return database_.Write(batch_);
  }
  void Clear();

 private:
  Database& database_;
  const std::optional<ColumnFamily> left_out_;
  rocksdb::WriteBatch batch_;
  bool has_empty_row_ = false;
  absl::flat_hash_map<std::pair<ColumnFamily, std::string>, std::optional<std::string>> rows_;
  std::set<std::pair<ColumnFamily, std::string>> keys_;  // rows of PutKey
};

template <typename Record>
absl::StatusOr<std::optional<Record>> StagedBatch::GetRecord(ColumnFamily family,
                                                             std::string_view key) const {
  absl::StatusOr<std::optional<std::string>> row = Get(family, key);
  if (!row.ok()) return row.status();
  if (!row->has_value()) return std::optional<Record>();
  return ParseRow<Record>(**row);
}

}  // namespace owo::storage

#endif  // OWO_STORAGE_ROCKSDB_COMMIT_STAGED_BATCH_H_
