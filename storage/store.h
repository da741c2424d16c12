// The typed store: what a billing store can do, and what each call guarantees.
//
//   store.Track(std::move(command), [](absl::StatusOr<std::vector<TrackOutcome>> outcomes) { … });
//   absl::StatusOr<Account> account = store.ReadAccount(kReadAll, tenant, customer, {});
//
// Writes are serial: each write sees all writes before it, and is atomic. What becomes of an event,
// and whether a change may be made, is decided by the rules in decide_track.h and
// decide_mutation.h, the same in every store. A write is answered OK only after the fsync that
// makes it durable. UNAVAILABLE means that the outcome is unknown: the same command with the same
// ids may be sent again. RESOURCE_EXHAUSTED means that the queue or the disk is full (IsDiskFull
// distinguishes them) and that nothing changed.
//
// Reads return committed, durable values, and reflect every write that was answered before the read
// began. "Not found", an empty list and a short page mean that the store looked and found no more;
// anything it could not read is an error. Corruption is answered with DATA_LOSS, never with a wrong
// value. With ReadTier::kMemoryOnly a read does not wait for the disk: it returns exactly what
// ReadTier::kAll would return, or ReadNeedsDisk() when memory does not hold all of it. The caller
// then reads again, on a thread that may block.
//
// Thread-safe. Write calls return without waiting. Callbacks run on the store's own threads, in any
// order; they must neither block nor read.

#ifndef OWO_STORAGE_STORE_H_
#define OWO_STORAGE_STORE_H_

#include <functional>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "absl/functional/any_invocable.h"
#include "absl/status/statusor.h"
#include "storage/backup.h"
#include "storage/catalog_source.h"
#include "storage/commands.h"
#include "storage/read_options.h"
#include "storage/records.pb.h"
#include "storage/types.h"

namespace owo::storage {

// A customer: what can be erased, and what usage and money depend on.
struct Customer {
  // Id, email, name, metadata.
  CustomerRecord record;
  // Number, generation, subscriptions, time zones, currency, spend cap.
  ContractRecord contract;
};

// The parts of a customer that a read returns. Metadata may take 29 KiB, of the customer and of
// each of its subscriptions, of which there may be hundreds.
struct CustomerParts {
  bool subscriptions = true;
  bool metadata = true;  // of the customer, and of the subscriptions that are returned
};

// Selects customers. The two bounds are 1 or more.
struct CustomerListQuery {
  // An id; "": from the first.
  std::string after;
  // The most customers in the answer.
  size_t limit = SIZE_MAX;
  // The most bytes of records in the answer; the first one always fits.
  size_t bytes_max = SIZE_MAX;
};

struct CustomerList {
  std::vector<Customer> customers;  // by id, without subscriptions
  std::string next;                 // `after` of the next query; "": there are no more
};

// A customer's usage, as of one moment.
struct Account {
  // The generation of the customer, 0 if there is no such customer. A copy of the customer with an
  // older generation is stale.
  uint64_t customer_generation = 0;
  // A generation of the catalog that has the terms of every counter here. A copy of the catalog
  // with an older generation is stale.
  uint64_t catalog_generation = 0;
  // One more with each counted event.
  uint64_t usage_version = 0;
  // One more with each invoice that is created or voided.
  uint64_t invoice_version = 0;
  // The latest time of a counted event, whichever came last.
  std::optional<Micros> latest_event;
  // Every open counter and the earlier segments of its group, in key order.
  std::vector<Counter> open;
  // The counters asked for, in the order asked; nullopt for one that never counted an event.
  std::vector<std::optional<Counter>> asked;
};

// A counted event, as it is listed.
struct StoredEvent {
  // Within its counter, from 0, in order of arrival.
  uint64_t ordinal = 0;
  EventId id;
  // As the caller gave them.
  std::string id_text;
  std::string properties;
  Quantity quantity;
  // When the usage happened, and when it was counted.
  Micros time = 0;
  Micros committed = 0;
  // The 16 bytes of the id of the non-void invoice that covers it; "" when none does.
  std::string invoice;
};

// Selects events of a counter.
struct EventQuery {
  OrdinalRange range;
  // Only events whose event time is in [start, end). Absent: no bound. When start >= end, no event
  // matches.
  std::optional<Micros> start = std::nullopt;
  std::optional<Micros> end = std::nullopt;
  size_t limit = SIZE_MAX;     // events in the answer
  size_t work_max = SIZE_MAX;  // the most work: see EventList::work

