// A file system that is read but never changed: what is written to it stays in memory, in front of
// the files that are there.
//
//   Overlay overlay(*rocksdb::Env::Default());
//   OpenRocksStore({.data_dir = "/data", .env = overlay.env()});
//   overlay.Bytes();     // what that wrote
//   overlay.Clear();     // as if it had never been opened
//
// Opening a database writes: a manifest, tables of what its logs hold, a log with a torn end cut
// off. Where there is no room for that, or no permission, the database opens over an overlay.

#ifndef OWO_STORAGE_ROCKSDB_ENGINE_OVERLAY_H_
#define OWO_STORAGE_ROCKSDB_ENGINE_OVERLAY_H_

#include <rocksdb/env.h>

#include <cstdint>
#include <memory>

namespace owo::storage {

class OverlayFiles;

// Thread-safe. Takes the lock files that are there, so that no other process changes what is below:
// for itself where it may write to them, else shared with others that only read.
class Overlay {
 public:
  // `below` must outlive it.
  explicit Overlay(rocksdb::Env& below);
  ~Overlay();

  // Whether this is the file system of an overlay. Over one no tables should be merged, as that
  // fills its memory.
  static bool IsOne(const rocksdb::Env& env);

  // Lives as long as the overlay.
  rocksdb::Env* env() const { return env_.get(); }
  // The size of the files in memory.
  uint64_t Bytes() const;
  // Drops them, and shows again those that were removed. Files that are open stay readable.
  void Clear();

 private:
  const std::shared_ptr<OverlayFiles> files_;
  const std::unique_ptr<rocksdb::Env> env_;
};

}  // namespace owo::storage

#endif  // OWO_STORAGE_ROCKSDB_ENGINE_OVERLAY_H_
