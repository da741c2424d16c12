// Reads an invoice from its row and writes it to its record: the one mapping between storage and
// the ledger's Invoice.
//
//   OWO_TRY(const Invoice invoice, ParseInvoice(row));   // `row`: a serialized InvoiceRecord
//   ToRecord(invoice).SerializeAsString();               // the same fields as `row`
//
// A row is read field by field, without building its record: a page of a list has hundreds of
// invoices, and the small objects of their records would cost more than all else that it needs
// (docs/decisions/0006-invoices-are-listed-as-bytes.md). An invoice takes several times the memory
// of its row, so a page is read one invoice at a time. Thread-safe.

#ifndef OWO_SERVICE_LEDGER_INVOICE_RECORD_H_
#define OWO_SERVICE_LEDGER_INVOICE_RECORD_H_

#include <string_view>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "service/ledger/invoice.h"
#include "storage/records.pb.h"

namespace owo::ledger {

// What is read of a row. kShown: all but what no answer shows, which are the ranges and the tiers
// that lines cover (Coverage), and without checking that the texts of notes are UTF-8.
enum class InvoiceParts { kAll, kShown };

// DATA_LOSS if `row` is not an InvoiceRecord, or does not add up.
absl::StatusOr<Invoice> ParseInvoice(std::string_view row, InvoiceParts parts = InvoiceParts::kAll);
absl::StatusOr<Invoice> ParseInvoice(const storage::InvoiceRecord& record);

// Fills `invoice`, which must be new, and does not check its sums. DATA_LOSS if `row` is not an
// InvoiceRecord.
absl::Status ParseInvoiceFields(std::string_view row, Invoice& invoice,
                                InvoiceParts parts = InvoiceParts::kAll);

// The customer of an invoice, without reading the rest of its row. DATA_LOSS if the row has none.
absl::StatusOr<storage::CustomerNo> CustomerOf(std::string_view row);

// The record to commit. A field with its default value is not written. Move a large invoice into
// this: its texts are moved on, and its lines freed one by one. REQUIRES: `taxes` is empty, because
// no field stores them; `notes` are the bytes of an InvoiceNotes. Both are checked.
storage::InvoiceRecord ToRecord(Invoice invoice);

}  // namespace owo::ledger

#endif  // OWO_SERVICE_LEDGER_INVOICE_RECORD_H_
