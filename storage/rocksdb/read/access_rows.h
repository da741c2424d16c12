// Reads the rows of tenants and API keys, which are in the column family `meta` among those of the
// whole store.
//
//   OWO_TRY(const AccessRecord access, ReadAccessRows(database, kReadAll));

#ifndef OWO_STORAGE_ROCKSDB_READ_ACCESS_ROWS_H_
#define OWO_STORAGE_ROCKSDB_READ_ACCESS_ROWS_H_

#include <cstdint>

#include "absl/status/statusor.h"
#include "storage/records.pb.h"
#include "storage/rocksdb/engine/database.h"

namespace owo::storage {

// As Store::AccessGeneration and Store::ReadAccess. Thread-safe. DATA_LOSS if a row does not parse.
absl::StatusOr<uint64_t> ReadAccessGeneration(const Database& database, const ReadOptions& read);
absl::StatusOr<AccessRecord> ReadAccessRows(const Database& database, const ReadOptions& read);

}  // namespace owo::storage

#endif  // OWO_STORAGE_ROCKSDB_READ_ACCESS_ROWS_H_
