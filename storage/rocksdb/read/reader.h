// Reads committed data: rows, overlaid with the account snapshots, which may not be flushed yet.
//
//   Reader reader(database, snapshots);
//   OWO_TRY(const Customer customer, reader.ReadCustomer(kReadAll, tenant, number, {}));

#ifndef OWO_STORAGE_ROCKSDB_READ_READER_H_
#define OWO_STORAGE_ROCKSDB_READ_READER_H_

#include <functional>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "storage/convert.h"
#include "storage/rocksdb/engine/database.h"
#include "storage/rocksdb/read/account_snapshots.h"
#include "storage/store.h"

namespace owo::storage {

// Thread-safe: has no state of its own.
class Reader final : public CatalogSource {
 public:
  // `database` and `snapshots` must outlive the reader.
  Reader(const Database& database, const AccountSnapshots& snapshots)
      : database_(database), snapshots_(snapshots) {}

  // The catalog: see CatalogSource.
  absl::StatusOr<uint64_t> CatalogGeneration(const ReadOptions& read,
                                             TenantId tenant) const override;
  absl::StatusOr<CatalogRecord> ReadCatalog(const ReadOptions& read,
                                            TenantId tenant) const override;
  absl::StatusOr<std::vector<PlanVersionHead>> ReadPlanVersions(const ReadOptions& read,
                                                                TenantId tenant, PlanNo plan,
                                                                uint32_t first) const override;
  absl::StatusOr<std::optional<PlanVersionRecord>> ReadPlanVersion(const ReadOptions& read,
                                                                   TenantId tenant, PlanNo plan,
                                                                   uint32_t version) const override;

  // As the functions of Store with these names.
  absl::StatusOr<Customer> ReadCustomer(const ReadOptions& read, TenantId tenant, CustomerNo number,
                                        const CustomerParts& parts) const;
  absl::StatusOr<MetadataRecord> ReadMetadata(const ReadOptions& read, TenantId tenant,
                                              CustomerNo customer, uint32_t subscription) const;
  absl::StatusOr<uint64_t> CustomerGeneration(const ReadOptions& read, TenantId tenant,
                                              CustomerNo number) const;
  absl::StatusOr<std::vector<ContractRecord>> ListContracts(const ReadOptions& read,
                                                            TenantId tenant, CustomerNo after,
                                                            size_t limit) const;
  absl::StatusOr<CustomerList> ListCustomers(const ReadOptions& read, TenantId tenant,
                                             const CustomerListQuery& query) const;
  absl::StatusOr<std::vector<CustomerNo>> FindByEmail(const ReadOptions& read, TenantId tenant,
                                                      std::string_view email, size_t limit) const;
  absl::StatusOr<Account> ReadAccount(const ReadOptions& read, TenantId tenant, CustomerNo customer,
                                      std::span<const CounterKey> asked) const;
  absl::StatusOr<std::vector<Counter>> ListCounters(const ReadOptions& read, TenantId tenant,
                                                    CustomerNo customer, FeatureNo feature,
                                                    const std::optional<CounterKey>& before,
                                                    size_t limit) const;
  absl::StatusOr<std::optional<std::string>> ReadInvoice(const ReadOptions& read, TenantId tenant,
                                                         std::string_view id) const;
  absl::StatusOr<InvoiceList> ListInvoices(const ReadOptions& read, TenantId tenant,
                                           const InvoiceListQuery& query) const;
  // Reads and parses one row; nullopt if there is none. DATA_LOSS if it does not parse.
  template <typename Record>
  absl::StatusOr<std::optional<Record>> Find(const ReadOptions& read, ColumnFamily family,
                                             std::string_view key,
                                             const rocksdb::Snapshot* snapshot = nullptr) const {
    absl::StatusOr<std::optional<std::string>> row = database_.Get(read, family, key, snapshot);
    if (!row.ok()) return row.status();
    if (!row->has_value()) return std::optional<Record>();
    return ParseRow<Record>(**row);
  }

 private:
  enum class Direction { kForward, kBackward };
  using EachRow = std::function<absl::StatusOr<bool>(std::string_view, std::string_view)>;

  // Calls `each` with the key and value of the rows in [lower, upper), until it returns false.
  absl::Status Scan(const ReadOptions& read, ColumnFamily family, std::string_view lower,
                    std::string_view upper, Direction direction, const EachRow& each,
                    const rocksdb::Snapshot* snapshot = nullptr) const;
  absl::StatusOr<Customer> ReadCustomerAt(const ReadOptions& read, TenantId tenant,
                                          CustomerNo number, const CustomerParts& parts,
                                          const rocksdb::Snapshot* snapshot) const;
  // Adds the subscription rows that the customer's contract counts.
  absl::Status ReadSubscriptions(const ReadOptions& read, TenantId tenant, Customer& customer,
                                 const rocksdb::Snapshot* snapshot) const;
  // Adds the metadata of the customer and, if `all`, of its subscriptions. Returns how many rows of
  // metadata the customer should have according to what was read.
  absl::StatusOr<uint32_t> ReadMetadataRows(const ReadOptions& read, TenantId tenant, bool all,
                                            Customer& customer,
                                            const rocksdb::Snapshot* snapshot) const;
  // As CustomerGeneration, ReadAccount and ListCounters, but from rows only.
  absl::StatusOr<uint64_t> StoredGeneration(const ReadOptions& read, TenantId tenant,
                                            CustomerNo number,
                                            const rocksdb::Snapshot* snapshot) const;
  absl::StatusOr<Account> ReadRows(const ReadOptions& read, TenantId tenant, CustomerNo customer,
                                   std::span<const CounterKey> asked) const;
  absl::StatusOr<std::vector<Counter>> ListRows(const ReadOptions& read, TenantId tenant,
                                                CustomerNo customer, FeatureNo feature,
                                                const std::optional<CounterKey>& before,
                                                size_t limit) const;
  absl::StatusOr<std::optional<Counter>> FindCounter(const ReadOptions& read, TenantId tenant,
                                                     const CounterKey& key,
                                                     const rocksdb::Snapshot* snapshot) const;

  const Database& database_;
  const AccountSnapshots& snapshots_;
};

}  // namespace owo::storage

#endif  // OWO_STORAGE_ROCKSDB_READ_READER_H_
