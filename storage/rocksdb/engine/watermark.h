// The newest acknowledged journal sequence, in a file outside the database. RocksDB opens a
// database whose write-ahead log is missing or truncated, or which is an old copy, without an
// error. Only a record kept elsewhere can reveal that.
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

// The content of one of the file's two slots.
std::string PackMark(uint64_t sequence);

// A sequence passed to Advance() survives a kill of the process at once, without waiting for the
// disk. It survives a power loss from the next Sync() on. Advance() syncs once a second, and on its
// first call after NewLog(). So the loss of a log with acknowledged records is always noticed; a
// truncated log is noticed except for, after a power loss, its last second.
//
// The file has two slots. The slot that was synced last is not overwritten until the other one has
// been synced, so that one of them is always whole.
//
// Only the writing thread may call it, except NewLog().
class Watermark {
 public:
  // Creates the file, durably, for a database whose records up to `sequence` are acknowledged; 0: a
  // new one.
  static absl::Status Create(rocksdb::Env& env, const std::string& path, uint64_t sequence = 0);
  // NOT_FOUND if there is no such file, DATA_LOSS if neither slot can be read.
  static absl::StatusOr<std::unique_ptr<Watermark>> Open(rocksdb::Env& env,
                                                         const std::string& path);

  uint64_t sequence() const { return sequence_; }
  bool synced() const { return synced_; }

  // Call when the record of this sequence is durable. REQUIRES: it is newer than sequence().
  absl::Status Advance(uint64_t sequence);
  absl::Status Sync();
  // Later records are written to another log. Thread-safe.
  void NewLog() { new_log_ = true; }

 private:
  Watermark(std::unique_ptr<rocksdb::RandomRWFile> file, std::string path)
      : file_(std::move(file)), path_(std::move(path)) {}
  absl::Status Read();

  const std::unique_ptr<rocksdb::RandomRWFile> file_;
  const std::string path_;
  uint64_t sequence_ = 0;
  int next_ = 0;  // the slot to write to
  bool synced_ = true;
  absl::Time synced_at_ = absl::InfinitePast();
  std::atomic<bool> new_log_ = true;
};

}  // namespace owo::storage

#endif  // OWO_STORAGE_ROCKSDB_ENGINE_WATERMARK_H_
