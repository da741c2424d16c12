// The embedded store: writes go to the committer, reads to the rows.

#include <rocksdb/version.h>

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "storage/decide_mutation.h"
#include "storage/rocksdb/backup/store_backups.h"
#include "storage/rocksdb/commit/committer.h"
#include "storage/rocksdb/engine/database.h"
#include "storage/rocksdb/engine/scrubber.h"
#include "storage/rocksdb/format/keys.h"
#include "storage/rocksdb/open.h"
#include "storage/rocksdb/read/access_rows.h"
#include "storage/rocksdb/read/event_reader.h"
#include "storage/rocksdb/read/reader.h"
#include "storage/rocksdb/retention/retention.h"
#include "storage/util/try.h"

namespace owo::storage {
namespace {

class RocksStore final : public Store {
 public:
  RocksStore(std::unique_ptr<Database> database, const OpenOptions& options)
      : options_(options),
        database_(std::move(database)),
        reader_(*database_, snapshots_),
        events_(*database_, snapshots_,
                [this](const AccountKey& account) { return committer_.FlushAccount(account); }),
        committer_(*database_, snapshots_, options) {}

  absl::Status Begin(absl::Time since) {
    OWO_RETURN_IF_ERROR(PrepareBackups());
    OWO_RETURN_IF_ERROR(committer_.Start());
    if (options_.on_recovery) {
      options_.on_recovery(
          {.duration = absl::Now() - since, .events = committer_.recovered_events()});
    }
    if (options_.retain.age > 0) {
      retention_ = std::make_unique<Retention>(*database_, reader_, options_);
    }
    if (options_.scrub.every > absl::ZeroDuration()) {
      scrubber_ = std::make_unique<Scrubber>(*database_, options_.scrub);
    }
    if (backups_ != nullptr) backups_->Start(retention_.get());
    return absl::OkStatus();
  }
  Backups* backups() override { return backups_.get(); }

  void Track(TrackCommand command, TrackDone done) override {
    committer_.Submit(std::move(command), std::move(done));
  }
  void Commit(Mutation mutation, MutationDone done) override {
    committer_.Submit(std::move(mutation), std::move(done));
  }

  absl::Status Writable() const override { return committer_.Writable(); }

  absl::StatusOr<uint64_t> CatalogGeneration(const ReadOptions& read,
                                             TenantId tenant) const override {
    if (const auto generation = snapshots_.CatalogGeneration(tenant)) return *generation;
    return Read(read, [&] { return reader_.CatalogGeneration(read, tenant); });
  }
  absl::StatusOr<CatalogRecord> ReadCatalog(const ReadOptions& read,
                                            TenantId tenant) const override {
    return Read(read, [&] { return reader_.ReadCatalog(read, tenant); });
  }
  absl::StatusOr<std::vector<PlanVersionHead>> ReadPlanVersions(const ReadOptions& read,
                                                                TenantId tenant, PlanNo plan,
                                                                uint32_t first) const override {
    return Read(read, [&] { return reader_.ReadPlanVersions(read, tenant, plan, first); });
  }
  absl::StatusOr<std::optional<PlanVersionRecord>> ReadPlanVersion(
      const ReadOptions& read, TenantId tenant, PlanNo plan, uint32_t version) const override {
    return Read(read, [&] { return reader_.ReadPlanVersion(read, tenant, plan, version); });
  }
  absl::StatusOr<uint64_t> CommitSequence(const ReadOptions& /*read*/,
                                          TenantId /*tenant*/) const override {
    return committer_.committed_sequence();
  }
  absl::StatusOr<std::optional<Micros>> LatestEvent(const ReadOptions& read,
                                                    TenantId tenant) const override {
    return Read(read, [&]() -> absl::StatusOr<std::optional<Micros>> {
      OWO_TRY(const auto row,
              reader_.Find<TenantRecord>(read, ColumnFamily::kMeta, keys::Tenant(tenant)));
      if (!row.has_value() || !row->has_latest_event_us()) return std::optional<Micros>();
      return std::optional<Micros>(row->latest_event_us());
    });
  }

