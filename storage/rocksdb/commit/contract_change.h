// Changes of a customer: computes what a new contract adds to the stored rows, and stages the rows
// after the change.
//
//   OWO_TRY(ContractChangeRecord change, ChangeOf(staged, tenant, stored, wanted));
//   change.set_number(number);
//   change.set_generation(stored.generation() + 1);
//   OWO_RETURN_IF_ERROR(ApplyContractChange(staged, tenant, change));

#ifndef OWO_STORAGE_ROCKSDB_COMMIT_CONTRACT_CHANGE_H_
#define OWO_STORAGE_ROCKSDB_COMMIT_CONTRACT_CHANGE_H_

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "storage/commands.h"
#include "storage/records.pb.h"
#include "storage/rocksdb/commit/staged_batch.h"
#include "storage/types.h"

namespace owo::storage {

// Returns what `wanted` adds to the stored contract: see PutCustomer. `stored` is the contract's
// row, empty for a new customer. The result has neither number nor generation.
absl::StatusOr<ContractChangeRecord> ChangeOf(const StagedBatch& staged, TenantId tenant,
                                              const ContractRecord& stored,
                                              const ContractRecord& wanted);

// Stages the rows of the contract as they are after the change. DATA_LOSS if the change does not
// follow the stored generation.
absl::Status ApplyContractChange(StagedBatch& staged, TenantId tenant,
                                 const ContractChangeRecord& change);

// Stages the metadata rows that change. `former` is the customer's row and `stored` the contract's
// row before the change; both are empty for a new customer. `record`: of `put`, with its number.
// Moves the metadata out of it, and sets its number of metadata rows.
absl::Status PutMetadata(StagedBatch& staged, TenantId tenant, const CustomerRecord& former,
                         const ContractRecord& stored, const PutCustomer& put,
                         CustomerRecord& record);

}  // namespace owo::storage

#endif  // OWO_STORAGE_ROCKSDB_COMMIT_CONTRACT_CHANGE_H_
