// Makes statement rows into the lines of an invoice, which freeze every name and price that they
// were made from, and renders lines and counters for display.
//
//   *invoice.add_lines() = LineOf(row, customer.timeline.zones());

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

// A period, for display. Times are microseconds since 1970.
struct PeriodView {
  rating::Interval interval = rating::Interval::kMonth;
  std::string label;
  std::string time_zone;
  storage::Micros start = 0;
  storage::Micros end = storage::kForever;
};
PeriodView PeriodOf(const storage::Counter& counter, const rating::Zones& zones);

// The share of a tier in a row, for display.
storage::LineTierRecord TierOf(const StatementRow& row, const storage::TierUse& use);
// The tiers of a row that contribute units or a fee.
std::vector<storage::LineTierRecord> TiersOf(const StatementRow& row);

// The units that a line covers. DATA_LOSS if the line's row does not parse.
struct LineUnits {
  rating::Decimal usage;
  rating::Decimal free;
  rating::Decimal billable;
};
absl::StatusOr<LineUnits> UnitsOf(const storage::LineRow& line);
PeriodView PeriodOf(const storage::LineRecord& line);

// The line of a row. `zones`: of the customer.
storage::LineRecord LineOf(const StatementRow& row, const rating::Zones& zones);

// RatedLine(): the line of a row with only the fields that follow from usage and terms, without
// names, which may change after the line was made. RatedPart(): a line reduced to those fields.
storage::LineRecord RatedLine(const StatementRow& row);
storage::LineRecord RatedPart(storage::LineRecord line);

}  // namespace owo::ledger

#endif  // OWO_SERVICE_LEDGER_INVOICE_LINES_H_
