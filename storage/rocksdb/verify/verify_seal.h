// What is sealed of a store: where a fold of its journal begins, and what must be true of events
// that are not kept any more.

#ifndef OWO_STORAGE_ROCKSDB_VERIFY_VERIFY_SEAL_H_
#define OWO_STORAGE_ROCKSDB_VERIFY_VERIFY_SEAL_H_

#include <memory>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "storage/rocksdb/engine/database.h"
#include "storage/rocksdb/retention/sealed_fold.h"
#include "storage/verify.h"

namespace owo::storage {

// Null when nothing is sealed. DATA_LOSS when records were dropped and the sealed fold lacks them.
absl::StatusOr<std::unique_ptr<SealedFold>> OpenSealedFold(const Database& stored,
                                                           const std::string& data_dir,
                                                           rocksdb::Env* env);

// Writes into `scratch`, which has no rows of its own, what the sealed records fold to.
absl::Status CopyFold(const SealedFold& sealed, Database& scratch);

// That each sealed event stands in a journal record or has a seal, and that seals are what the
// sealed fold has.
absl::Status CompareSeals(const Database& stored, const SealedFold& sealed, VerifyReport& report);

}  // namespace owo::storage

#endif  // OWO_STORAGE_ROCKSDB_VERIFY_VERIFY_SEAL_H_
