#include "storage/rocksdb/read/customer_rows.h"

#include <algorithm>
#include <utility>

#include "storage/convert.h"
#include "storage/rocksdb/format/keys.h"
#include "storage/util/try.h"
#include "storage/util/wire.h"

namespace owo::storage {

absl::StatusOr<uint64_t> GenerationOf(std::string_view contract_row) {
  uint64_t generation = 0;
  WireFields fields(contract_row);
  while (fields.Next()) {
    if (fields.number() == ContractRecord::kGenerationFieldNumber) generation = fields.Varint();
  }
  if (!fields.ok() || contract_row.empty()) {
    return absl::DataLossError("the row of a contract does not parse");
  }
  return generation;
}

absl::Status AddSubscriptionRow(std::string_view value, Customer& customer) {
  OWO_TRY(*customer.contract.add_subscriptions(), ParseRow<SubscriptionRecord>(value));
  return absl::OkStatus();
}

absl::Status AddMetadataRow(std::string_view key, std::string_view value, Customer& customer) {
  OWO_TRY(MetadataRecord row, ParseRow<MetadataRecord>(value));
  const uint32_t number = keys::ParseSubscription(key).second;
  if (number == 0) {
    customer.record.mutable_metadata()->swap(*row.mutable_metadata());
    return absl::OkStatus();
  }
  for (SubscriptionRecord& subscription : *customer.contract.mutable_subscriptions()) {
    if (subscription.number() != number) continue;
    subscription.mutable_metadata()->swap(*row.mutable_metadata());
    return absl::OkStatus();
  }
  return absl::DataLossError("there is metadata of a subscription that is missing");
}

void RemoveMetadata(Customer& customer) {
  customer.record.clear_metadata();
  for (SubscriptionRecord& subscription : *customer.contract.mutable_subscriptions()) {
    subscription.clear_metadata();
  }
}

absl::Status FinishCustomer(uint32_t metadata_rows_read, Customer& customer) {
  ContractRecord& contract = customer.contract;
  const auto subscriptions = static_cast<uint32_t>(contract.subscriptions_size());
  if (contract.subscription_rows() != 0 && contract.subscription_rows() != subscriptions) {
    return absl::DataLossError("a subscription's row is missing");
  }
  if (customer.record.metadata_rows() != metadata_rows_read) {
    return absl::DataLossError("a row of metadata is missing");
  }
  contract.clear_subscription_rows();
  customer.record.clear_metadata_rows();
  std::sort(contract.mutable_subscriptions()->pointer_begin(),
            contract.mutable_subscriptions()->pointer_end(), [](const auto* a, const auto* b) {
              return std::pair(a->start_us(), a->number()) < std::pair(b->start_us(), b->number());
            });
  return absl::OkStatus();
}

}  // namespace owo::storage
