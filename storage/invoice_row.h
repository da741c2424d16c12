// The parts of an invoice that lists show, read from its serialized row without copying. A page has
// many invoices, and parsing each into a record would cost more than everything else that a page
// needs.
//
//   InvoiceRow invoice;
//   OWO_RETURN_IF_ERROR(ParseInvoiceRow(row, invoice));   // `row`: a serialized InvoiceRecord
//   for (const LineRow& line : invoice.lines) sum += line.amount;

#ifndef OWO_STORAGE_INVOICE_ROW_H_
#define OWO_STORAGE_INVOICE_ROW_H_

#include <cstdint>
#include <string_view>

#include "absl/container/inlined_vector.h"
#include "absl/status/status.h"
#include "storage/records.pb.h"
#include "storage/types.h"

namespace owo::storage {

// The fields of a LineRecord, including those of its counter and coverage. Quantities are packed
// (UnpackQuantity, storage/convert.h).
struct LineRow {
  uint32_t interval = 0;  // IntervalCode
  std::string_view usage;
  std::string_view free;
  std::string_view billable;
  MinorUnits amount = 0;
  std::string_view feature_slug;
  std::string_view feature_name;
  std::string_view plan;
  uint32_t plan_version = 0;
  std::string_view unit_price;
  absl::InlinedVector<std::string_view, 2> tiers;  // serialized LineTierRecords
  std::string_view period_label;
  std::string_view time_zone;
  Micros period_start = 0;
  Micros period_end = 0;
};

// The fields of an InvoiceRecord.
struct InvoiceRow {
  std::string_view id;
  CustomerNo customer{};
  InvoiceStatusRecord status = INVOICE_STATUS_RECORD_UNSPECIFIED;
  std::string_view series;
  std::string_view currency;
  MinorUnits subtotal = 0;
  MinorUnits total = 0;
  absl::InlinedVector<LineRow, 2> lines;
  absl::InlinedVector<std::string_view, 1> payments;  // serialized PaymentRecords
  Micros created = 0;
  Micros finalized = 0;
  Micros paid = 0;
  Micros voided = 0;
  std::string_view void_reason;
  absl::InlinedVector<std::string_view, 2> metadata;  // serialized entries
  uint64_t sequence = 0;
};

// Fills `invoice`, which must be new. Its string views point into `row`. DATA_LOSS if `row` is not
// an InvoiceRecord.
absl::Status ParseInvoiceRow(std::string_view row, InvoiceRow& invoice);

}  // namespace owo::storage

#endif  // OWO_STORAGE_INVOICE_ROW_H_
