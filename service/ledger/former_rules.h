// The rules by which releases up to 0.1.0 selected the lines of an invoice and displayed their
// prices. Those invoices are frozen. Only `verify` uses these rules, to check them.
//
// The current rules (line_selection.h, rating::UnitPrice) differ in which rows an invoice takes
// when not all fit, and in the unit price and tiers that a line shows. Amounts, quantities and
// coverage of a line are the same under both.
//
//   const std::vector<bool> taken = FormerlySelectedRows(unbilled.rows);
//   OWO_TRY(const Statement statement, TakeRows(catalog, std::move(unbilled), taken));
//   if (RatedPart(line) == FormerRatedLine(statement.rows[0])) …   // frozen by those rules

#ifndef OWO_SERVICE_LEDGER_FORMER_RULES_H_
#define OWO_SERVICE_LEDGER_FORMER_RULES_H_

#include <span>
#include <vector>

#include "service/ledger/invoice.h"
#include "service/ledger/statement.h"

namespace owo::ledger {

// Takes rows in their order: at most 1,000, and none from the first row on whose amount would make
// the sum overflow an int64.
std::vector<bool> FormerlySelectedRows(std::span<const RowSize> rows);

// Like RatedLine(), with two differences:
// - The unit price of a tiered feature is the price of the only tier between the quantity that was
//   covered and the quantity that is due, even if a void invoice had covered other units. If there
//   is not exactly one tier between them, it is amount / quantity.
// - Tiers without units and without a fee are listed too.
InvoiceLine FormerRatedLine(const StatementRow& row);

}  // namespace owo::ledger

#endif  // OWO_SERVICE_LEDGER_FORMER_RULES_H_
