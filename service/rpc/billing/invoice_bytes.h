// Encodes an invoice as the bytes of an owo.billing.v1.Invoice, directly from its row. Rendering a
// page of invoices as messages allocates thousands of small objects, which costs several times as
// much as copying their bytes.
//
//   absl::StatusOr<std::string> bytes = InvoiceBytes(page.invoices.front());
//   invoice.ParseFromString(*bytes);

#ifndef OWO_SERVICE_RPC_BILLING_INVOICE_BYTES_H_
#define OWO_SERVICE_RPC_BILLING_INVOICE_BYTES_H_

#include <string>

#include "absl/status/statusor.h"
#include "service/ledger/billing.h"

namespace owo::rpc {

// DATA_LOSS if a field of the row is invalid.
absl::StatusOr<std::string> InvoiceBytes(const ledger::ListedInvoice& listed);

}  // namespace owo::rpc

#endif  // OWO_SERVICE_RPC_BILLING_INVOICE_BYTES_H_
