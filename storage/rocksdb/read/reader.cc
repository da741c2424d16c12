#include "storage/rocksdb/read/reader.h"

#include <algorithm>
#include <map>
#include <string>
#include <utility>

#include "storage/convert.h"
#include "storage/rocksdb/format/keys.h"
#include "storage/rocksdb/read/customer_rows.h"
#include "storage/util/try.h"
#include "storage/util/wire.h"

namespace owo::storage {
namespace {

// The account without Account::asked.
Account OpenOf(const AccountSnapshot& snapshot) {
  Account account{.customer_generation = snapshot.customer_generation,
                  .usage_version = snapshot.usage_version,
                  .invoice_version = snapshot.invoice_version,
                  .latest_event = snapshot.latest_event};
  // Backwards, so that the open counter of a group comes before the group's earlier segments.
  for (auto at = snapshot.counters.rbegin(); at != snapshot.counters.rend(); ++at) {
    const bool shares = !account.open.empty() && at->key.SameGroup(account.open.back().key);
    if (at->open || shares) account.open.push_back(*at);
  }
  std::reverse(account.open.begin(), account.open.end());
  return account;
}

// The most counters of an account that are copied for a read which must not block. Copying more
// takes milliseconds and megabytes, and the threads of such reads are not bounded in number.
constexpr size_t kCopiedAtOnceMax = 10'000;

absl::Status NotACustomer() { return absl::DataLossError("a customer's number does not parse"); }

// The smallest key that is greater than `key`.
std::string KeyAfter(std::string key) { return std::move(key.append(1, '\0')); }

// Whether the invoice in a row has this status, if any is asked for.
absl::StatusOr<bool> HasStatus(std::string_view row, std::optional<InvoiceStatusRecord> status) {
  if (!status.has_value()) return true;
  uint64_t stored = INVOICE_STATUS_RECORD_UNSPECIFIED;
  WireFields fields(row);
  while (fields.Next()) {
    if (fields.number() == InvoiceRecord::kStatusFieldNumber) stored = fields.Varint();
  }
  if (!fields.ok()) return absl::DataLossError("the row of an invoice does not parse");
  return stored == static_cast<uint64_t>(*status);
}

// The row without its terms, which are most of its bytes and are skipped.
absl::StatusOr<PlanVersionHead> HeadOf(std::string_view row) {
  std::string head;
  WireFields fields(row);
  while (fields.Next()) {
    if (fields.number() != PlanVersionRecord::kFeaturesFieldNumber) head.append(fields.Field());
  }
  if (!fields.ok()) return absl::DataLossError("a row of a plan's version does not parse");
  OWO_TRY(PlanVersionRecord record, ParseRow<PlanVersionRecord>(head));
  return PlanVersionHead{.record = std::move(record), .bytes = row.size()};
}

}  // namespace

absl::Status Reader::Scan(const ReadOptions& read, ColumnFamily family, std::string_view lower,
                          std::string_view upper, Direction direction, const EachRow& each,
                          const rocksdb::Snapshot* snapshot) const {
  const rocksdb::Slice from = ToSlice(lower);
  const rocksdb::Slice to = ToSlice(upper);
  rocksdb::ReadOptions options;
  options.snapshot = snapshot;
  options.iterate_lower_bound = &from;
  options.iterate_upper_bound = &to;
  const auto it = database_.Iterate(read, family, options);
  const bool forward = direction == Direction::kForward;
  for (forward ? it->SeekToFirst() : it->SeekToLast(); it->Valid();
       forward ? it->Next() : it->Prev()) {
    OWO_TRY(const bool more, each(ToView(it->key()), ToView(it->value())));
    if (!more) break;
  }
  return FromRead(read, it->status());
}

absl::StatusOr<std::vector<CustomerNo>> Reader::FindByEmail(const ReadOptions& read,
                                                            TenantId tenant, std::string_view email,
                                                            size_t limit) const {
  const std::string prefix = keys::EmailPrefix(tenant, email);
  std::vector<CustomerNo> found;
  OWO_RETURN_IF_ERROR(Scan(read, ColumnFamily::kCustomers, prefix, keys::EndOf(prefix),
                           Direction::kForward,
                           [&](std::string_view key, std::string_view) -> absl::StatusOr<bool> {
                             if (found.size() >= limit) return false;
                             found.push_back(keys::TrailingCustomer(key));
                             return true;
                           }));
  return found;
}

absl::StatusOr<std::optional<Counter>> Reader::FindCounter(
    const ReadOptions& read, TenantId tenant, const CounterKey& key,
    const rocksdb::Snapshot* snapshot) const {
  OWO_TRY(const auto row,
          Find<CounterRecord>(read, ColumnFamily::kUsage, keys::Counter(tenant, key), snapshot));
  if (!row.has_value()) return std::optional<Counter>();
  return FromRecord(key, *row);
}

absl::StatusOr<Account> Reader::ReadAccount(const ReadOptions& read, TenantId tenant,
                                            CustomerNo customer,
                                            std::span<const CounterKey> asked) const {
  Account account;
  bool is_large = false;
  const bool found = snapshots_.Find({tenant, customer}, [&](const AccountSnapshot& snapshot) {
    is_large = snapshot.counters.size() > kCopiedAtOnceMax;
    if (is_large && read.tier == ReadTier::kMemoryOnly) return;
    account = OpenOf(snapshot);
    for (const CounterKey& key : asked) {
      const Counter* const counter = snapshot.Find(key);
      account.asked.push_back(counter == nullptr ? std::nullopt : std::optional(*counter));
    }
  });
  if (!found) {
    OWO_TRY(account, ReadRows(read, tenant, customer, asked));
  } else {
    if (is_large && read.tier == ReadTier::kMemoryOnly) return ReadNeedsDisk();
    for (size_t i = 0; i < asked.size(); ++i) {
      if (account.asked[i].has_value()) continue;
      OWO_TRY(account.asked[i], FindCounter(read, tenant, asked[i], nullptr));
    }
  }
  // Read last: not older than the one that any of the counters was opened at.
  OWO_TRY(account.catalog_generation, CatalogGeneration(read, tenant));
  return account;
}

absl::StatusOr<Account> Reader::ReadRows(const ReadOptions& read, TenantId tenant,
                                         CustomerNo customer,
                                         std::span<const CounterKey> asked) const {
  rocksdb::ManagedSnapshot managed(&database_.db());
  const rocksdb::Snapshot* const snapshot = managed.snapshot();
  OWO_TRY(const auto row, Find<AccountRecord>(read, ColumnFamily::kUsage,
                                              keys::Account(tenant, customer), snapshot));
  Account account;
  OWO_TRY(account.customer_generation, StoredGeneration(read, tenant, customer, snapshot));
  if (row.has_value()) {
    account.usage_version = row->usage_version();
    account.invoice_version = row->invoice_version();
    if (row->latest_event_us() != INT64_MIN) account.latest_event = row->latest_event_us();
    for (const CounterKeyRecord& open : row->open()) {
      CounterKey key = FromRecord(open);
      key.customer = customer;
      const bool same_group = !account.open.empty() && account.open.back().key.SameGroup(key);
      const uint32_t last = key.segment;
      for (key.segment = same_group ? account.open.back().key.segment + 1 : 0; key.segment <= last;
           ++key.segment) {
        OWO_TRY(auto counter, FindCounter(read, tenant, key, snapshot));
        if (counter.has_value()) {
          account.open.push_back(*std::move(counter));
        } else if (key.segment == last) {
          return absl::DataLossError("an open counter is missing");
        }
      }
    }
  }
  for (const CounterKey& key : asked) {
    OWO_TRY(account.asked.emplace_back(), FindCounter(read, tenant, key, snapshot));
  }
  return account;
}

absl::StatusOr<std::vector<Counter>> Reader::ListCounters(const ReadOptions& read, TenantId tenant,
                                                          CustomerNo customer, FeatureNo feature,
                                                          const std::optional<CounterKey>& before,
                                                          size_t limit) const {
  // Read the snapshot before the rows: if it is replaced by newer rows in between, the scan finds
  // those.
  std::map<CounterKey, Counter> merged;
  const bool found = snapshots_.Find({tenant, customer}, [&](const AccountSnapshot& snapshot) {
    for (const Counter& counter : snapshot.counters) {
      const bool wanted = (feature == FeatureNo{} || counter.key.feature == feature) &&
                          (!before.has_value() || counter.key < *before);
      if (wanted) merged.emplace(counter.key, counter);
    }
  });
  OWO_TRY(std::vector<Counter> counters, ListRows(read, tenant, customer, feature, before, limit));
  if (!found) return counters;
  for (Counter& counter : counters) merged.emplace(counter.key, std::move(counter));
  counters.clear();
  for (auto at = merged.rbegin(); at != merged.rend() && counters.size() < limit; ++at) {
    counters.push_back(std::move(at->second));
  }
  return counters;
}

absl::StatusOr<std::vector<Counter>> Reader::ListRows(const ReadOptions& read, TenantId tenant,
                                                      CustomerNo customer, FeatureNo feature,
                                                      const std::optional<CounterKey>& before,
                                                      size_t limit) const {
  const std::string prefix = keys::CountersOf(tenant, customer, feature);
  const std::string to = before.has_value() ? keys::Counter(tenant, *before) : keys::EndOf(prefix);
  std::vector<Counter> counters;
  OWO_RETURN_IF_ERROR(
      Scan(read, ColumnFamily::kUsage, prefix, to, Direction::kBackward,
           [&](std::string_view key, std::string_view value) -> absl::StatusOr<bool> {
             if (counters.size() >= limit) return false;
             const std::optional<CounterKey> parsed = keys::ParseCounter(key);
             if (!parsed.has_value()) return absl::DataLossError("a counter's key does not parse");
             OWO_TRY(const CounterRecord record, ParseRow<CounterRecord>(value));
             OWO_TRY(counters.emplace_back(), FromRecord(*parsed, record));
             return true;
           }));
  return counters;
}

absl::StatusOr<std::optional<std::string>> Reader::ReadInvoice(const ReadOptions& read,
                                                               TenantId tenant,
                                                               std::string_view id) const {
  OWO_TRY(const auto customer,
          database_.Get(read, ColumnFamily::kInvoices, keys::InvoiceId(tenant, id)));
  if (!customer.has_value()) return std::optional<std::string>();
  const std::optional<CustomerNo> number = keys::ParseCustomerValue(*customer);
  if (!number.has_value()) return NotACustomer();
  const std::string key = keys::Invoice(tenant, *number, id);
  OWO_TRY(auto row, database_.Get(read, ColumnFamily::kInvoices, key));
  if (!row.has_value()) return absl::DataLossError("an invoice that has an id is missing");
  return row;
}

// A customer's invoices are adjacent rows, newest first. For a whole tenant, the ids are scanned
// and each invoice is read on its own.
absl::StatusOr<InvoiceList> Reader::ListInvoices(const ReadOptions& read, TenantId tenant,
                                                 const InvoiceListQuery& query) const {
  const bool of_all = query.customer == CustomerNo{};
  const std::string prefix =
      of_all ? keys::InvoiceIds(tenant) : keys::InvoicesOf(tenant, query.customer);
  std::string from = prefix;
  if (!query.before.empty()) {
    from = KeyAfter(of_all ? keys::InvoiceId(tenant, query.before)
                           : keys::Invoice(tenant, query.customer, query.before));
  }
  InvoiceList list;
  std::string last;  // id of the last invoice that was read
  size_t bytes = 0;
  size_t work = 0;
  const auto take = [&](std::string_view key, std::string_view value) -> absl::StatusOr<bool> {
    const bool full = list.rows.size() >= query.limit || bytes >= query.bytes_max;
    if (full || work >= query.work_max) {
      list.next = last;
      return false;
    }
    const std::string id = keys::TrailingInvoice(key);
    std::optional<std::string> row;
    if (of_all) {
      OWO_TRY(row, ReadInvoice(read, tenant, id));
      if (!row.has_value()) return absl::DataLossError("an invoice is missing");
      value = *row;
    }
    if (value.empty()) return absl::DataLossError("an invoice is empty");
    OWO_TRY(const bool wanted, HasStatus(value, query.status));
    if (wanted) {
      if (!list.rows.empty() && value.size() > query.bytes_max - bytes) {
        list.next = last;
        return false;
      }
      bytes += value.size();
      list.rows.emplace_back(value);
    }
    last = id;
    ++work;
    return true;
  };
  OWO_RETURN_IF_ERROR(
      Scan(read, ColumnFamily::kInvoices, from, keys::EndOf(prefix), Direction::kForward, take));
  return list;
}

// ---- Customers.

absl::StatusOr<Customer> Reader::ReadCustomer(const ReadOptions& read, TenantId tenant,
                                              CustomerNo number, const CustomerParts& parts) const {
  // One snapshot for all rows: a change has to name the generation that it was based on.
  rocksdb::ManagedSnapshot managed(&database_.db());
  return ReadCustomerAt(read, tenant, number, parts, managed.snapshot());
}

absl::StatusOr<Customer> Reader::ReadCustomerAt(const ReadOptions& read, TenantId tenant,
                                                CustomerNo number, const CustomerParts& parts,
                                                const rocksdb::Snapshot* snapshot) const {
  OWO_TRY(auto record, Find<CustomerRecord>(read, ColumnFamily::kCustomers,
                                            keys::Customer(tenant, number), snapshot));
  OWO_TRY(auto contract, Find<ContractRecord>(read, ColumnFamily::kCustomers,
                                              keys::Contract(tenant, number), snapshot));
  if (!record.has_value() || !contract.has_value()) {
    return absl::DataLossError("a customer's rows are missing");
  }
  Customer customer{*std::move(record), *std::move(contract)};
  if (parts.subscriptions) {
    OWO_RETURN_IF_ERROR(ReadSubscriptions(read, tenant, customer, snapshot));
  } else {
    customer.contract.clear_subscriptions();  // of a row of an earlier version
    customer.contract.clear_subscription_rows();
  }
  uint32_t metadata_rows = customer.record.metadata_rows();
  if (parts.metadata) {
    OWO_TRY(metadata_rows, ReadMetadataRows(read, tenant, parts.subscriptions, customer, snapshot));
  } else {
    RemoveMetadata(customer);  // of rows of an earlier version
  }
  OWO_RETURN_IF_ERROR(FinishCustomer(metadata_rows, customer));
  return customer;
}

absl::Status Reader::ReadSubscriptions(const ReadOptions& read, TenantId tenant, Customer& customer,
                                       const rocksdb::Snapshot* snapshot) const {
  if (customer.contract.subscription_rows() == 0) return absl::OkStatus();
  const std::string prefix = keys::Subscriptions(tenant, CustomerNo{customer.contract.number()});
  return Scan(
      read, ColumnFamily::kCustomers, prefix, keys::EndOf(prefix), Direction::kForward,
      [&](std::string_view, std::string_view value) -> absl::StatusOr<bool> {
        OWO_RETURN_IF_ERROR(AddSubscriptionRow(value, customer));
        return true;
      },
      snapshot);
}

absl::StatusOr<uint32_t> Reader::ReadMetadataRows(const ReadOptions& read, TenantId tenant,
                                                  bool all, Customer& customer,
                                                  const rocksdb::Snapshot* snapshot) const {
  const CustomerNo number{customer.record.number()};
  const uint32_t rows = customer.record.metadata_rows();
  if (rows == 0) return 0;
  if (!all) {
    const std::string key = keys::Metadata(tenant, number, 0);
    OWO_TRY(const auto row, database_.Get(read, ColumnFamily::kCustomers, key, snapshot));
    if (row.has_value()) OWO_RETURN_IF_ERROR(AddMetadataRow(key, *row, customer));
    return rows;
  }
  uint32_t rows_read = 0;
  const std::string prefix = keys::MetadataOf(tenant, number);
  OWO_RETURN_IF_ERROR(Scan(
      read, ColumnFamily::kCustomers, prefix, keys::EndOf(prefix), Direction::kForward,
      [&](std::string_view key, std::string_view value) -> absl::StatusOr<bool> {
        OWO_RETURN_IF_ERROR(AddMetadataRow(key, value, customer));
        ++rows_read;
        return true;
      },
      snapshot));
  return rows_read;
}

absl::StatusOr<MetadataRecord> Reader::ReadMetadata(const ReadOptions& read, TenantId tenant,
                                                    CustomerNo customer,
                                                    uint32_t subscription) const {
  OWO_TRY(auto row, Find<MetadataRecord>(read, ColumnFamily::kCustomers,
                                         keys::Metadata(tenant, customer, subscription)));
  if (row.has_value()) return *std::move(row);
  // An earlier version stored it in the contract's row.
  OWO_TRY(const auto contract,
          Find<ContractRecord>(read, ColumnFamily::kCustomers, keys::Contract(tenant, customer)));
  if (!contract.has_value()) return absl::DataLossError("a customer's rows are missing");
  MetadataRecord metadata;
  for (const SubscriptionRecord& record : contract->subscriptions()) {
    if (record.number() == subscription) *metadata.mutable_metadata() = record.metadata();
  }
  return metadata;
}

absl::StatusOr<CustomerList> Reader::ListCustomers(const ReadOptions& read, TenantId tenant,
                                                   const CustomerListQuery& query) const {
  const std::string prefix = keys::CustomerId(tenant, "");
  const std::string from =
      query.after.empty() ? prefix : KeyAfter(keys::CustomerId(tenant, query.after));
  // One snapshot, so that the page is in the order of the ids in it while customers are renamed.
  rocksdb::ManagedSnapshot managed(&database_.db());
  const rocksdb::Snapshot* const snapshot = managed.snapshot();
  CustomerList list;
  std::string last;  // id in the key of the last customer
  size_t bytes = 0;
  const auto take = [&](std::string_view key, std::string_view value) -> absl::StatusOr<bool> {
    const bool full = list.customers.size() >= query.limit || bytes >= query.bytes_max;
    if (!full) {
      const auto number = keys::ParseCustomerValue(value);
      if (!number.has_value()) return NotACustomer();
      OWO_TRY(Customer customer,
              ReadCustomerAt(read, tenant, *number, {.subscriptions = false}, snapshot));
      const size_t more = customer.record.ByteSizeLong() + customer.contract.ByteSizeLong();
      if (list.customers.empty() || more <= query.bytes_max - bytes) {
        bytes += more;
        list.customers.push_back(std::move(customer));
        last = key.substr(prefix.size());
        return true;
      }
    }
    list.next = last;
    return false;
  };
  OWO_RETURN_IF_ERROR(Scan(read, ColumnFamily::kCustomers, from, keys::EndOf(prefix),
                           Direction::kForward, take, snapshot));
  return list;
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
      read, ColumnFamily::kCustomers, first, last, Direction::kForward,
      [&](std::string_view, std::string_view row) -> absl::StatusOr<bool> {
        if (contracts.size() >= limit) return false;
        OWO_TRY(contracts.emplace_back(), ParseRow<ContractRecord>(row));
        return true;
      },
      snapshot));
  for (ContractRecord& contract : contracts) {
    if (contract.subscription_rows() == 0) continue;
    Customer customer{.contract = std::move(contract)};
    OWO_RETURN_IF_ERROR(ReadSubscriptions(read, tenant, customer, snapshot));
    OWO_RETURN_IF_ERROR(FinishCustomer(/*metadata_rows_read=*/0, customer));
    contract = std::move(customer.contract);
  }
  return contracts;
}

