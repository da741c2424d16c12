// An invoice as the bytes of an owo.billing.v1.Invoice, written straight from its row. A page of
// invoices is some thousand small objects on either side, which cost several times what copying
// their bytes does.
//
//   absl::StatusOr<std::string> bytes = InvoiceBytes(page.invoices.front());
//   invoice.ParseFromString(*bytes);

#ifndef OWO_SERVICE_RPC_BILLING_INVOICE_BYTES_H_
#define OWO_SERVICE_RPC_BILLING_INVOICE_BYTES_H_

#include <string>

#include "absl/status/statusor.h"
#include "service/ledger/billing.h"

namespace owo::rpc {

// DATA_LOSS when a field does not hold what it should.
absl::StatusOr<std::string> InvoiceBytes(const ledger::ListedInvoice& listed);

}  // namespace owo::rpc

#endif  // OWO_SERVICE_RPC_BILLING_INVOICE_BYTES_H_
