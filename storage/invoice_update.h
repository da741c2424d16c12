// The part of an invoice that can change after it was created, in the form that the journal stores:
// status, number, payments, times and reasons. It never has lines: these are frozen, and may be
// megabytes.
//
//   InvoiceUpdateRecord update = UpdateOf(stored, wanted);
//   ApplyUpdate(update, invoice);   // REQUIRES: Follows(update, invoice)

#ifndef OWO_STORAGE_INVOICE_UPDATE_H_
#define OWO_STORAGE_INVOICE_UPDATE_H_

#include "storage/records.pb.h"

namespace owo::storage {

// Returns the update that leads from `stored` to `wanted`. Ignores all other fields of `wanted`.
InvoiceUpdateRecord UpdateOf(const InvoiceRecord& stored, const InvoiceRecord& wanted);

// Whether the update is based on this revision of the invoice.
inline bool Follows(const InvoiceUpdateRecord& update, const InvoiceRecord& invoice) {
  return invoice.revision() + 1 == update.revision();
}
// Makes `invoice` what it is after the update, with its revision. REQUIRES: Follows(update,
// invoice).
void ApplyUpdate(const InvoiceUpdateRecord& update, InvoiceRecord& invoice);

}  // namespace owo::storage

#endif  // OWO_STORAGE_INVOICE_UPDATE_H_
