// Wraps a real store. A test can act before a write, that is, between a decision and its commit,
// and before counters are read. It also counts reads.
//
//   store.BeforeNextTrack([&] { Must(ledger.Subscribe({.customer = "ada", .plan = "max"})); });
//   ledger.Use("ada", "calls", "1");   // was resolved on the old plan before the change
#ifndef OWO_TESTS_SUPPORT_INTERPOSED_STORE_H_
#define OWO_TESTS_SUPPORT_INTERPOSED_STORE_H_

#include <atomic>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <span>
#include <string_view>
#include <utility>
#include <vector>

#include "storage/store.h"

namespace owo::storage {

// Thread-safe.
class InterposedStore final : public Store {
 public:
  explicit InterposedStore(std::unique_ptr<Store> store) : store_(std::move(store)) {}

  // `act` runs once, on the writing thread, before the store gets the write.
  void BeforeNextTrack(std::function<void()> act) { Set(before_track_, std::move(act)); }
  void BeforeNextCommit(std::function<void()> act) { Set(before_commit_, std::move(act)); }
  // `act` runs once, before counters are read.
  void BeforeNextRead(std::function<void()> act) { Set(before_read_, std::move(act)); }
  // `act` runs before each read of counters or each write of events, but not in one that it makes
  // itself. Null: no longer.
  void BeforeEveryRead(std::function<void()> act) { Set(before_every_read_, std::move(act)); }
  void BeforeEveryTrack(std::function<void()> act) { Set(before_every_track_, std::move(act)); }
  // The next `passes` calls of Track reach the store; the one after them is answered with `status`.
  void RefuseTrackAfter(int passes, absl::Status status) {
    const std::lock_guard lock(mutex_);
    passes_ = passes;
    refusal_ = std::move(status);
  }

  // The next commit is answered with `status` and does not reach the store.
  void RefuseNextCommit(absl::Status status) {
    const std::lock_guard lock(mutex_);
    commit_refusal_ = std::move(status);
  }

  // Number of objects read so far; for events, the number examined.
  size_t catalogs_read() const { return catalogs_read_; }
  size_t versions_listed() const { return versions_listed_; }
  size_t versions_read() const { return versions_read_; }
  size_t counters_listed() const { return counters_listed_; }
  size_t events_listed() const { return events_listed_; }
  // Number of Track commands so far, with any outcome.
  size_t tracks() const { return tracks_; }

  absl::Status Writable() const override { return store_->Writable(); }
  void Track(TrackCommand command, TrackDone done) override {
    ++tracks_;
    Act(before_track_);
    ActEach(before_every_track_);
    if (const absl::Status refusal = NextRefusal(); !refusal.ok()) return done(refusal);
    store_->Track(std::move(command), std::move(done));
  }
  void Commit(Mutation mutation, MutationDone done) override {
    Act(before_commit_);
    if (const absl::Status refusal = CommitRefusal(); !refusal.ok()) return done(refusal);
    store_->Commit(std::move(mutation), std::move(done));
  }

