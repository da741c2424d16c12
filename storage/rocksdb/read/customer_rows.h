// Assembles a customer from its rows: the contract, one row per subscription, and the personal
// rows. A change rewrites only the rows that it affects. The journal holds what changed, without
// metadata.
//
//   for (…) OWO_RETURN_IF_ERROR(AddSubscriptionRow(value, customer));
//   for (…) OWO_RETURN_IF_ERROR(AddMetadataRow(key, value, customer));
//   OWO_RETURN_IF_ERROR(FinishCustomer(metadata_rows, customer));
//
// An earlier version stored a contract with all subscriptions and their metadata in one row, and a
// customer's metadata in its record. Such rows can still be read; the customer's next change splits
// them.

#ifndef OWO_STORAGE_ROCKSDB_READ_CUSTOMER_ROWS_H_
#define OWO_STORAGE_ROCKSDB_READ_CUSTOMER_ROWS_H_

#include <cstdint>
#include <string_view>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "storage/store.h"

namespace owo::storage {

// The generation in a contract's row. Parses nothing else: a row of an earlier version has all
// subscriptions. DATA_LOSS if the row is damaged.
absl::StatusOr<uint64_t> GenerationOf(std::string_view contract_row);
// Adds the content of one subscription or metadata row. Add all subscriptions before metadata.
// DATA_LOSS if a row is damaged, or has metadata of a subscription that is missing.
absl::Status AddSubscriptionRow(std::string_view value, Customer& customer);
absl::Status AddMetadataRow(std::string_view key, std::string_view value, Customer& customer);
// Removes all metadata, which rows of an earlier version have in them.
void RemoveMetadata(Customer& customer);
// Call after all rows were added. Sorts subscriptions by start. DATA_LOSS if a row is missing.
absl::Status FinishCustomer(uint32_t metadata_rows_read, Customer& customer);

}  // namespace owo::storage

#endif  // OWO_STORAGE_ROCKSDB_READ_CUSTOMER_ROWS_H_
