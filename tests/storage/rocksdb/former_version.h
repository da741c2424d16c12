// The rows and the journal of a closed store as the former version would have written them:
// contracts whole, with their subscriptions and all metadata, invoices whole at each change, and
// chunks of events without their times.
//
//   MakeFormer(*OpenDatabase("/data", env));
#ifndef OWO_TESTS_STORAGE_ROCKSDB_FORMER_VERSION_H_
#define OWO_TESTS_STORAGE_ROCKSDB_FORMER_VERSION_H_

#include "storage/rocksdb/engine/database.h"

namespace owo::storage {

// The test fails if the journal is not what this version writes.
void MakeFormer(Database& database);

}  // namespace owo::storage

#endif  // OWO_TESTS_STORAGE_ROCKSDB_FORMER_VERSION_H_
