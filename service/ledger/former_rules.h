// The rules by which releases up to 0.1.0 chose the lines of an invoice and showed their prices.
// Those invoices are frozen: `verify` holds them against these rules, and nothing else uses them.
//
// They differ from the rules of today (line_selection.h, rating::UnitPrice) in what an invoice took
// of more rows than fit, and in what a line showed. Amounts, quantities and coverage of a line are
// the same by both.

#ifndef OWO_SERVICE_LEDGER_FORMER_RULES_H_
#define OWO_SERVICE_LEDGER_FORMER_RULES_H_

#include <span>
#include <vector>

#include "service/ledger/statement.h"
#include "storage/records.pb.h"

namespace owo::ledger {

// Rows were taken in their order, up to 1,000 or the first that would have taken the sum out of an
// int64.
std::vector<bool> FormerlySelectedRows(std::span<const StatementRow> rows);

// As RatedLine(). The price was that of the tier of the units between what was covered and what is
// due, even where a void invoice had covered other units; else amount / quantity. Tiers without
// units and fee were listed.
storage::LineRecord FormerRatedLine(const StatementRow& row);

}  // namespace owo::ledger

#endif  // OWO_SERVICE_LEDGER_FORMER_RULES_H_