  absl::StatusOr<std::optional<CustomerNo>> FindCustomer(const ReadOptions& read, TenantId tenant,
                                                         std::string_view id) const override {
    return Read(read, [&]() -> absl::StatusOr<std::optional<CustomerNo>> {
      OWO_TRY(const auto row,
              database_->Get(read, ColumnFamily::kCustomers, keys::CustomerId(tenant, id)));
      if (!row.has_value()) return std::optional<CustomerNo>();
      const std::optional<CustomerNo> number = keys::ParseCustomerValue(*row);
      if (!number.has_value()) return absl::DataLossError("a customer's number does not parse");
      return number;
    });
  }
  absl::StatusOr<std::vector<CustomerNo>> FindByEmail(const ReadOptions& read, TenantId tenant,
                                                      std::string_view email,
                                                      size_t limit) const override {
    return Read(read, [&] { return reader_.FindByEmail(read, tenant, email, limit); });
  }
  absl::StatusOr<Customer> ReadCustomer(const ReadOptions& read, TenantId tenant, CustomerNo number,
                                        const CustomerParts& parts) const override {
    return Read(read, [&] { return reader_.ReadCustomer(read, tenant, number, parts); });
  }
  absl::StatusOr<MetadataRecord> ReadMetadata(const ReadOptions& read, TenantId tenant,
                                              CustomerNo customer,
                                              uint32_t subscription) const override {
    return Read(read, [&] { return reader_.ReadMetadata(read, tenant, customer, subscription); });
  }
  absl::StatusOr<uint64_t> CustomerGeneration(const ReadOptions& read, TenantId tenant,
                                              CustomerNo number) const override {
    if (const auto generation = snapshots_.CustomerGeneration({tenant, number})) return *generation;
    return Read(read, [&] { return reader_.CustomerGeneration(read, tenant, number); });
  }
  absl::StatusOr<std::vector<ContractRecord>> ListContracts(const ReadOptions& read,
                                                            TenantId tenant, CustomerNo after,
                                                            size_t limit) const override {
    return Read(read, [&] { return reader_.ListContracts(read, tenant, after, limit); });
  }
  absl::StatusOr<CustomerList> ListCustomers(const ReadOptions& read, TenantId tenant,
                                             const CustomerListQuery& query) const override {
    return Read(read, [&] { return reader_.ListCustomers(read, tenant, query); });
  }

  absl::StatusOr<Account> ReadAccount(const ReadOptions& read, TenantId tenant, CustomerNo customer,
                                      std::span<const CounterKey> asked) const override {
    return Read(read, [&] { return reader_.ReadAccount(read, tenant, customer, asked); });
  }
  absl::StatusOr<std::vector<Counter>> ListCounters(const ReadOptions& read, TenantId tenant,
                                                    CustomerNo customer, FeatureNo feature,
                                                    const std::optional<CounterKey>& before,
                                                    size_t limit) const override {
    return Read(
        read, [&] { return reader_.ListCounters(read, tenant, customer, feature, before, limit); });
  }

  absl::StatusOr<EventList> ListEvents(const ReadOptions& read, TenantId tenant,
                                       const CounterKey& counter,
                                       const EventQuery& query) const override {
    if (read.tier == ReadTier::kMemoryOnly) return ReadNeedsDisk();  // it may wait for a commit
    return Read(read, [&] { return events_.List(tenant, counter, query); });
  }

  absl::StatusOr<std::optional<std::string>> ReadInvoice(const ReadOptions& read, TenantId tenant,
                                                         std::string_view id) const override {
    return Read(read, [&] { return reader_.ReadInvoice(read, tenant, id); });
  }
  absl::StatusOr<InvoiceList> ListInvoices(const ReadOptions& read, TenantId tenant,
                                           const InvoiceListQuery& query) const override {
    return Read(read, [&] { return reader_.ListInvoices(read, tenant, query); });
  }

