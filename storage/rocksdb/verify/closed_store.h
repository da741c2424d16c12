// Opens a store that no server has open, without changing it.
//
//   const Overlay overlay(*rocksdb::Env::Default());
//   OWO_RETURN_IF_ERROR(CheckThere("./var", nullptr));
//   OWO_TRY(const auto database, OpenClosed("./var", overlay));

#ifndef OWO_STORAGE_ROCKSDB_VERIFY_CLOSED_STORE_H_
#define OWO_STORAGE_ROCKSDB_VERIFY_CLOSED_STORE_H_

#include <memory>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "storage/rocksdb/engine/database.h"
#include "storage/rocksdb/engine/overlay.h"

namespace owo::storage {

// Checks that the directory holds a store. NOT_FOUND if it does not, PERMISSION_DENIED if it may
// not be read. A store without a watermark counts as present: it is damaged. `env`: null for the
// machine's file system.
absl::Status CheckThere(const std::string& data_dir, rocksdb::Env* env);

// Opens the database with rows up to the journal's end, as a server that was stopped leaves it.
// What that writes stays in the overlay's memory: about as much as the write-ahead logs hold.
// FAILED_PRECONDITION if another process has the store open; otherwise the errors of
// Database::Open.
absl::StatusOr<std::unique_ptr<Database>> OpenClosed(const std::string& data_dir,
                                                     const Overlay& overlay);

// The same status, but PERMISSION_DENIED, with the directory's name, if it says that this user may
// not read something.
absl::Status NameForbidden(const absl::Status& status, const std::string& data_dir);

}  // namespace owo::storage

#endif  // OWO_STORAGE_ROCKSDB_VERIFY_CLOSED_STORE_H_
