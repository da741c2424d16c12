// The part of Reader that puts a customer together from its rows.

#include <utility>

#include "storage/rocksdb/customer_rows.h"
#include "storage/rocksdb/keys.h"
#include "storage/rocksdb/reader.h"
#include "storage/try.h"

namespace owo::storage {

absl::StatusOr<Customer> Reader::ReadCustomer(const ReadOptions& read, TenantId tenant,
                                              CustomerNo number) const {
  // One snapshot: a change names the generation that it was read at.
  rocksdb::ManagedSnapshot managed(&database_.db());
  const rocksdb::Snapshot* const snapshot = managed.snapshot();
  OWO_TRY(auto record,
          Find<CustomerRecord>(read, Space::kCustomers, keys::Customer(tenant, number), snapshot));
  OWO_TRY(auto contract,
          Find<ContractRecord>(read, Space::kCustomers, keys::Contract(tenant, number), snapshot));
  if (!record.has_value() || !contract.has_value()) {
    return absl::DataLossError("a customer's rows are missing");
  }
  Customer customer{*std::move(record), *std::move(contract)};
  OWO_RETURN_IF_ERROR(ReadCustomerParts(read, tenant, customer, snapshot));
  return customer;
}

absl::Status Reader::ReadCustomerParts(const ReadOptions& read, TenantId tenant, Customer& customer,
                                       const rocksdb::Snapshot* snapshot) const {
  const CustomerNo number{customer.record.number()};
  if (customer.contract.subscription_rows() > 0) {
    const std::string prefix = keys::Subscriptions(tenant, number);
    OWO_RETURN_IF_ERROR(Scan(
        read, Space::kCustomers, prefix, keys::EndOf(prefix), Direction::kForward,
        [&](std::string_view, std::string_view value) -> absl::StatusOr<bool> {
          OWO_RETURN_IF_ERROR(AddSubscriptionRow(value, customer));
          return true;
        },
        snapshot));
  }
  uint32_t metadata_rows = 0;
  if (customer.record.metadata_rows() > 0) {
    const std::string prefix = keys::MetadataOf(tenant, number);
    OWO_RETURN_IF_ERROR(Scan(
        read, Space::kCustomers, prefix, keys::EndOf(prefix), Direction::kForward,
        [&](std::string_view key, std::string_view value) -> absl::StatusOr<bool> {
          OWO_RETURN_IF_ERROR(AddMetadataRow(key, value, customer));
          ++metadata_rows;
          return true;
        },
        snapshot));
  }
  return FinishCustomer(metadata_rows, customer);
}

absl::StatusOr<std::vector<ContractRecord>> Reader::ListContracts(const ReadOptions& read,
                                                                  TenantId tenant, CustomerNo after,
                                                                  size_t limit) const {
  rocksdb::ManagedSnapshot managed(&database_.db());
  const rocksdb::Snapshot* const snapshot = managed.snapshot();
  const std::string first = keys::Contract(tenant, CustomerNo{static_cast<uint64_t>(after) + 1});
  const std::string last = keys::Contract(tenant, CustomerNo{UINT64_MAX});
  std::vector<ContractRecord> contracts;
  OWO_RETURN_IF_ERROR(Scan(
      read, Space::kCustomers, first, last, Direction::kForward,
      [&](std::string_view, std::string_view row) -> absl::StatusOr<bool> {
        if (contracts.size() >= limit) return false;
        OWO_TRY(contracts.emplace_back(), ParseRow<ContractRecord>(row));
        return true;
      },
      snapshot));
  for (ContractRecord& contract : contracts) {
    if (contract.subscription_rows() == 0) continue;
    Customer customer{.contract = std::move(contract)};
    const std::string prefix = keys::Subscriptions(tenant, CustomerNo{customer.contract.number()});
    OWO_RETURN_IF_ERROR(Scan(
        read, Space::kCustomers, prefix, keys::EndOf(prefix), Direction::kForward,
        [&](std::string_view, std::string_view value) -> absl::StatusOr<bool> {
          OWO_RETURN_IF_ERROR(AddSubscriptionRow(value, customer));
          return true;
        },
        snapshot));
    OWO_RETURN_IF_ERROR(FinishCustomer(/*metadata_rows_read=*/0, customer));
    contract = std::move(customer.contract);
  }
  return contracts;
}

}  // namespace owo::storage
