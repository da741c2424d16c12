// Makes statement rows into the lines of an invoice, which freeze every name and price that they
// were made from, and renders counters for display.
//
//   invoice.lines.push_back(LineOf(row, customer.timeline.zones()));
//
// The functions depend on their arguments alone, and are thread-safe. REQUIRES: what a row points
// to (statement.h) is alive.

#ifndef OWO_SERVICE_LEDGER_INVOICE_LINES_H_
#define OWO_SERVICE_LEDGER_INVOICE_LINES_H_

#include <vector>

#include "service/ledger/invoice.h"
#include "service/ledger/statement.h"
#include "service/ledger/timeline.h"

namespace owo::ledger {

// The period of a counter, for display. `zones`: of the customer.
PeriodView PeriodOf(const storage::Counter& counter, const rating::Zones& zones);

// The share of a tier in a row, for display.
LineTier TierOf(const StatementRow& row, const storage::TierUse& use);
// The tiers of a row that contribute units or a fee.
std::vector<LineTier> TiersOf(const StatementRow& row);

// The line of a row, with the names of feature and plan as they are now. `zones`: of the customer.
InvoiceLine LineOf(const StatementRow& row, const rating::Zones& zones);

// At least the memory, in bytes, of the row's line, and at least that of the line's record.
size_t LineSpaceOf(const StatementRow& row);

// RatedLine(): the line of a row with only the fields that follow from usage and terms, without
// names, which may change after the line was made. RatedPart(): a line reduced to those fields.
InvoiceLine RatedLine(const StatementRow& row);
InvoiceLine RatedPart(InvoiceLine line);

}  // namespace owo::ledger

#endif  // OWO_SERVICE_LEDGER_INVOICE_LINES_H_
