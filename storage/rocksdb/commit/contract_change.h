// Changes of a customer: what a new contract adds to the rows that are stored, and the rows after
// it.
//
//   ContractChangeRecord change = ChangeOf(rows, contract);     // what `contract` adds to `rows`
//   OWO_RETURN_IF_ERROR(ApplyContractChange(staged, tenant, change));

#ifndef OWO_STORAGE_ROCKSDB_COMMIT_CONTRACT_CHANGE_H_
#define OWO_STORAGE_ROCKSDB_COMMIT_CONTRACT_CHANGE_H_

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "storage/records.pb.h"
#include "storage/rocksdb/commit/staged_batch.h"
#include "storage/types.h"

namespace owo::storage {

// What `wanted` adds to the contract that is stored: see PutCustomer. `stored` is the contract's
// row, empty for a new customer. The result has neither number nor generation.
absl::StatusOr<ContractChangeRecord> ChangeOf(const StagedBatch& staged, TenantId tenant,
                                              const ContractRecord& stored,
                                              const ContractRecord& wanted);

// Puts the rows of the contract as they are after the change. DATA_LOSS when the change does not
// follow the generation that is stored.
absl::Status ApplyContractChange(StagedBatch& staged, TenantId tenant,
                                 const ContractChangeRecord& change);

// Puts the rows of metadata that change. `former` is the customer's row and `stored` the contract's
// row as they were before the change; both are empty for a new customer. Moves the metadata out of
// `record`, and counts the rows in it.
absl::Status PutMetadata(StagedBatch& staged, TenantId tenant, const CustomerRecord& former,
                         const ContractRecord& stored, const ContractRecord& wanted,
                         CustomerRecord& record);

}  // namespace owo::storage

#endif  // OWO_STORAGE_ROCKSDB_COMMIT_CONTRACT_CHANGE_H_
