// Checking usage that depends on more than its own counter: allowances shared by several segments
// of a period, and spend caps. Works on a copy of the counters as they were read; the store counts
// only if they are still so.
//
//   OWO_TRY(LimitChecker checker, LimitChecker::Read(read, directory, tenant, customer, keys));
//   OWO_TRY(const LimitDecision decision, checker.Check(request));
//   if (decision.counts) checker.Count(…);

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

// An event as far as it matters here.
struct LimitInput {
  const CustomerView* customer = nullptr;
  const CounterBinding* binding = nullptr;
  storage::Micros time = 0;
  rating::Decimal quantity;
};

struct LimitDecision {
  Bounds bounds;
  rating::Decimal total;   // of the event's counter
  rating::Decimal others;  // of the other segments of its period
  bool over_cap = false;   // the customer's spend cap does not allow it
};

class LimitChecker {
 public:
  // The counters that checking `event` looks at. `catalog` reads the one of its customer.
  static absl::StatusOr<std::vector<storage::CounterKey>> KeysFor(CatalogReader& catalog,
                                                                  const LimitInput& event);
  static absl::StatusOr<LimitChecker> Read(const storage::ReadOptions& read, Directory& directory,
                                           storage::TenantId tenant, storage::CustomerNo customer,
                                           const std::vector<storage::CounterKey>& keys);

  absl::StatusOr<LimitDecision> Check(const LimitInput& event);
  // Counts an event here as the store will.
  void Count(const LimitInput& event);

  uint64_t usage_version() const { return usage_version_; }

 private:
  // What the charged features of the event's billing period cost, as they stand here.
  absl::StatusOr<absl::int128> Spend(const LimitInput& event);
  std::vector<storage::Counter> GroupOf(const storage::CounterKey& key) const;
  storage::Counter& CounterOf(const LimitInput& event);

  explicit LimitChecker(CatalogReader catalog) : catalog_(std::move(catalog)) {}

  CatalogReader catalog_;
  uint64_t usage_version_ = 0;
  std::map<storage::CounterKey, storage::Counter> counters_;
};

}  // namespace owo::ledger

#endif  // OWO_SERVICE_LEDGER_LIMIT_CHECK_H_
