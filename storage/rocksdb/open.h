// Opens the embedded store.
//
//   OWO_TRY(std::unique_ptr<Store> store, OpenRocksStore({.data_dir = "./var"}));
//
// One process at a time has a directory open. Opening creates what is not there; refuses a
// directory written by a newer format, and one that is damaged. Where the disk has no room for what
// opening writes the store opens all the same: it answers reads, from memory where need be, refuses
// writes with DiskFull (Store::Writable), and takes them as soon as there is room.

#ifndef OWO_STORAGE_ROCKSDB_OPEN_H_
#define OWO_STORAGE_ROCKSDB_OPEN_H_

#include <memory>

#include "absl/status/statusor.h"
#include "storage/rocksdb/engine/open_options.h"
#include "storage/store.h"

namespace owo::storage {

absl::StatusOr<std::unique_ptr<Store>> OpenRocksStore(OpenOptions options);

}  // namespace owo::storage

#endif  // OWO_STORAGE_ROCKSDB_OPEN_H_
