// A customer as its rows: the contract, its subscriptions one by one, and the personal rows. A
// change rewrites the rows that it concerns, and the journal holds what changed, without metadata.
//
//   ContractChangeRecord change = ChangeOf(rows, contract);     // what `contract` adds to `rows`
//   OWO_RETURN_IF_ERROR(ApplyContractChange(pending, tenant, change));
//
// A former version kept a contract with all subscriptions and their metadata in one row, and the
// metadata of a customer in its record. Such rows are read as they are, and split by the
// customer's next change.

#ifndef OWO_STORAGE_ROCKSDB_CUSTOMER_ROWS_H_
#define OWO_STORAGE_ROCKSDB_CUSTOMER_ROWS_H_

#include <string_view>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "storage/records.pb.h"
#include "storage/rocksdb/pending.h"
#include "storage/store.h"
#include "storage/types.h"

namespace owo::storage {

// ---- Reading.

// Adds what a row of subscriptions or of metadata holds. Subscriptions come before metadata.
absl::Status AddSubscriptionRow(std::string_view value, Customer& customer);
absl::Status AddMetadataRow(std::string_view key, std::string_view value, Customer& customer);
// Call when every row was added. Puts subscriptions in order. DATA_LOSS when a row is missing.
absl::Status FinishCustomer(uint32_t metadata_rows_read, Customer& customer);

// ---- Writing.

// What `wanted` adds to the contract that is stored: see PutCustomer. `stored` is the contract's
// row, empty for a new customer. The result has neither number nor generation.
absl::StatusOr<ContractChangeRecord> ChangeOf(const Pending& pending, TenantId tenant,
                                              const ContractRecord& stored,
                                              const ContractRecord& wanted);

// Puts the rows of the contract as they are after the change. DATA_LOSS when the change does not
// follow the generation that is stored.
absl::Status ApplyContractChange(Pending& pending, TenantId tenant,
                                 const ContractChangeRecord& change);

// Puts the rows of metadata that change. `former` is the customer's row and `stored` the contract's
// row as they were before the change; both are empty for a new customer. Moves the metadata out of
// `record`, and counts the rows in it.
absl::Status PutMetadata(Pending& pending, TenantId tenant, const CustomerRecord& former,
                         const ContractRecord& stored, const ContractRecord& wanted,
                         CustomerRecord& record);

}  // namespace owo::storage

#endif  // OWO_STORAGE_ROCKSDB_CUSTOMER_ROWS_H_
