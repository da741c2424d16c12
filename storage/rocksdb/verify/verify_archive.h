// What is archived of a store: where a replay of its journal begins, and what must be true of
// events that are not kept any more.

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

// Null when nothing is archived. DATA_LOSS when records were dropped and the archive lacks them.
absl::StatusOr<std::unique_ptr<ArchiveDb>> OpenArchive(const Database& stored,
                                                       const std::string& data_dir,
                                                       rocksdb::Env* env);

// Writes into `scratch`, which has no rows of its own, what the archived records replay to.
absl::Status CopyArchive(const ArchiveDb& archive, Database& scratch);

// That each archived event stands in a journal record or has an archived counter, and that archived
// counters are what the archive has.
absl::Status CompareArchivedCounters(const Database& stored, const ArchiveDb& archive,
                                     VerifyReport& report);

}  // namespace owo::storage

#endif  // OWO_STORAGE_ROCKSDB_VERIFY_VERIFY_ARCHIVE_H_
