// The RocksDB database under the store: its column families, options, and typed failures.

#ifndef OWO_STORAGE_ROCKSDB_DATABASE_H_
#define OWO_STORAGE_ROCKSDB_DATABASE_H_

#include <rocksdb/db.h>
#include <rocksdb/sst_file_writer.h>

#include <array>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "storage/rocksdb/open.h"
#include "storage/rocksdb/spaces.h"

namespace owo::storage {

// Thread-safe.
class Database {
 public:
  static absl::StatusOr<std::unique_ptr<Database>> Open(const OpenOptions& options);
  ~Database();

  absl::StatusOr<std::optional<std::string>> Get(Space space, std::string_view key,
                                                 const rocksdb::Snapshot* snapshot = nullptr) const;
  std::unique_ptr<rocksdb::Iterator> Iterate(Space space,
                                             const rocksdb::ReadOptions& options = {}) const;
  // Returns once the batch is durable (unless the store was opened unsynced).
  absl::Status Write(rocksdb::WriteBatch& batch);

  // A file of sorted rows for a space, written apart and then taken in whole.
  std::string RunPath(uint64_t number) const;
  absl::StatusOr<std::unique_ptr<rocksdb::SstFileWriter>> NewRun(Space space,
                                                                 const std::string& path) const;
  absl::Status TakeIn(Space space, const std::string& path);

  rocksdb::ColumnFamilyHandle* handle(Space space) const {
    return handles_[static_cast<size_t>(space)];
  }
  rocksdb::DB& db() const { return *db_; }

 private:
  Database() = default;

  std::unique_ptr<rocksdb::DB> db_;
  std::array<rocksdb::ColumnFamilyHandle*, kSpaceNames.size()> handles_{};
  std::string directory_;
  bool sync_ = true;
};

// A parsed row; DATA_LOSS when the bytes are not one.
template <typename Record>
absl::StatusOr<Record> ParseRow(std::string_view bytes) {
  Record record;
  if (!record.ParseFromArray(bytes.data(), static_cast<int>(bytes.size()))) {
    return absl::DataLossError("a " + record.GetTypeName() + " row does not parse");
  }
  return record;
}

absl::Status FromRocks(const rocksdb::Status& status);

inline rocksdb::Slice ToSlice(std::string_view bytes) { return {bytes.data(), bytes.size()}; }
inline std::string_view ToView(const rocksdb::Slice& slice) { return {slice.data(), slice.size()}; }

}  // namespace owo::storage

#endif  // OWO_STORAGE_ROCKSDB_DATABASE_H_
