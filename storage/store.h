// The typed store: what a billing store can do, and what each call guarantees.
//
//   store.Track(std::move(command), [](absl::StatusOr<std::vector<TrackOutcome>> outcomes) { … });
//   absl::StatusOr<Account> account = store.ReadAccount(kReadAll, tenant, customer, {});
//
// Writes are serial: each sees all writes before it, and happens whole or not at all. An OK answer
// to a write follows the fsync that holds it. UNAVAILABLE means that the outcome is unknown: the
// same command with the same ids may be sent again. RESOURCE_EXHAUSTED means that the queue
// or the disk is full (IsDiskFull tells which) and nothing happened.
//
// Reads give committed, durable values: at least every write that was answered before the read
// began. A read never answers less than that. "Not found", an empty list and a short page mean that
// the store looked and there is no more; whatever it could not read is an error. Corruption answers
// DATA_LOSS, never a wrong value. With ReadTier::kMemoryOnly a read does not wait for the disk: it
// gives exactly the answer that ReadTier::kAll would give, or ReadNeedsDisk() when memory does not
// hold all of it. The caller then reads again, on a thread that may block.
//
// Thread-safe. Writes do not wait. Callbacks run on threads of the store's, in any order: they must
// neither block nor read.

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
#include "storage/catalog_source.h"
#include "storage/commands.h"
#include "storage/read_options.h"
#include "storage/records.pb.h"
#include "storage/types.h"

namespace owo::storage {

struct Customer {
  CustomerRecord record;
  ContractRecord contract;
};

// A customer's usage, read at one moment.
struct Account {
  uint64_t usage_version = 0;
  uint64_t invoice_version = 0;
  std::optional<Micros> latest_event;  // by event time
  // Every open counter, and with each the earlier segments of its group; in key order.
  std::vector<Counter> open;
  // The counters asked for, in the order asked; absent ones were never counted on.
  std::vector<std::optional<Counter>> asked;
};

// A counted event, as it is listed.
struct StoredEvent {
  uint64_t ordinal = 0;  // within its counter, in order of arrival
  EventId id;
  std::string id_text;     // as the caller gave it
  std::string properties;  // as the caller gave them
  Quantity quantity;
  Micros time = 0;
  Micros committed = 0;
  std::string invoice;  // the 16 bytes of the non-void invoice that covers it; "" when none does
};

// Which events of a counter are listed.
struct EventQuery {
  OrdinalRange range;
  // Only events whose own time is in [start, end); absent: no bound. None is when start >= end.
  std::optional<Micros> start = std::nullopt;
  std::optional<Micros> end = std::nullopt;
  size_t limit = SIZE_MAX;     // events in the answer
  size_t work_max = SIZE_MAX;  // what is looked at: see EventList::work

  bool filters() const { return start.has_value() || end.has_value(); }
  bool Matches(Micros time) const {
    return time >= start.value_or(time) && (!end.has_value() || time < *end);
  }
};

struct EventList {
  std::vector<StoredEvent> events;  // in order of arrival
  // Where the next query goes on: behind every event that was looked at, or passed over as outside
  // the interval. Once it reaches the end of the range, or the counter's, there are no more.
  uint64_t next = 0;
  // What it cost: events looked at, and groups of events passed over by their times alone.
  size_t work = 0;
};

// Which invoices are listed.
struct InvoiceListQuery {
  CustomerNo customer{};  // 0: of all customers
  std::string before;     // made before the invoice with this id; "": from the newest
  std::optional<InvoiceStatusRecord> status = std::nullopt;  // only those that have it
  size_t limit = SIZE_MAX;                                   // invoices in the answer
  size_t bytes_max = SIZE_MAX;  // of the rows in the answer; the first has room in any case
  size_t work_max = SIZE_MAX;   // rows that are looked at
};

struct InvoiceList {
  // Newest first. Each is a serialized InvoiceRecord: storage/invoice_row.h looks into it.
  std::vector<std::string> rows;
  std::string next;  // `before` of the next query; "": there are no more
};

class Store : public CatalogSource {
 public:
  using TrackDone = absl::AnyInvocable<void(absl::StatusOr<std::vector<TrackOutcome>>)>;
  using MutationDone = absl::AnyInvocable<void(absl::StatusOr<MutationResult>)>;

