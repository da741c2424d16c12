// A file system on top of another one, which it reads but never changes: writes stay in memory, and
// hide the files below.
//
//   Overlay overlay(*rocksdb::Env::Default());
//   OpenRocksStore({.data_dir = "/data", .env = overlay.env()});
//   overlay.Bytes();     // bytes that opening wrote
//   overlay.Clear();     // drops what was written
//
// Opening a database writes: a manifest, tables from the contents of its logs, a log without its
// torn end. If there is no room or no permission for that, the database is opened over an overlay.

#ifndef OWO_STORAGE_ROCKSDB_ENGINE_OVERLAY_H_
#define OWO_STORAGE_ROCKSDB_ENGINE_OVERLAY_H_

#include <rocksdb/env.h>

#include <cstdint>
#include <memory>

namespace owo::storage {

class OverlayFiles;

// Thread-safe. Locks the existing lock files, so that no other process changes the files below:
// exclusively if this process may write to them, otherwise shared with other readers.
class Overlay {
 public:
  // `below` must outlive it.
  explicit Overlay(rocksdb::Env& below);
  ~Overlay();

  // True if `env` is an overlay's. Tables should not be merged over an overlay, as that fills its
  // memory.
  static bool IsOne(const rocksdb::Env& env);

  // Lives as long as the overlay.
  rocksdb::Env* env() const { return env_.get(); }
  // The total size of the files in memory.
  uint64_t Bytes() const;
  // Drops the files in memory, and restores removed ones. Open files stay readable.
  void Clear();

 private:
  const std::shared_ptr<OverlayFiles> files_;
  const std::unique_ptr<rocksdb::Env> env_;
};

}  // namespace owo::storage

#endif  // OWO_STORAGE_ROCKSDB_ENGINE_OVERLAY_H_
