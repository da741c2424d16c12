// Statement rows as the lines of an invoice: frozen, with every name and price they were made from;
// and how lines and counters are shown.

#ifndef OWO_SERVICE_LEDGER_INVOICE_LINES_H_
#define OWO_SERVICE_LEDGER_INVOICE_LINES_H_

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "service/ledger/statement.h"
#include "service/ledger/timeline.h"
#include "storage/invoice_row.h"
#include "storage/records.pb.h"

namespace owo::ledger {

// How a period is shown.
struct PeriodView {
  rating::Interval interval = rating::Interval::kMonth;
  std::string label;
  std::string time_zone;
  storage::Micros start = 0;
  storage::Micros end = storage::kForever;
};
PeriodView PeriodOf(const storage::Counter& counter, const rating::Zones& zones);

// What a tier contributes to a row, for display.
storage::LineTierRecord TierOf(const StatementRow& row, const storage::TierUse& use);
// The tiers of a row that contribute units or a fee.
std::vector<storage::LineTierRecord> TiersOf(const StatementRow& row);

// What a line covers, as numbers. DATA_LOSS when its row does not parse.
struct LineUnits {
  rating::Decimal usage;
  rating::Decimal free;
  rating::Decimal billable;
};
absl::StatusOr<LineUnits> UnitsOf(const storage::LineRow& line);
PeriodView PeriodOf(const storage::LineRecord& line);

storage::LineRecord LineOf(const StatementRow& row, const rating::Zones& zones);

// The same without names, which may change before the next line is made: what follows from usage
// and terms alone. And that part of a line.
storage::LineRecord RatedLine(const StatementRow& row);
storage::LineRecord RatedPart(storage::LineRecord line);

}  // namespace owo::ledger

#endif  // OWO_SERVICE_LEDGER_INVOICE_LINES_H_