  absl::StatusOr<uint64_t> AccessGeneration(const ReadOptions& read) const override {
    return Read(read, [&] { return ReadAccessGeneration(*database_, read); });
  }
  absl::StatusOr<AccessRecord> ReadAccess(const ReadOptions& read) const override {
    return Read(read, [&] { return ReadAccessRows(*database_, read); });
  }

  absl::StatusOr<std::optional<RequestRecord>> FindRequest(const ReadOptions& read, TenantId tenant,
                                                           std::string_view method,
                                                           std::string_view id,
                                                           Micros now) const override {
    return Read(read, [&]() -> absl::StatusOr<std::optional<RequestRecord>> {
      OWO_TRY(auto row, reader_.Find<RequestRecord>(read, ColumnFamily::kRequests,
                                                    keys::Request(tenant, method, id)));
      if (row.has_value() && RequestExpired(row->committed_us(), now)) row.reset();
      return row;
    });
  }

 private:
  // Before anything is written: that may migrate the data to the format of this version.
  absl::Status PrepareBackups() {
    if (!options_.backup.dir.empty()) {
      OWO_RETURN_IF_ERROR(CheckBackupDir(options_));
      backups_ = std::make_unique<StoreBackups>(*database_, options_);
    }
    OWO_TRY(const auto format, database_->Get(ColumnFamily::kMeta, keys::kFormat));
    if (backups_ != nullptr) {
      if (database_->full().ok()) return backups_->BeforeMigration();
      if (format == kFormatVersion) return absl::OkStatus();
      // Writing begins by itself once there is room: that would migrate without a backup.
      return absl::FailedPreconditionError(
          absl::StrCat("the data has format ", format.value_or(""),
                       ", and cannot be backed up before it becomes ", std::string(kFormatVersion),
                       ": its disk is full"));
    }
    if (format != kFormatVersion && options_.backup.on_migration_without_backup) {
      options_.backup.on_migration_without_backup(absl::FailedPreconditionError(
          absl::StrCat("format ", format.value_or(""), " becomes ", std::string(kFormatVersion))));
    }
    return absl::OkStatus();
  }

  // Holds in_use, so that the database is not reopened (after a full disk) during the read.
  template <typename Reading>
  auto Read(const ReadOptions& read, const Reading& reading) const -> decltype(reading()) {
    if (read.tier == ReadTier::kMemoryOnly) return ReadAtOnce(reading);
    const absl::ReaderMutexLock lock(&database_->in_use());
    if (!database_->is_open()) return absl::UnavailableError("the database is not open");
    return reading();
  }

  // The same, but ReadNeedsDisk() if the lock would have to be waited for.
  template <typename Reading>
  auto ReadAtOnce(const Reading& reading) const -> decltype(reading()) {
    absl::Mutex& in_use = database_->in_use();
    if (!in_use.ReaderTryLock()) return ReadNeedsDisk();
    decltype(reading()) result = absl::UnavailableError("the database is not open");
    if (database_->is_open()) result = reading();
    in_use.ReaderUnlock();
    return result;
  }

  const OpenOptions options_;
  const std::unique_ptr<Database> database_;
  AccountSnapshots snapshots_;
  const Reader reader_;
  const EventReader events_;
  Committer committer_;
  std::unique_ptr<Retention> retention_;   // null when events are kept forever
  std::unique_ptr<Scrubber> scrubber_;     // null when scrubbing is off
  std::unique_ptr<StoreBackups> backups_;  // null without a directory for them
};

}  // namespace

absl::StatusOr<std::unique_ptr<Store>> OpenRocksStore(OpenOptions options) {
  const absl::Time start = absl::Now();
  options.queue_max = std::max<size_t>(options.queue_max, 1);  // 0 would refuse every write
  OWO_TRY(std::unique_ptr<Database> database, Database::Open(options, Database::OnFullDisk::kRead));
  auto store = std::make_unique<RocksStore>(std::move(database), options);
  OWO_RETURN_IF_ERROR(store->Begin(start));
  return store;
}

std::string RocksVersion() { return rocksdb::GetRocksVersionAsString(); }

}  // namespace owo::storage
