// What counters cost, and what of it no invoice covers: the one place where usage becomes money.
// `Usage` shows a statement, `Invoice` makes its rows the lines of an invoice.
//
//   OWO_TRY(Unbilled unbilled, UnbilledOf(catalog, account.open));
//   const std::vector<bool> taken = SelectRows(unbilled.rows);   // line_selection.h
//   OWO_TRY(const Statement statement, TakeRows(catalog, std::move(unbilled), taken));
//   statement.total;   // the next invoice's subtotal

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

// What a counter was opened under.
struct CounterContext {
  const Feature* feature = nullptr;
  const Plan* plan = nullptr;
  const PlanVersion* version = nullptr;
  TermsPtr terms;  // keeps the terms of this feature alone in memory
};
// DATA_LOSS when the catalog lacks it.
absl::StatusOr<CounterContext> ContextOf(CatalogReader& catalog, const storage::Counter& counter);

// A counter, rated together with the earlier segments of its period.
struct Rated {
  CounterContext context;
  std::optional<rating::Decimal> allowance;  // what may be free of this segment; absent: everything
  rating::Decimal free;
  rating::Decimal billable;  // 0 when the feature is not charged
  storage::MinorUnits cost = 0;
};
// `group`: counters of one customer, feature and period, by segment, from the first.
absl::StatusOr<std::vector<Rated>> RateGroup(CatalogReader& catalog,
                                             std::span<const storage::Counter> group);

// The part of [first, end) of a sorted list that forms one group, from `first` on.
std::span<const storage::Counter> GroupAt(std::span<const storage::Counter> counters, size_t first);

// Something of a counter that no invoice covers: a row of `Usage`, a line of the next invoice.
struct StatementRow {
  const storage::Counter* counter = nullptr;
  CounterContext context;
  storage::Coverage adds;  // what a line adds to what is covered; may be negative
  std::optional<rating::Decimal> unit_price;  // for display; absent when no unit is billed
};

// All that no invoice covers of some counters.
struct Unbilled {
  // One for each open counter whose billable quantity or cost differs from what is covered. By
  // feature, period, segment. Where there are more than a statement takes, the others are without
  // terms: TakeRows() reads those again.
  std::vector<StatementRow> rows;
  std::vector<const storage::Counter*> idle;  // the other open counters
};
// `open`: as Account::open; the result refers to it.
absl::StatusOr<Unbilled> UnbilledOf(CatalogReader& catalog, std::span<const storage::Counter> open);

struct Statement {
  std::vector<StatementRow> rows;  // by feature, period, segment
  storage::MinorUnits total = 0;   // of the rows
  // Open counters that hold nothing but these rows. Those of rows that were not taken stay open.
  std::vector<const storage::Counter*> closes;
};

// The rows that `taken` says. REQUIRES: their amounts sum in an int64.
absl::StatusOr<Statement> TakeRows(CatalogReader& catalog, Unbilled unbilled,
                                   const std::vector<bool>& taken);

}  // namespace owo::ledger

#endif  // OWO_SERVICE_LEDGER_STATEMENT_H_
