#include "storage/invoice_update.h"

namespace owo::storage {

InvoiceUpdateRecord UpdateOf(const InvoiceRecord& stored, const InvoiceRecord& wanted) {
  InvoiceUpdateRecord update;
  update.set_id(stored.id());
  update.set_customer(stored.customer());
  update.set_revision(stored.revision() + 1);
  update.set_status(wanted.status());
  if (wanted.sequence() != stored.sequence()) update.set_sequence(wanted.sequence());
  if (wanted.finalized_us() != stored.finalized_us()) {
    update.set_finalized_us(wanted.finalized_us());
  }
  if (wanted.paid_us() != stored.paid_us()) update.set_paid_us(wanted.paid_us());
  if (wanted.voided_us() != stored.voided_us()) update.set_voided_us(wanted.voided_us());
  if (wanted.void_reason() != stored.void_reason()) update.set_void_reason(wanted.void_reason());
  for (int i = stored.payments_size(); i < wanted.payments_size(); ++i) {
    *update.add_payments() = wanted.payments(i);
  }
  update.set_releases_coverage(wanted.status() == INVOICE_STATUS_RECORD_VOID &&
                               stored.status() != INVOICE_STATUS_RECORD_VOID);
  return update;
}

void ApplyUpdate(const InvoiceUpdateRecord& update, InvoiceRecord& invoice) {
  invoice.set_revision(update.revision());
  invoice.set_status(update.status());
  if (update.has_sequence()) invoice.set_sequence(update.sequence());
  if (update.has_finalized_us()) invoice.set_finalized_us(update.finalized_us());
  if (update.has_paid_us()) invoice.set_paid_us(update.paid_us());
  if (update.has_voided_us()) invoice.set_voided_us(update.voided_us());
  if (update.has_void_reason()) invoice.set_void_reason(update.void_reason());
  invoice.mutable_payments()->MergeFrom(update.payments());
}

}  // namespace owo::storage