  // ---- Writes.

  // Checks and counts events, in order. One outcome per event. Exactly once: an id that was counted
  // is known for ever; an event that was not counted claims nothing.
  virtual void Track(TrackCommand command, TrackDone done) = 0;

  // Commits a change if what it was decided on still stands.
  virtual void Commit(Mutation mutation, MutationDone done) = 0;

  // OK while writes are taken, DiskFull while the disk is full, UNAVAILABLE when a write failed and
  // none is taken any more. Takes no time.
  virtual absl::Status Writable() const = 0;

  // ---- Catalog.

  // Read as CatalogSource says.

  // A position in the order of commits: reads that begin after this call see every commit up to
  // it. Greater after each later commit that changes anything but requests. Of this process only.
  virtual uint64_t CommitSequence() const = 0;
  // By time of the latest counted event of any customer of the tenant.
  virtual absl::StatusOr<std::optional<Micros>> LatestEvent(const ReadOptions& read,
                                                            TenantId tenant) const = 0;

  // ---- Customers.

  virtual absl::StatusOr<std::optional<CustomerNo>> FindCustomer(const ReadOptions& read,
                                                                 TenantId tenant,
                                                                 std::string_view id) const = 0;
  // Customers with this email, ASCII case ignored; at most `limit`.
  virtual absl::StatusOr<std::vector<CustomerNo>> FindByEmail(const ReadOptions& read,
                                                              TenantId tenant,
                                                              std::string_view email,
                                                              size_t limit) const = 0;
  virtual absl::StatusOr<Customer> ReadCustomer(const ReadOptions& read, TenantId tenant,
                                                CustomerNo number) const = 0;
  // In order of number, after `after`; at most `limit`. Without the metadata of subscriptions.
  virtual absl::StatusOr<std::vector<ContractRecord>> ListContracts(const ReadOptions& read,
                                                                    TenantId tenant,
                                                                    CustomerNo after,
                                                                    size_t limit) const = 0;
  // In order of id, behind `after`.
  virtual absl::StatusOr<std::vector<Customer>> ListCustomers(const ReadOptions& read,
                                                              TenantId tenant,
                                                              std::string_view after,
                                                              size_t limit) const = 0;

  // ---- Usage. Cost follows the open counters, never the history.

  virtual absl::StatusOr<Account> ReadAccount(const ReadOptions& read, TenantId tenant,
                                              CustomerNo customer,
                                              std::span<const CounterKey> asked) const = 0;
  // A customer's counters, of one feature or of all (0), greatest key first, before `before`.
  virtual absl::StatusOr<std::vector<Counter>> ListCounters(const ReadOptions& read,
                                                            TenantId tenant, CustomerNo customer,
                                                            FeatureNo feature,
                                                            const std::optional<CounterKey>& before,
                                                            size_t limit) const = 0;

  // Events of a counter, those of the query that there are, in order of arrival. The list ends
  // early where the query's bounds on events and work are reached: `next` says where it goes on.
  // Cost follows these bounds, never the history. May wait for the writing thread: not to be called
  // from a callback. The newest events can be listed only while writes are accepted: else it fails
  // as those do. FAILED_PRECONDITION when the first event to be listed may be one that was dropped,
  // as too old to be kept; the list ends before one that comes later.
  virtual absl::StatusOr<EventList> ListEvents(const ReadOptions& read, TenantId tenant,
                                               const CounterKey& counter,
                                               const EventQuery& query) const = 0;

  // ---- Invoices.

  // A serialized InvoiceRecord.
  virtual absl::StatusOr<std::optional<std::string>> ReadInvoice(const ReadOptions& read,
                                                                 TenantId tenant,
                                                                 std::string_view id) const = 0;
  virtual absl::StatusOr<InvoiceList> ListInvoices(const ReadOptions& read, TenantId tenant,
                                                   const InvoiceListQuery& query) const = 0;

  // ---- Requests.

  // What a request that succeeded in the last 30 days left.
  virtual absl::StatusOr<std::optional<RequestRecord>> FindRequest(const ReadOptions& read,
                                                                   TenantId tenant,
                                                                   std::string_view method,
                                                                   std::string_view id,
                                                                   Micros now) const = 0;
};

}  // namespace owo::storage

#endif  // OWO_STORAGE_STORE_H_
