// A whole ledger over a store in memory, with a settable clock and blocking calls.
//
//   TestLedger ledger(CatalogOf(PlanOf("pro", {PerUnit("calls", "100", "10")})));
//   ledger.AddCustomer("ada", "pro");
//   ledger.Use("ada", "calls", "150");
//   EXPECT_EQ(ledger.Bill("ada").total(), 500);
#ifndef OWO_TESTS_SUPPORT_LEDGER_H_
#define OWO_TESTS_SUPPORT_LEDGER_H_

#include <atomic>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "service/ledger/billing.h"
#include "service/ledger/catalog.h"
#include "service/ledger/customers.h"
#include "service/ledger/metering.h"
#include "storage/rocksdb/engine/database.h"
#include "storage/verify.h"
#include "tests/support/catalog.h"
#include "tests/support/faulty_disk.h"
#include "tests/support/interposed_store.h"
#include "tests/support/random.h"
#include "tests/support/refusal.h"

namespace owo::ledger {

inline constexpr storage::TenantId kTenant = storage::kDefaultTenant;

// An invoice as it was answered, and its record: of an entry of a page the stored row, otherwise
// what ToRecord() makes of the answer.
struct ReadInvoice : InvoiceView {
  storage::InvoiceRecord record;
};

// A page of invoices.
struct ReadInvoices {
  std::vector<ReadInvoice> invoices;
  std::string next;
};

// Thread-safe, except for On(), Reopen() and setting hooks, which must run alone.
class TestLedger {
 public:
  // The clock starts at noon of 2026-11-15. `terms_bytes_max` bounds the terms of plan versions
  // that are kept in memory; with 0 only one version's terms are kept.
  explicit TestLedger(CatalogSpec catalog, Options options = {}, size_t terms_bytes_max = 1 << 20);
  TestLedger() : TestLedger(CatalogSpec()) {}
  ~TestLedger();

  storage::Micros now() const { return now_.load(); }
  void SetNow(storage::Micros now) { now_.store(now); }
  void SetNow(std::string_view time) { SetNow(At(time)); }
  void Advance(absl::Duration d) { now_.fetch_add(absl::ToInt64Microseconds(d)); }

  // Makes further calls on this ledger; calls start on ledger 0. All ledgers share the store and
  // the clock, and nothing else: each has its own caches, as servers over one store have.
  void On(size_t ledger);

  // Closes the store and opens it again: only what is on disk remains.
  void Reopen();
  // Simulates a power failure, which loses what was not synced, and opens the store again.
  void Crash(Random& random);
  // Closes the store, verifies it, and opens it again. Returns the report.
  storage::VerifyReport Verify();
  // Closes the store, drops events of periods that ended longer ago than `age`, and opens it again.
  void DropEvents(absl::Duration age);
  // Closes the store, lets `harm` change its rows, as only a fault would, and opens it again.
  void Damage(const std::function<void(const storage::Database&, rocksdb::WriteBatch&)>& harm);

  storage::InterposedStore& store();
  LedgerParts& parts();
  // Of a call for kTenant, by this ledger's clock.
  CallContext context() const {
    return {.tenant = kTenant, .clock = &clock_, .deadline = deadline_};
  }
  // Of later calls, by the system clock.
  void SetDeadline(storage::Micros deadline) { deadline_ = deadline; }

  // ---- The calls of the ledger.

  absl::StatusOr<Answered<std::vector<CatalogChange>>> Sync(CatalogSpec spec);
  absl::StatusOr<Answered<storage::Customer>> Create(CustomerFields fields,
                                                     RequestRef request = {});
  absl::StatusOr<Answered<storage::Customer>> Update(std::string_view customer,
                                                     CustomerFields fields,
                                                     RequestRef request = {});
  absl::StatusOr<storage::Customer> Get(std::string_view customer);
  absl::StatusOr<Answered<ChangedSubscription>> Subscribe(SubscribeParams params);
  absl::StatusOr<Answered<ChangedSubscription>> Cancel(CancelParams params);
  absl::StatusOr<Answered<ChangedSubscription>> Resume(ResumeParams params);
  absl::StatusOr<std::vector<SubscriptionView>> Subscriptions(std::string_view customer);

