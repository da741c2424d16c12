// Encodes an invoice as the bytes of an owo.billing.v1.Invoice: the one mapping between the
// ledger's Invoice and the API. Rendering a page of invoices as messages would allocate thousands
// of small objects, which costs several times as much as writing their bytes.
//
//   OWO_TRY(const ledger::InvoiceView view, ledger::ReadListed(page.invoices.front()));
//   absl::StatusOr<std::string> bytes = InvoiceBytes(view);
//   invoice.ParseFromString(*bytes);

#ifndef OWO_SERVICE_RPC_BILLING_INVOICE_BYTES_H_
#define OWO_SERVICE_RPC_BILLING_INVOICE_BYTES_H_

#include <string>

#include "absl/status/statusor.h"
#include "service/ledger/billing.h"

namespace owo::rpc {

// DATA_LOSS if the currency of the invoice is not one (rating::Currency).
absl::StatusOr<std::string> InvoiceBytes(const ledger::InvoiceView& view);

}  // namespace owo::rpc

#endif  // OWO_SERVICE_RPC_BILLING_INVOICE_BYTES_H_
