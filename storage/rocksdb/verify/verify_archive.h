// Verifies the archive of a store: where the replay of its journal starts, and what must hold for
// expired events.

#ifndef OWO_STORAGE_ROCKSDB_VERIFY_VERIFY_ARCHIVE_H_
#define OWO_STORAGE_ROCKSDB_VERIFY_VERIFY_ARCHIVE_H_

#include <memory>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "storage/rocksdb/engine/database.h"
#include "storage/rocksdb/retention/archive_db.h"
#include "storage/verify.h"

namespace owo::storage {

// Opens the archive. Null if nothing is archived. DATA_LOSS if the archive lacks deleted records.
absl::StatusOr<std::unique_ptr<ArchiveDb>> OpenArchive(const Database& stored,
                                                       const std::string& data_dir,
                                                       rocksdb::Env* env);

// Copies the state that the archived records replay to into `scratch`. REQUIRES: `scratch` is
// empty.
absl::Status CopyArchive(const ArchiveDb& archive, Database& scratch);

// Checks that each archived event is in a journal record or has an archived counter, and that
// archived counters match the archive. Reports differences.
absl::Status CompareArchivedCounters(const Database& stored, const ArchiveDb& archive,
                                     VerifyReport& report);

}  // namespace owo::storage

#endif  // OWO_STORAGE_ROCKSDB_VERIFY_VERIFY_ARCHIVE_H_
