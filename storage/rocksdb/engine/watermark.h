// The newest journal record that was acknowledged, in a file beside the database. RocksDB opens a
// database whose write-ahead log is missing or cut off, and one that is an old copy, as if nothing
// had ever been there: only what is written elsewhere tells.
//
//   OWO_TRY(std::unique_ptr<Watermark> watermark, Watermark::Open(env, "/data/WATERMARK"));
//   if (newest_in_the_journal < watermark->sequence()) … DATA_LOSS
//   OWO_RETURN_IF_ERROR(watermark->Advance(sequence));   // the record is durable; then answer it

#ifndef OWO_STORAGE_ROCKSDB_ENGINE_WATERMARK_H_
#define OWO_STORAGE_ROCKSDB_ENGINE_WATERMARK_H_

#include <rocksdb/env.h>

#include <atomic>
#include <cstdint>
#include <memory>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"

namespace owo::storage {

// What stands in one of the file's two places.
std::string PackMark(uint64_t sequence);

// What Advance() was told survives a kill of the process at once, without waiting for the disk. It
// survives a loss of power from the next Sync() on. Advance() syncs once a second, and the first
// time that it is called after NewLog(): so no log whose records were acknowledged is lost
// unnoticed, whatever happens, and of the end of a log at most the last second's, if the power
// fails as well.
//
// The file has two places. The one that was synced last is not written to until the other has been
// synced, so that one of them is always whole.
//
// The writing thread's, but for NewLog().
class Watermark {
 public:
  // Makes the file, durably, for a database that does not exist yet.
  static absl::Status Create(rocksdb::Env& env, const std::string& path);
  // NOT_FOUND when there is no such file, DATA_LOSS when neither of its places can be read.
  static absl::StatusOr<std::unique_ptr<Watermark>> Open(rocksdb::Env& env,
                                                         const std::string& path);

  uint64_t sequence() const { return sequence_; }
  bool synced() const { return synced_; }

  // The record of this sequence is durable. REQUIRES: it is newer than sequence().
  absl::Status Advance(uint64_t sequence);
  absl::Status Sync();
  // What is written from here on stands in another log. Thread-safe.
  void NewLog() { new_log_ = true; }

 private:
  Watermark(std::unique_ptr<rocksdb::RandomRWFile> file, std::string path)
      : file_(std::move(file)), path_(std::move(path)) {}
  absl::Status Read();

  const std::unique_ptr<rocksdb::RandomRWFile> file_;
  const std::string path_;
  uint64_t sequence_ = 0;
  int next_ = 0;  // the place to write to
  bool synced_ = true;
  absl::Time synced_at_ = absl::InfinitePast();
  std::atomic<bool> new_log_ = true;
};

}  // namespace owo::storage

#endif  // OWO_STORAGE_ROCKSDB_ENGINE_WATERMARK_H_