  absl::StatusOr<uint64_t> CatalogGeneration(const ReadOptions& read,
                                             TenantId tenant) const override {
    return store_->CatalogGeneration(read, tenant);
  }
  absl::StatusOr<CatalogRecord> ReadCatalog(const ReadOptions& read,
                                            TenantId tenant) const override {
    ++catalogs_read_;
    return store_->ReadCatalog(read, tenant);
  }
  absl::StatusOr<uint64_t> CommitSequence(const ReadOptions& read, TenantId tenant) const override {
    return store_->CommitSequence(read, tenant);
  }
  absl::StatusOr<std::vector<PlanVersionHead>> ReadPlanVersions(const ReadOptions& read,
                                                                TenantId tenant, PlanNo plan,
                                                                uint32_t first) const override {
    auto heads = store_->ReadPlanVersions(read, tenant, plan, first);
    if (heads.ok()) versions_listed_ += heads->size();
    return heads;
  }
  absl::StatusOr<std::optional<PlanVersionRecord>> ReadPlanVersion(
      const ReadOptions& read, TenantId tenant, PlanNo plan, uint32_t version) const override {
    ++versions_read_;
    return store_->ReadPlanVersion(read, tenant, plan, version);
  }
  absl::StatusOr<std::optional<Micros>> LatestEvent(const ReadOptions& read,
                                                    TenantId tenant) const override {
    return store_->LatestEvent(read, tenant);
  }
  absl::StatusOr<std::optional<CustomerNo>> FindCustomer(const ReadOptions& read, TenantId tenant,
                                                         std::string_view id) const override {
    return store_->FindCustomer(read, tenant, id);
  }
  absl::StatusOr<std::vector<CustomerNo>> FindByEmail(const ReadOptions& read, TenantId tenant,
                                                      std::string_view email,
                                                      size_t limit) const override {
    return store_->FindByEmail(read, tenant, email, limit);
  }
  using Store::ReadCustomer;
  absl::StatusOr<Customer> ReadCustomer(const ReadOptions& read, TenantId tenant, CustomerNo number,
                                        const CustomerParts& parts) const override {
    return store_->ReadCustomer(read, tenant, number, parts);
  }
  absl::StatusOr<MetadataRecord> ReadMetadata(const ReadOptions& read, TenantId tenant,
                                              CustomerNo customer,
                                              uint32_t subscription) const override {
    return store_->ReadMetadata(read, tenant, customer, subscription);
  }
  absl::StatusOr<uint64_t> CustomerGeneration(const ReadOptions& read, TenantId tenant,
                                              CustomerNo number) const override {
    return store_->CustomerGeneration(read, tenant, number);
  }
  absl::StatusOr<std::vector<ContractRecord>> ListContracts(const ReadOptions& read,
                                                            TenantId tenant, CustomerNo after,
                                                            size_t limit) const override {
    return store_->ListContracts(read, tenant, after, limit);
  }
  absl::StatusOr<CustomerList> ListCustomers(const ReadOptions& read, TenantId tenant,
                                             const CustomerListQuery& query) const override {
    return store_->ListCustomers(read, tenant, query);
  }
  absl::StatusOr<Account> ReadAccount(const ReadOptions& read, TenantId tenant, CustomerNo customer,
                                      std::span<const CounterKey> asked) const override {
    Act(before_read_);
    ActEach(before_every_read_);
    return store_->ReadAccount(read, tenant, customer, asked);
  }
  absl::StatusOr<std::vector<Counter>> ListCounters(const ReadOptions& read, TenantId tenant,
                                                    CustomerNo customer, FeatureNo feature,
                                                    const std::optional<CounterKey>& before,
                                                    size_t limit) const override {
    Act(before_read_);
    ActEach(before_every_read_);
    auto counters = store_->ListCounters(read, tenant, customer, feature, before, limit);
    if (counters.ok()) counters_listed_ += counters->size();
    return counters;
  }
  absl::StatusOr<EventList> ListEvents(const ReadOptions& read, TenantId tenant,
                                       const CounterKey& counter,
                                       const EventQuery& query) const override {
    auto list = store_->ListEvents(read, tenant, counter, query);
    if (list.ok()) events_listed_ += list->work;
    return list;
  }
  absl::StatusOr<std::optional<std::string>> ReadInvoice(const ReadOptions& read, TenantId tenant,
                                                         std::string_view id) const override {
    return store_->ReadInvoice(read, tenant, id);
  }
  absl::StatusOr<InvoiceList> ListInvoices(const ReadOptions& read, TenantId tenant,
                                           const InvoiceListQuery& query) const override {
    return store_->ListInvoices(read, tenant, query);
  }
  absl::StatusOr<uint64_t> AccessGeneration(const ReadOptions& read) const override {
    return store_->AccessGeneration(read);
  }
  absl::StatusOr<AccessRecord> ReadAccess(const ReadOptions& read) const override {
    return store_->ReadAccess(read);
  }
  absl::StatusOr<std::optional<RequestRecord>> FindRequest(const ReadOptions& read, TenantId tenant,
                                                           std::string_view method,
                                                           std::string_view id,
                                                           Micros now) const override {
    return store_->FindRequest(read, tenant, method, id, now);
  }

 private:
  using Hook = std::function<void()>;

  void Set(Hook& hook, Hook act) {
    const std::lock_guard lock(mutex_);
    hook = std::move(act);
  }
  absl::Status NextRefusal() {
    const std::lock_guard lock(mutex_);
    if (refusal_.ok() || passes_-- > 0) return absl::OkStatus();
    return std::exchange(refusal_, absl::OkStatus());
  }
  absl::Status CommitRefusal() {
    const std::lock_guard lock(mutex_);
    return std::exchange(commit_refusal_, absl::OkStatus());
  }
  void ActEach(const Hook& hook) const {
    if (acting_) return;
    Hook act;
    {
      const std::lock_guard lock(mutex_);
      act = hook;
    }
    if (!act) return;
    acting_ = true;
    act();
    acting_ = false;
  }
  void Act(Hook& hook) const {
    Hook act;
    {
      const std::lock_guard lock(mutex_);
      act = std::exchange(hook, nullptr);
    }
    if (act) act();
  }

  const std::unique_ptr<Store> store_;
  mutable std::atomic<size_t> catalogs_read_ = 0;
  mutable std::atomic<size_t> versions_listed_ = 0;
  mutable std::atomic<size_t> versions_read_ = 0;
  mutable std::atomic<size_t> counters_listed_ = 0;
  mutable std::atomic<size_t> events_listed_ = 0;
  std::atomic<size_t> tracks_ = 0;
  mutable std::mutex mutex_;
  int passes_ = 0;
  absl::Status refusal_;
  absl::Status commit_refusal_;
  Hook before_track_;
  Hook before_commit_;
  mutable Hook before_read_;
  Hook before_every_read_;
  Hook before_every_track_;
  mutable std::atomic<bool> acting_ = false;
};

}  // namespace owo::storage

#endif  // OWO_TESTS_SUPPORT_INTERPOSED_STORE_H_
