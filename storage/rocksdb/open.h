// Opens the embedded store.
//
//   OWO_TRY(std::unique_ptr<Store> store, OpenRocksStore({.data_dir = "./var"}));
//
// Only one process at a time can open a directory. Opening creates a missing directory, and refuses
// one that is damaged or was written by a newer format. If the disk has no room for what opening
// writes, the store opens for reading: it keeps those writes in memory, answers reads, refuses
// writes with DiskFull (Store::Writable), and accepts writes once there is room.

#ifndef OWO_STORAGE_ROCKSDB_OPEN_H_
#define OWO_STORAGE_ROCKSDB_OPEN_H_

#include <memory>
#include <string>

#include "absl/status/statusor.h"
#include "storage/rocksdb/engine/open_options.h"
#include "storage/store.h"

namespace owo::storage {

absl::StatusOr<std::unique_ptr<Store>> OpenRocksStore(OpenOptions options);

// The version of the RocksDB library that is loaded: "7.8.3". Thread-safe.
std::string RocksVersion();

}  // namespace owo::storage

#endif  // OWO_STORAGE_ROCKSDB_OPEN_H_
