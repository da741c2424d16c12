// What changes of an invoice after it is made, as the journal holds it: status, number, payments,
// times and reasons. Never lines, which are frozen and may be megabytes.
//
//   InvoiceUpdateRecord update = UpdateOf(stored, wanted);
//   ApplyUpdate(update, invoice);   // REQUIRES: Follows(update, invoice)

#ifndef OWO_STORAGE_ROCKSDB_COMMIT_INVOICE_UPDATE_H_
#define OWO_STORAGE_ROCKSDB_COMMIT_INVOICE_UPDATE_H_

#include "storage/records.pb.h"

namespace owo::storage {

// Everything else of `wanted` is ignored.
InvoiceUpdateRecord UpdateOf(const InvoiceRecord& stored, const InvoiceRecord& wanted);

// Whether the update was made from the invoice as it is.
inline bool Follows(const InvoiceUpdateRecord& update, const InvoiceRecord& invoice) {
  return invoice.revision() + 1 == update.revision();
}
void ApplyUpdate(const InvoiceUpdateRecord& update, InvoiceRecord& invoice);

}  // namespace owo::storage

#endif  // OWO_STORAGE_ROCKSDB_COMMIT_INVOICE_UPDATE_H_
