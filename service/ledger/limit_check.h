// Limit checks: decisions that need more than the event's own counter, for allowances shared by
// several segments of a period, and for spend caps. A checker works on a copy of the account's
// counters. The store counts an event only if the account has not changed since it was read. The
// limit of the event's own counter is compared there (storage/decide_track.h).
//
//   OWO_TRY(LimitChecker checker, LimitChecker::Read(read, directory, tenant, customer, keys));
//   OWO_TRY(const LimitDecision decision, checker.Check(event));
//   if (…) checker.Count(event);   // if the store will count it, by decision.bounds
//
// A checker serves one customer and one attempt of a call. It may check several events of the
// customer, each as if those before it were counted.

#ifndef OWO_SERVICE_LEDGER_LIMIT_CHECK_H_
#define OWO_SERVICE_LEDGER_LIMIT_CHECK_H_

#include <map>
#include <memory>
#include <optional>
#include <vector>

#include "absl/status/statusor.h"
#include "service/ledger/directory.h"
#include "service/ledger/statement.h"
#include "storage/store.h"

namespace owo::ledger {

// The parts of an event that a limit check needs.
struct LimitInput {
  const CustomerView* customer = nullptr;   // never null
  const CounterBinding* binding = nullptr;  // never null; of the event's feature at `time`
  storage::Micros time = 0;                 // microseconds since 1970
  rating::Decimal quantity;
};

// What a limit check found. Totals are without the event.
struct LimitDecision {
  // To compare the counter's total with. They allow for the other segments of the period.
  Bounds bounds;
  // Of the event's counter.
  rating::Decimal total;
  // Of the other segments of its period, together.
  rating::Decimal others;
  // Whether the cost of the billing period would exceed the customer's spend cap.
  bool over_cap = false;
};

// Not thread-safe. Movable.
class LimitChecker {
 public:
  // The counters that the check of `event` reads. `catalog`: a reader of the catalog that the
  // event's customer was resolved under.
  static absl::StatusOr<std::vector<storage::CounterKey>> KeysFor(CatalogReader& catalog,
                                                                  const LimitInput& event);
  // Reads the counters `keys` of a customer, all as of one commit. Blocks. Errors are those of the
  // store.
  static absl::StatusOr<LimitChecker> Read(const storage::ReadOptions& read, Directory& directory,
                                           storage::TenantId tenant, storage::CustomerNo customer,
                                           const std::vector<storage::CounterKey>& keys);

  // Decides one event, after all that were counted here. REQUIRES: the counters of
  // KeysFor(event) were read.
  absl::StatusOr<LimitDecision> Check(const LimitInput& event);
  // The target with which the store decides the event as Check() did.
  static storage::Target ToTarget(const LimitInput& event, const LimitDecision& decision);
  // Counts an event in this copy of the counters, as the store will.
  void Count(const LimitInput& event);

  // Whether the counters were opened under terms that this customer was resolved under. Otherwise
  // the customer is stale.
  bool IsCurrent(const CustomerView& customer) const {
    return customer.generation >= customer_generation_ &&
           customer.catalog->generation() >= catalog_generation_;
  }
  // The usage version that the account must have for the next event to be counted.
  uint64_t usage_version() const { return usage_version_; }

 private:
  // The cost of the charged features in the event's billing period, by this copy of the counters.
  absl::StatusOr<absl::int128> Spend(const LimitInput& event);
  // The counters of a key's period, as far as they were read, by segment.
  std::vector<storage::Counter> GroupOf(const storage::CounterKey& key) const;
  // The counter of an event. Added, empty, if the account does not have it yet.
  storage::Counter& CounterOf(const LimitInput& event);

  explicit LimitChecker(CatalogReader catalog) : catalog_(std::move(catalog)) {}

  CatalogReader catalog_;
  // Of the account that was read.
  uint64_t customer_generation_ = 0;
  uint64_t catalog_generation_ = 0;
  // As read, plus the events that Count() counted.
  uint64_t usage_version_ = 0;
  // The copy of the account's counters.
  std::map<storage::CounterKey, storage::Counter> counters_;
};

}  // namespace owo::ledger

#endif  // OWO_SERVICE_LEDGER_LIMIT_CHECK_H_
