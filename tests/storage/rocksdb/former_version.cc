#include "tests/storage/rocksdb/former_version.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <string>
#include <utility>

#include "storage/convert.h"
#include "storage/records.pb.h"
#include "storage/rocksdb/format/keys.h"
#include "tests/storage/rocksdb/chunks.h"

namespace owo::storage {
namespace {

class Former {
 public:
  explicit Former(Database& database) : database_(database) {}

  void Rewrite() {
    ReadMetadata();
    RewriteJournal();
    RewriteRows();
    RewriteChunks();
    batch_.Put(ToSlice(keys::kFormat), ToSlice(kFormerFormat));
    ASSERT_TRUE(database_.Write(batch_).ok());
  }

 private:
  using Of = std::pair<TenantId, CustomerNo>;

  template <typename Row>
  void ForEach(ColumnFamily family, char letter, Row row) {
    const auto it = database_.Iterate(family);
    for (it->SeekToFirst(); it->Valid(); it->Next()) {
      const std::string_view key = ToView(it->key());
      if (letter == 0 || key[4] == letter) row(key, ToView(it->value()));
    }
  }

  void ReadMetadata() {
    ForEach(ColumnFamily::kCustomers, 'm', [this](std::string_view key, std::string_view value) {
      const auto [customer, subscription] = keys::ParseSubscription(key);
      metadata_[{*keys::ParseTenant(key), customer}][subscription] =
          ParseRow<MetadataRecord>(value).value();
      batch_.Delete(database_.handle(ColumnFamily::kCustomers), ToSlice(key));
    });
  }

  void RewriteJournal() {
    ForEach(ColumnFamily::kJournal, 0, [this](std::string_view key, std::string_view value) {
      JournalRecord record = ParseRow<JournalRecord>(value).value();
      for (JournalChange& change : *record.mutable_changes()) Rewrite(change);
      batch_.Put(database_.handle(ColumnFamily::kJournal), ToSlice(key),
                 record.SerializeAsString());
    });
  }

  void Rewrite(JournalChange& change) {
    const TenantId tenant{change.tenant()};
    if (change.has_contract_change()) {
      const ContractChangeRecord by = change.contract_change();
      *change.mutable_contract() = Changed({tenant, CustomerNo{by.number()}}, by);
    }
    if (change.has_invoice_created()) {
      invoices_[change.invoice_created().invoice().id()] = change.invoice_created().invoice();
    }
    if (change.has_invoice_update()) {
      const InvoiceUpdateRecord by = change.invoice_update();
      InvoiceRecord& invoice = invoices_.at(by.id());
      invoice.set_revision(by.revision());
      invoice.set_status(by.status());
      if (by.has_sequence()) invoice.set_sequence(by.sequence());
      if (by.has_finalized_us()) invoice.set_finalized_us(by.finalized_us());
      if (by.has_paid_us()) invoice.set_paid_us(by.paid_us());
      if (by.has_voided_us()) invoice.set_voided_us(by.voided_us());
      if (by.has_void_reason()) invoice.set_void_reason(by.void_reason());
      invoice.mutable_payments()->MergeFrom(by.payments());
      *change.mutable_invoice()->mutable_invoice() = invoice;
      change.mutable_invoice()->set_releases_coverage(by.releases_coverage());
    }
  }

  const ContractRecord& Changed(const Of& of, const ContractChangeRecord& by) {
    ContractRecord& contract = contracts_[of];
    contract.set_number(by.number());
    contract.set_generation(by.generation());
    contract.mutable_zones()->MergeFrom(by.zones());
    if (by.has_currency()) contract.set_currency(by.currency());
    if (by.has_spend_cap()) contract.set_spend_cap(by.spend_cap());
    if (by.no_spend_cap()) contract.clear_spend_cap();
    for (const SubscriptionRecord& given : by.subscriptions()) Put(of, contract, given);
    std::stable_sort(contract.mutable_subscriptions()->begin(),
                     contract.mutable_subscriptions()->end(),
                     [](const auto& a, const auto& b) { return a.start_us() < b.start_us(); });
    return contract;
  }

  void Put(const Of& of, ContractRecord& contract, const SubscriptionRecord& given) {
    auto& all = *contract.mutable_subscriptions();
    auto at = std::find_if(all.begin(), all.end(),
                           [&](const auto& each) { return each.number() == given.number(); });
    SubscriptionRecord& subscription = at == all.end() ? *all.Add() : *at;
    subscription = given;
    const auto& metadata = metadata_[of];
    const auto found = metadata.find(given.number());
    if (found != metadata.end()) *subscription.mutable_metadata() = found->second.metadata();
  }

  void RewriteRows() {
    for (const auto& [of, contract] : contracts_) {
      batch_.Put(database_.handle(ColumnFamily::kCustomers), keys::Contract(of.first, of.second),
                 contract.SerializeAsString());
    }
    ForEach(ColumnFamily::kCustomers, 's', [this](std::string_view key, std::string_view) {
      batch_.Delete(database_.handle(ColumnFamily::kCustomers), ToSlice(key));
    });
    ForEach(ColumnFamily::kCustomers, 'p', [this](std::string_view key, std::string_view value) {
      CustomerRecord record = ParseRow<CustomerRecord>(value).value();
      record.clear_metadata_rows();
      const auto& metadata = metadata_[{*keys::ParseTenant(key), keys::TrailingCustomer(key)}];
      const auto found = metadata.find(0);
      if (found != metadata.end()) *record.mutable_metadata() = found->second.metadata();
      batch_.Put(database_.handle(ColumnFamily::kCustomers), ToSlice(key),
                 record.SerializeAsString());
    });
  }

  void RewriteChunks() {
    ForEach(ColumnFamily::kUsageEvents, 0, [this](std::string_view key, std::string_view value) {
      batch_.Put(database_.handle(ColumnFamily::kUsageEvents), ToSlice(key), WithoutTimes(value));
    });
  }

  Database& database_;
  rocksdb::WriteBatch batch_;
  std::map<Of, std::map<uint32_t, MetadataRecord>> metadata_;  // by subscription
  std::map<Of, ContractRecord> contracts_;
  std::map<std::string, InvoiceRecord> invoices_;
};

}  // namespace

void MakeFormer(Database& database) { Former(database).Rewrite(); }

}  // namespace owo::storage
