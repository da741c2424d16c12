#include "storage/rocksdb/commit/contract_change.h"

#include <google/protobuf/io/coded_stream.h>
#include <google/protobuf/io/zero_copy_stream_impl_lite.h>

#include <algorithm>
#include <map>
#include <string>
#include <utility>

#include "storage/rocksdb/format/keys.h"
#include "storage/util/try.h"

namespace owo::storage {
namespace {

using Metadata = google::protobuf::Map<std::string, std::string>;

const SubscriptionRecord* FindSubscription(const ContractRecord& contract, uint32_t number) {
  for (const SubscriptionRecord& subscription : contract.subscriptions()) {
    if (subscription.number() == number) return &subscription;
  }
  return nullptr;
}

SubscriptionRecord WithoutMetadata(SubscriptionRecord subscription) {
  subscription.clear_metadata();
  return subscription;
}

// Deterministic: the same metadata gives the same bytes.
std::string MetadataValue(const Metadata& metadata) {
  MetadataRecord record;
  *record.mutable_metadata() = metadata;
  std::string value;
  {
    google::protobuf::io::StringOutputStream stream(&value);
    google::protobuf::io::CodedOutputStream coded(&stream);
    coded.SetSerializationDeterministic(true);
    record.SerializeToCodedStream(&coded);
  }
  return value;
}

absl::StatusOr<std::optional<std::string>> StoredSubscription(const StagedBatch& staged,
                                                              TenantId tenant, CustomerNo customer,
                                                              const ContractRecord& stored,
                                                              uint32_t number) {
  if (const SubscriptionRecord* const whole = FindSubscription(stored, number)) {
    return WithoutMetadata(*whole).SerializeAsString();
  }
  if (stored.subscription_rows() == 0) return std::optional<std::string>();
  return staged.Get(ColumnFamily::kCustomers, keys::Subscription(tenant, customer, number));
}

// Moves each subscription of a contract row of an earlier version to a row of its own.
void SplitContract(StagedBatch& staged, TenantId tenant, ContractRecord& contract) {
  if (contract.subscriptions().empty()) return;
  const CustomerNo customer{contract.number()};
  contract.set_subscription_rows(static_cast<uint32_t>(contract.subscriptions_size()));
  for (SubscriptionRecord& subscription : *contract.mutable_subscriptions()) {
    subscription.clear_metadata();
    staged.Put(ColumnFamily::kCustomers,
               keys::Subscription(tenant, customer, subscription.number()),
               subscription.SerializeAsString());
  }
  contract.clear_subscriptions();
}

}  // namespace

absl::StatusOr<ContractChangeRecord> ChangeOf(const StagedBatch& staged, TenantId tenant,
                                              const ContractRecord& stored,
                                              const ContractRecord& wanted) {
  const CustomerNo customer{stored.number()};
  ContractChangeRecord change;
  for (int i = stored.zones_size(); i < wanted.zones_size(); ++i) {
    *change.add_zones() = wanted.zones(i);
  }
  if (wanted.currency() != stored.currency()) change.set_currency(wanted.currency());
  if (wanted.has_spend_cap() &&
      (!stored.has_spend_cap() || stored.spend_cap() != wanted.spend_cap())) {
    change.set_spend_cap(wanted.spend_cap());
  }
  if (!wanted.has_spend_cap() && stored.has_spend_cap()) change.set_no_spend_cap(true);
  for (const SubscriptionRecord& subscription : wanted.subscriptions()) {
    SubscriptionRecord record = WithoutMetadata(subscription);
    OWO_TRY(const auto former,
            StoredSubscription(staged, tenant, customer, stored, record.number()));
    if (former == record.SerializeAsString()) continue;
    *change.add_subscriptions() = std::move(record);
  }
  return change;
}

absl::Status ApplyContractChange(StagedBatch& staged, TenantId tenant,
                                 const ContractChangeRecord& change) {
  const CustomerNo customer{change.number()};
  const std::string key = keys::Contract(tenant, customer);
  OWO_TRY(auto row, staged.GetRecord<ContractRecord>(ColumnFamily::kCustomers, key));
  ContractRecord contract = std::move(row).value_or(ContractRecord());
  if (contract.generation() + 1 != change.generation()) {
    return absl::DataLossError("a contract's change does not follow the one before");
  }
  SplitContract(staged, tenant, contract);
  contract.set_number(change.number());
  contract.set_generation(change.generation());
  contract.mutable_zones()->MergeFrom(change.zones());
  if (change.has_currency()) contract.set_currency(change.currency());
  if (change.has_spend_cap()) contract.set_spend_cap(change.spend_cap());
  if (change.no_spend_cap()) contract.clear_spend_cap();
  for (const SubscriptionRecord& subscription : change.subscriptions()) {
    const std::string at = keys::Subscription(tenant, customer, subscription.number());
    OWO_TRY(const auto former, staged.Get(ColumnFamily::kCustomers, at));
    if (!former.has_value()) contract.set_subscription_rows(contract.subscription_rows() + 1);
    staged.Put(ColumnFamily::kCustomers, at, subscription.SerializeAsString());
  }
  staged.Put(ColumnFamily::kCustomers, key, contract.SerializeAsString());
  return absl::OkStatus();
}

absl::Status PutMetadata(StagedBatch& staged, TenantId tenant, const CustomerRecord& former,
                         const ContractRecord& stored, const PutCustomer& put,
                         CustomerRecord& record) {
  const CustomerNo customer{record.number()};
  // By subscription. Starts with metadata from rows of an earlier version; `put` replaces it.
  std::map<uint32_t, const Metadata*> metadata;
  for (const ContractRecord* const contract : {&stored, &put.contract}) {
    for (const SubscriptionRecord& subscription : contract->subscriptions()) {
      const bool keeps = contract == &put.contract && put.keeps_metadata;
      if (keeps && subscription.metadata().empty()) continue;
      metadata[subscription.number()] = &subscription.metadata();
    }
  }
  if (!put.keeps_metadata || !record.metadata().empty()) {
    metadata[0] = &record.metadata();
  } else if (!former.metadata().empty()) {
    metadata[0] = &former.metadata();  // of a row of an earlier version
  }
  uint32_t rows = former.metadata_rows();
  for (const auto& [number, labels] : metadata) {
    const std::string key = keys::Metadata(tenant, customer, number);
    std::optional<std::string> before;
    if (former.metadata_rows() > 0) {
      OWO_TRY(before, staged.Get(ColumnFamily::kCustomers, key));
    }
    if (labels->empty()) {
      if (before.has_value()) staged.Delete(ColumnFamily::kCustomers, key);
      rows -= before.has_value() ? 1 : 0;
      continue;
    }
    rows += before.has_value() ? 0 : 1;
    const std::string value = MetadataValue(*labels);
    if (before != value) staged.Put(ColumnFamily::kCustomers, key, value);
  }
  record.clear_metadata();
  record.set_metadata_rows(rows);
  return absl::OkStatus();
}

}  // namespace owo::storage