  bool filters() const { return start.has_value() || end.has_value(); }
  bool Matches(Micros time) const {
    return time >= start.value_or(time) && (!end.has_value() || time < *end);
  }
};

struct EventList {
  std::vector<StoredEvent> events;  // in order of arrival
  // The first ordinal of the next query: after every event that was read, or skipped because its
  // time is outside the interval. There are no more events once this reaches the end of the range
  // or of the counter.
  uint64_t next = 0;
  // Cost of the query: the number of events read, plus the number of groups of events skipped by
  // their time bounds alone.
  size_t work = 0;
};

// Selects invoices. The three bounds are 1 or more.
struct InvoiceListQuery {
  CustomerNo customer{};  // 0: of all customers
  std::string before;     // created before the invoice with this id; "": from the newest
  std::optional<InvoiceStatusRecord> status = std::nullopt;  // only invoices with this status
  size_t limit = SIZE_MAX;                                   // invoices in the answer
  size_t bytes_max = SIZE_MAX;  // bytes of rows in the answer; the first row always fits
  size_t work_max = SIZE_MAX;   // rows read
};

struct InvoiceList {
  // Newest first. Each is a serialized InvoiceRecord.
  std::vector<std::string> rows;
  std::string next;  // `before` of the next query; "": there are no more
};

// A store of all tenants. The contract tests (tests/storage/contract) hold what is said here, for
// every implementation.
class Store : public CatalogSource {
 public:
  using TrackDone = absl::AnyInvocable<void(absl::StatusOr<std::vector<TrackOutcome>>)>;
  using MutationDone = absl::AnyInvocable<void(absl::StatusOr<MutationResult>)>;

  // ---- Writes.

  // Checks and counts events, in order. One outcome per event. Exactly once: a counted id is
  // remembered forever; an event that is not counted does not use up its id.
  virtual void Track(TrackCommand command, TrackDone done) = 0;

  // Commits a change, if what the change was decided on has not changed since. Otherwise changes
  // nothing, and MutationResult::code says why.
  virtual void Commit(Mutation mutation, MutationDone done) = 0;

  // OK while writes are accepted; DiskFull while the disk is full; UNAVAILABLE after a write failed
  // and no more writes are accepted. Does not block.
  virtual absl::Status Writable() const = 0;

  // Backups of this store; null if it makes none. Lives as long as the store.
  virtual Backups* backups() { return nullptr; }

  // ---- Catalog.

  // Reads are inherited from CatalogSource.

  // A position in the order of the tenant's commits: reads that begin after this call see every
  // commit up to it. Increases with each commit that subscribes a customer to a plan; other commits
  // may increase it too. A position is comparable until the store is closed.
  virtual absl::StatusOr<uint64_t> CommitSequence(const ReadOptions& read,
                                                  TenantId tenant) const = 0;
  // The latest event time among the counted events of all customers of the tenant.
  virtual absl::StatusOr<std::optional<Micros>> LatestEvent(const ReadOptions& read,
                                                            TenantId tenant) const = 0;

  // ---- Customers.

