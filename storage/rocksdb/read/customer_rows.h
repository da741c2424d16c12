// A customer as its rows: the contract, its subscriptions one by one, and the personal rows. A
// change rewrites the rows that it concerns, and the journal holds what changed, without metadata.
//
// A former version kept a contract with all subscriptions and their metadata in one row, and the
// metadata of a customer in its record. Such rows are read as they are, and split by the
// customer's next change.

#ifndef OWO_STORAGE_ROCKSDB_READ_CUSTOMER_ROWS_H_
#define OWO_STORAGE_ROCKSDB_READ_CUSTOMER_ROWS_H_

#include <cstdint>
#include <string_view>

#include "absl/status/status.h"
#include "storage/store.h"

namespace owo::storage {

// Adds what a row of subscriptions or of metadata holds. Subscriptions come before metadata.
absl::Status AddSubscriptionRow(std::string_view value, Customer& customer);
absl::Status AddMetadataRow(std::string_view key, std::string_view value, Customer& customer);
// Call when every row was added. Puts subscriptions in order. DATA_LOSS when a row is missing.
absl::Status FinishCustomer(uint32_t metadata_rows_read, Customer& customer);

}  // namespace owo::storage

#endif  // OWO_STORAGE_ROCKSDB_READ_CUSTOMER_ROWS_H_
