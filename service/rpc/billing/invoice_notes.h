// Carries what a caller writes on an invoice from the request to the invoice that is shown: the
// fields of storage::InvoiceNotes. InvoiceRequest and the API's Invoice have fields of the same
// names and types, which is how they are found, so that a new note needs no code here.
//
//   params.notes = ParseNotes(fields, request);       // InvoiceRequest → InvoiceNotes
//   PutNotes(invoice.notes, to);                      // InvoiceNotes → the bytes of an Invoice

#ifndef OWO_SERVICE_RPC_BILLING_INVOICE_NOTES_H_
#define OWO_SERVICE_RPC_BILLING_INVOICE_NOTES_H_

#include <string_view>

#include "owo/billing/v1/billing.pb.h"
#include "service/ledger/invoice.h"
#include "service/rpc/fields.h"
#include "storage/util/wire_writer.h"

namespace owo::rpc {

namespace pb = ::owo::billing::v1;

// The notes of a request. Each text has at most 1,000 bytes; a map is bounded as metadata is
// (Fields::Metadata). `fields` records what exceeds that.
storage::InvoiceNotes ParseNotes(Fields& fields, const pb::InvoiceRequest& request);

// Writes notes, the bytes of a storage::InvoiceNotes, as fields of an Invoice.
void PutNotes(std::string_view notes, storage::WireWriter& to);

}  // namespace owo::rpc

#endif  // OWO_SERVICE_RPC_BILLING_INVOICE_NOTES_H_