  // The customer with exactly this id; nullopt if there is none.
  virtual absl::StatusOr<std::optional<CustomerNo>> FindCustomer(const ReadOptions& read,
                                                                 TenantId tenant,
                                                                 std::string_view id) const = 0;
  // Customers with this email, ASCII case ignored; at most `limit`.
  virtual absl::StatusOr<std::vector<CustomerNo>> FindByEmail(const ReadOptions& read,
                                                              TenantId tenant,
                                                              std::string_view email,
                                                              size_t limit) const = 0;
  // A customer, as of one moment. DATA_LOSS if there is none with this number: numbers come from
  // the store, and no customer is ever removed.
  virtual absl::StatusOr<Customer> ReadCustomer(const ReadOptions& read, TenantId tenant,
                                                CustomerNo number,
                                                const CustomerParts& parts) const = 0;
  // All parts.
  absl::StatusOr<Customer> ReadCustomer(const ReadOptions& read, TenantId tenant,
                                        CustomerNo number) const {
    return ReadCustomer(read, tenant, number, CustomerParts());
  }
  // The metadata of a subscription; empty if it has none.
  virtual absl::StatusOr<MetadataRecord> ReadMetadata(const ReadOptions& read, TenantId tenant,
                                                      CustomerNo customer,
                                                      uint32_t subscription) const = 0;
  // The customer's generation, 0 if there is no such customer. Much cheaper than ReadCustomer: a
  // cache asks for it before it uses its copy of a customer. The copy is stale if its generation is
  // older.
  virtual absl::StatusOr<uint64_t> CustomerGeneration(const ReadOptions& read, TenantId tenant,
                                                      CustomerNo number) const = 0;
  // In order of customer number, starting after `after`; at most `limit`. Without the metadata of
  // subscriptions.
  virtual absl::StatusOr<std::vector<ContractRecord>> ListContracts(const ReadOptions& read,
                                                                    TenantId tenant,
                                                                    CustomerNo after,
                                                                    size_t limit) const = 0;
  // By id, starting after `query.after`. The list ends early when it reaches a bound of the query.
  virtual absl::StatusOr<CustomerList> ListCustomers(const ReadOptions& read, TenantId tenant,
                                                     const CustomerListQuery& query) const = 0;

  // ---- Usage. Cost is proportional to the open counters, not to the history.

  // A customer's account, with its open counters and those `asked` for. An account without usage,
  // if nothing was ever counted.
  virtual absl::StatusOr<Account> ReadAccount(const ReadOptions& read, TenantId tenant,
                                              CustomerNo customer,
                                              std::span<const CounterKey> asked) const = 0;
  // A customer's counters of one feature, or of all features (0), in descending key order, starting
  // before `before`; at most `limit`.
  virtual absl::StatusOr<std::vector<Counter>> ListCounters(const ReadOptions& read,
                                                            TenantId tenant, CustomerNo customer,
                                                            FeatureNo feature,
                                                            const std::optional<CounterKey>& before,
                                                            size_t limit) const = 0;

  // Events of a counter that match the query, in order of arrival. The list ends early when it
  // reaches the query's bounds on events or work; `next` says where to continue. Cost is
  // proportional to these bounds, not to the history. May wait for the writing thread, so it must
  // not be called from a callback. The newest events can be listed only while writes are accepted;
  // otherwise the call fails with the error that a write would get. FAILED_PRECONDITION if the
  // first event to list may have been dropped as too old to keep; if a later event may have been
  // dropped, the list ends before it.
  virtual absl::StatusOr<EventList> ListEvents(const ReadOptions& read, TenantId tenant,
                                               const CounterKey& counter,
                                               const EventQuery& query) const = 0;

  // ---- Invoices.

  // The row of an invoice, a serialized InvoiceRecord; nullopt if there is none. `id`: 16 bytes.
  virtual absl::StatusOr<std::optional<std::string>> ReadInvoice(const ReadOptions& read,
                                                                 TenantId tenant,
                                                                 std::string_view id) const = 0;
  // Invoices that match the query, newest first. The list ends early when it reaches a bound of the
  // query, so it may be empty although there are more: `next` says.
  virtual absl::StatusOr<InvoiceList> ListInvoices(const ReadOptions& read, TenantId tenant,
                                                   const InvoiceListQuery& query) const = 0;

  // ---- Tenants and API keys.

  // The generation of tenants and keys, 0 before their first change. A copy of them with an older
  // generation is stale.
  virtual absl::StatusOr<uint64_t> AccessGeneration(const ReadOptions& read) const = 0;
  // All tenants that have a profile, and all keys, as of one moment. The uses are those of that
  // moment or later.
  virtual absl::StatusOr<AccessRecord> ReadAccess(const ReadOptions& read) const = 0;

  // ---- Requests.

  // The record of a request that succeeded in the 30 days before `now`; nullopt if there is none.
  virtual absl::StatusOr<std::optional<RequestRecord>> FindRequest(const ReadOptions& read,
                                                                   TenantId tenant,
                                                                   std::string_view method,
                                                                   std::string_view id,
                                                                   Micros now) const = 0;
};

}  // namespace owo::storage

#endif  // OWO_STORAGE_STORE_H_
