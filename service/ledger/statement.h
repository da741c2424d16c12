// The cost of counters, and the part of it that no invoice covers. The only place where usage
// becomes money: `Usage` shows a statement, and `Invoice` makes its rows the lines of an invoice.
//
//   OWO_TRY(Unbilled unbilled, UnbilledOf(catalog, account.open));
//   const std::vector<bool> taken = SelectRows(unbilled.rows);   // line_selection.h
//   OWO_TRY(const Statement statement, TakeRows(catalog, std::move(unbilled), taken));
//   statement.total;   // the next invoice's subtotal
//
// A counter's cost follows from its total. Its coverage is the part of total and cost that the
// lines of non-void invoices bill. The difference is a row here. It is negative if less is due than
// was billed, for example after a correction.
//
//   counter            total 1,500   free 1,000   billable 500   cost 1,000
//   coverage           usage 1,200   free 1,000   billable 200   amount 400
//   row (adds)         usage   300   free     0   billable 300   amount 600
//
// Functions only read their arguments and the catalog's cache. A CatalogReader is not thread-safe,
// so neither are they with the same reader. Reading terms may block. Their errors are those of
// CatalogReader, and DATA_LOSS where noted. Amounts are minor units of the plan's currency.

#ifndef OWO_SERVICE_LEDGER_STATEMENT_H_
#define OWO_SERVICE_LEDGER_STATEMENT_H_

#include <optional>
#include <span>
#include <vector>

#include "absl/status/statusor.h"
#include "service/ledger/catalog_cache.h"
#include "service/ledger/plan.h"
#include "service/rating/decimal.h"
#include "storage/types.h"

namespace owo::ledger {

// The feature, plan version and terms that a counter was opened under.
// Points into the catalog.
struct CounterContext {
  const Feature* feature = nullptr;
  const Plan* plan = nullptr;
  const PlanVersion* version = nullptr;
  TermsPtr terms;  // of this feature only; does not keep the other terms of the version in memory
};
// DATA_LOSS if the catalog lacks any of them.
absl::StatusOr<CounterContext> ContextOf(CatalogReader& catalog, const storage::Counter& counter);

// The rating of a counter, made together with the earlier segments of its period.
struct Rated {
  CounterContext context;
  std::optional<rating::Decimal> allowance;  // the most free units here; absent: unlimited
  rating::Decimal free;                      // units of the total that the allowance takes
  rating::Decimal billable;                  // 0 if the feature is not charged
  storage::MinorUnits cost = 0;              // of all billable units, billed already or not
};
// Rates the counters of a group together, because they share one allowance. Returns as many.
// `group`: counters of one customer, feature and period, by segment, starting with the first.
absl::StatusOr<std::vector<Rated>> RateGroup(CatalogReader& catalog,
                                             std::span<const storage::Counter> group);

// The counters from index `first` on that belong to one group. REQUIRES: `counters` is sorted by
// key, and first < counters.size().
std::span<const storage::Counter> GroupAt(std::span<const storage::Counter> counters, size_t first);

// The unbilled part of a counter: a row in the answer of `Usage`, a line of the next invoice.
struct StatementRow {
  const storage::Counter* counter = nullptr;
  CounterContext context;
  storage::Coverage adds;  // what a line of this row adds to the coverage; may be negative
  std::optional<rating::Decimal> unit_price;  // for display; absent if no unit is billed
};

// What the selection needs of a row: a customer may have a hundred thousand. A StatementRow takes
// several times as much memory.
struct RowSize {
  const storage::Counter* counter = nullptr;
  storage::MinorUnits amount = 0;  // StatementRow::adds.amount
  storage::Quantity billable;      // StatementRow::adds.billable
  size_t tiers = 0;                // of the line that the row makes
};

// The unbilled part of some counters.
struct Unbilled {
  std::span<const storage::Counter> open;
  // One row for each open counter whose billable quantity or cost differs from its coverage, by
  // feature, period, segment.
  std::vector<RowSize> rows;
  // The first rows, as many as fit a statement. TakeRows() rates the counters of others again.
  std::vector<StatementRow> first;
  std::vector<const storage::Counter*> idle;  // the other open counters
};
// Rates all open counters of a customer, and finds those with something to bill. `open`: as in
// Account::open. REQUIRES: `open` outlives the result, which points into it.
absl::StatusOr<Unbilled> UnbilledOf(CatalogReader& catalog, std::span<const storage::Counter> open);

// What one invoice bills.
struct Statement {
  std::vector<StatementRow> rows;  // by feature, period, segment
  storage::MinorUnits total = 0;   // of the rows
  // The open counters to close once these rows are invoiced. Counters of rows that were not taken
  // stay open.
  std::vector<const storage::Counter*> closes;
};

// The statement of the rows i with taken[i]. REQUIRES: taken.size() == unbilled.rows.size(); the
// sum of their amounts fits an int64.
absl::StatusOr<Statement> TakeRows(CatalogReader& catalog, Unbilled unbilled,
                                   const std::vector<bool>& taken);

}  // namespace owo::ledger

#endif  // OWO_SERVICE_LEDGER_STATEMENT_H_