  absl::StatusOr<std::vector<TrackResult>> Track(std::vector<UsageEvent> events);
  absl::StatusOr<TrackResult> Check(const UsageEvent& event);
  absl::StatusOr<UsagePage> ListUsage(UsageQuery query);
  absl::StatusOr<CustomerEventPage> ListEvents(const EventsQuery& query);

  absl::StatusOr<UsageAnswer> Usage(std::string_view customer);
  absl::StatusOr<Answered<ReadInvoice>> Invoice(InvoiceParams params);
  absl::StatusOr<Answered<ReadInvoice>> Finalize(const storage::InvoiceRecord& invoice,
                                                 RequestRef request = {});
  absl::StatusOr<Answered<ReadInvoice>> Pay(const storage::InvoiceRecord& invoice,
                                            std::string_view reference, RequestRef request = {});
  absl::StatusOr<Answered<ReadInvoice>> Pay(PaymentParams params);
  absl::StatusOr<Answered<ReadInvoice>> Void(const storage::InvoiceRecord& invoice,
                                             std::string_view reason = "", RequestRef request = {});
  absl::StatusOr<ReadInvoice> GetInvoice(const std::string& id);
  // Reads all invoices of the page. Errors are also those of ReadListed().
  absl::StatusOr<ReadInvoices> ListInvoices(const InvoiceQuery& query);
  absl::StatusOr<InvoiceEventPage> ListInvoiceEvents(const InvoiceEventsQuery& query);

  // ---- Shorthands that must succeed; a failure ends the test.

  void AddCustomer(std::string_view id, std::string_view plan);
  void MoveTo(std::string_view customer, std::string_view plan);
  // Tracks a new event, now or at `time`.
  TrackResult Use(std::string_view customer, std::string_view feature, std::string_view quantity,
                  std::string_view time = "");
  TrackResult TrackOne(UsageEvent event);
  storage::InvoiceRecord Bill(std::string_view customer);
  // The row of an invoice as the store has it, which no code of the ledger read; and its record.
  std::string StoredRow(const std::string& invoice);
  storage::InvoiceRecord Stored(const std::string& invoice);
  storage::MinorUnits Unbilled(std::string_view customer);
  // Returns all counters, greatest key first.
  UsagePage History(std::string_view customer, std::string_view feature = "");
  // Returns how many counters a read of the customer's usage examines.
  size_t OpenCounters(std::string_view customer);

 private:
  struct Instance;

  void Close();

  FaultyDisk disk_;
  const Options options_;
  const size_t terms_bytes_max_;
  std::atomic<storage::Micros> now_;
  const Clock clock_ = [this] { return now(); };
  std::atomic<storage::Micros> deadline_ = storage::kForever;
  std::unique_ptr<storage::InterposedStore> store_;
  std::vector<std::unique_ptr<Instance>> instances_;  // null: no call was made on that ledger yet
  size_t at_ = 0;
  Instance* instance_ = nullptr;  // instances_[at_]
};

// What a caller writes on an invoice: these metadata, and this memo.
inline storage::InvoiceNotes NotesOf(const std::map<std::string, std::string>& metadata,
                                     std::string_view memo = "") {
  storage::InvoiceNotes notes;
  notes.set_memo(std::string(memo));
  notes.mutable_metadata()->insert(metadata.begin(), metadata.end());
  return notes;
}

// Makes an event. Without `id` the ledger assigns one.
UsageEvent EventOf(std::string_view customer, std::string_view feature, std::string_view quantity,
                   std::string_view id = "", std::string_view time = "");

// A page size that is large enough for one page.
inline constexpr size_t kWholePage = 100'000;

}  // namespace owo::ledger

#endif  // OWO_TESTS_SUPPORT_LEDGER_H_
