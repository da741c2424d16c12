// Reads an invoice from its row and writes it to its record: the one mapping between storage and
// the ledger's Invoice.
//
//   OWO_TRY(const Invoice invoice, ParseInvoice(row));   // `row`: a serialized InvoiceRecord
//   ToRecord(invoice).SerializeAsString();               // the same fields as `row`
//
// A row is read field by field, without building its record: a page of a list has hundreds of
// invoices, and the small objects of their records would cost more than all else that it needs
// (docs/decisions/0006-invoices-are-listed-as-bytes.md).

#ifndef OWO_SERVICE_LEDGER_INVOICE_RECORD_H_
#define OWO_SERVICE_LEDGER_INVOICE_RECORD_H_

#include <string_view>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "service/ledger/invoice.h"
#include "storage/records.pb.h"

namespace owo::ledger {

// DATA_LOSS if `row` is not an InvoiceRecord, or does not add up.
absl::StatusOr<Invoice> ParseInvoice(std::string_view row);
absl::StatusOr<Invoice> ParseInvoice(const storage::InvoiceRecord& record);

// Fills `invoice`, which must be new, and does not check its sums. DATA_LOSS if `row` is not an
// InvoiceRecord.
absl::Status ParseInvoiceFields(std::string_view row, Invoice& invoice);

// The record to commit. A field with its default value is not written.
storage::InvoiceRecord ToRecord(const Invoice& invoice);

}  // namespace owo::ledger

#endif  // OWO_SERVICE_LEDGER_INVOICE_RECORD_H_