// ---- The catalog.

absl::StatusOr<uint64_t> Reader::StoredGeneration(const ReadOptions& read, TenantId tenant,
                                                  CustomerNo number,
                                                  const rocksdb::Snapshot* snapshot) const {
  OWO_TRY(const auto row,
          database_.Get(read, ColumnFamily::kCustomers, keys::Contract(tenant, number), snapshot));
  return row.has_value() ? GenerationOf(*row) : uint64_t{0};
}

absl::StatusOr<uint64_t> Reader::CustomerGeneration(const ReadOptions& read, TenantId tenant,
                                                    CustomerNo number) const {
  if (const auto generation = snapshots_.CustomerGeneration({tenant, number})) return *generation;
  return StoredGeneration(read, tenant, number, nullptr);
}

absl::StatusOr<uint64_t> Reader::CatalogGeneration(const ReadOptions& read, TenantId tenant) const {
  if (const auto generation = snapshots_.CatalogGeneration(tenant)) return *generation;
  OWO_TRY(const auto row, Find<TenantRecord>(read, ColumnFamily::kMeta, keys::Tenant(tenant)));
  return row.has_value() ? row->catalog_generation() : 0;
}

absl::StatusOr<CatalogRecord> Reader::ReadCatalog(const ReadOptions& read, TenantId tenant) const {
  rocksdb::ManagedSnapshot managed(&database_.db());
  const rocksdb::Snapshot* const snapshot = managed.snapshot();
  CatalogRecord catalog;
  OWO_TRY(const auto of_tenant,
          Find<TenantRecord>(read, ColumnFamily::kMeta, keys::Tenant(tenant), snapshot));
  if (of_tenant.has_value()) catalog.set_generation(of_tenant->catalog_generation());
  const auto scan = [&](const std::string& prefix, const auto& each) {
    return Scan(
        read, ColumnFamily::kCatalog, prefix, keys::EndOf(prefix), Direction::kForward,
        [&](std::string_view, std::string_view value) -> absl::StatusOr<bool> {
          OWO_RETURN_IF_ERROR(each(value));
          return true;
        },
        snapshot);
  };
  OWO_RETURN_IF_ERROR(scan(keys::Features(tenant), [&](std::string_view value) -> absl::Status {
    OWO_TRY(*catalog.add_features(), ParseRow<FeatureRecord>(value));
    return absl::OkStatus();
  }));
  OWO_RETURN_IF_ERROR(scan(keys::Plans(tenant), [&](std::string_view value) -> absl::Status {
    OWO_TRY(*catalog.add_plans(), ParseRow<PlanRecord>(value));
    return absl::OkStatus();
  }));
  return catalog;
}

absl::StatusOr<std::vector<PlanVersionHead>> Reader::ReadPlanVersions(const ReadOptions& read,
                                                                      TenantId tenant, PlanNo plan,
                                                                      uint32_t first) const {
  std::vector<PlanVersionHead> heads;
  OWO_RETURN_IF_ERROR(Scan(read, ColumnFamily::kCatalog, keys::PlanVersion(tenant, plan, first),
                           keys::EndOf(keys::PlanVersions(tenant, plan)), Direction::kForward,
                           [&](std::string_view, std::string_view value) -> absl::StatusOr<bool> {
                             OWO_TRY(heads.emplace_back(), HeadOf(value));
                             return true;
                           }));
  return heads;
}

absl::StatusOr<std::optional<PlanVersionRecord>> Reader::ReadPlanVersion(const ReadOptions& read,
                                                                         TenantId tenant,
                                                                         PlanNo plan,
                                                                         uint32_t version) const {
  return Find<PlanVersionRecord>(read, ColumnFamily::kCatalog,
                                 keys::PlanVersion(tenant, plan, version));
}

}  // namespace owo::storage
