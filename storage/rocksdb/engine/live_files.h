// The files that a database consists of at one moment, kept so that they can be copied while the
// database is written to.
//
//   OWO_TRY(const auto live, LiveFiles::Capture(database));
//   for (const rocksdb::LiveFileStorageInfo& file : live->files()) { … copy file.size bytes … }

#ifndef OWO_STORAGE_ROCKSDB_ENGINE_LIVE_FILES_H_
#define OWO_STORAGE_ROCKSDB_ENGINE_LIVE_FILES_H_

#include <rocksdb/metadata.h>

#include <memory>
#include <vector>

#include "absl/status/statusor.h"
#include "storage/rocksdb/engine/database.h"

namespace owo::storage {

// The tables, the manifest and the write-ahead logs. A copy of `size` bytes of each opens, and has
// every record that was durable before Capture(). Until this object is destroyed, no file that it
// names is deleted.
class LiveFiles {
 public:
  // Waits for an ingestion. `database` must outlive the result and
  // stay open: hold a LongUse.
  static absl::StatusOr<std::unique_ptr<LiveFiles>> Capture(const Database& database);
  ~LiveFiles();
  LiveFiles(const LiveFiles&) = delete;
  LiveFiles& operator=(const LiveFiles&) = delete;

  const std::vector<rocksdb::LiveFileStorageInfo>& files() const { return files_; }
  const Database& database() const { return database_; }

 private:
  explicit LiveFiles(const Database& database) : database_(database) {}

  const Database& database_;
  std::vector<rocksdb::LiveFileStorageInfo> files_;
};

}  // namespace owo::storage

#endif  // OWO_STORAGE_ROCKSDB_ENGINE_LIVE_FILES_H_
