// Selects the rows of a statement that the next invoice takes: all of them or, if they do not fit
// one invoice, those with the largest amounts. Shared by `Usage`, `Invoice` and `verify`.
//
//   const std::vector<bool> taken = SelectRows(unbilled.rows);
//   if (taken[0]) … unbilled.rows[0] is a line of the next invoice …
//
// Rows that are not taken stay unbilled, so a customer with many counters gets several invoices,
// one after the other. `verify` makes the same selection again: a change of these rules needs a
// copy of the former ones (former_rules.h). Thread-safe.

#ifndef OWO_SERVICE_LEDGER_LINE_SELECTION_H_
#define OWO_SERVICE_LEDGER_LINE_SELECTION_H_

#include <cstddef>
#include <span>
#include <vector>

#include "service/ledger/statement.h"

namespace owo::ledger {

// What one invoice can hold. Every text in a line is bounded, so the first two limits bound the
// size of an invoice: its API message is smaller than kInvoiceBytesMax.
inline constexpr size_t kLinesMax = 1000;
inline constexpr size_t kLineTiersMax = 5000;  // of all lines together
inline constexpr size_t kInvoiceBytesMax = 3 << 19;

// For each row, whether the next invoice takes it. If all rows fit one invoice and their sum fits
// an int64, it takes all. Otherwise:
//   1. Rows are sorted by the absolute value of their amounts, the largest first, equal ones in
//      the order of `rows`. The invoice takes rows in that order, up to the first that does not
//      fit. So a row with amount 0 never displaces a row with an amount.
//   2. If the taken rows total 0 or less, but all rows total more than 0, the invoice drops the
//      smallest credit that it took and takes the next charges that fit, and repeats this until its
//      total is above 0. In the opposite case it does the same with charges and credits swapped.
// So the total of the taken rows is above 0 exactly if the total of all rows is.
// REQUIRES: a row has at most kLineTiersMax tiers.
std::vector<bool> SelectRows(std::span<const RowSize> rows);

// The statement of the rows that SelectRows() takes. `open`: as in Account::open. REQUIRES: `open`
// outlives the statement, which points into it.
absl::StatusOr<Statement> NextInvoice(CatalogReader& catalog,
                                      std::span<const storage::Counter> open);

}  // namespace owo::ledger

#endif  // OWO_SERVICE_LEDGER_LINE_SELECTION_H_
