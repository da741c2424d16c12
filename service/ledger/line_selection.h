// Which rows of a statement one invoice takes: all of them, or, where they are too many for one
// invoice, those with the most money in them. `Usage`, `Invoice` and `verify` share this.
//
//   const std::vector<bool> taken = SelectRows(unbilled.rows);
//   if (taken[0]) … unbilled.rows[0] is a line of the next invoice …

#ifndef OWO_SERVICE_LEDGER_LINE_SELECTION_H_
#define OWO_SERVICE_LEDGER_LINE_SELECTION_H_

#include <cstddef>
#include <span>
#include <vector>

#include "service/ledger/statement.h"

namespace owo::ledger {

// What one invoice can hold. Every text in a line has a bound, so these two bound the bytes of an
// invoice: it is less than kInvoiceBytesMax as the API shows it.
inline constexpr size_t kLinesMax = 1000;
inline constexpr size_t kLineTiersMax = 5000;  // of all lines together
inline constexpr size_t kInvoiceBytesMax = 3 << 19;

// For each row, whether the next invoice takes it. If all of them fit one invoice, and their sum an
// int64, it takes all. Otherwise:
//   1. Rows are ordered by the absolute value of their amounts, the largest first, equal ones in
//      the order of `rows`. The invoice takes them in that order, up to the first that does not
//      fit. So rows that cost nothing never displace money.
//   2. If the rows taken come to 0 or less, but all rows come to more, the invoice gives up the
//      smallest credit that it took and takes the next charges that fit, until it comes to more
//      than 0. If it comes to more than 0 but all rows do not, likewise with charges and credits.
// So the rows taken come to more than 0 exactly where all rows do.
// REQUIRES: a row has at most kLineTiersMax tiers.
std::vector<bool> SelectRows(std::span<const StatementRow> rows);

// The rows that the next invoice takes, by SelectRows. `open`: as Account::open; the
// statement refers to it.
absl::StatusOr<Statement> NextInvoice(CatalogReader& catalog,
                                      std::span<const storage::Counter> open);

}  // namespace owo::ledger

#endif  // OWO_SERVICE_LEDGER_LINE_SELECTION_H_
