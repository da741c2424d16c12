// Invoices for tests of the store: no rating, each unit of usage costs one minor unit.
//
//   CreateInvoice create = InvoiceAll(subject, ReadAccount(store, subject), InvoiceId(1));
//   absl::StatusOr<MutationResult> made = Commit(store, Change(subject, create));
#ifndef OWO_TESTS_SUPPORT_INVOICES_H_
#define OWO_TESTS_SUPPORT_INVOICES_H_

#include <string>
#include <vector>

#include "storage/store.h"
#include "tests/support/store.h"

namespace owo::storage {

// Returns an id of 16 bytes. A greater number is a newer invoice.
std::string InvoiceId(uint64_t number);

// Returns a line over everything of the counter that no line covers.
LineRecord LineOver(const Counter& counter);

// Returns an open invoice over all open counters of `account`, which it closes.
CreateInvoice InvoiceAll(const Subject& subject, const Account& account, std::string_view id);

// Parses an invoice's row. The test fails if it does not parse.
InvoiceRecord InRow(std::string_view row);

// Returns a change of the invoice to `status`, with the times that a ledger would set.
UpdateInvoice Become(const InvoiceRecord& invoice, InvoiceStatusRecord status);

// Creates an invoice over everything that is open. The test fails if that is not committed.
InvoiceRecord MustCreateInvoice(Store& store, const Subject& subject, std::string_view id);
InvoiceRecord MustChange(Store& store, const Subject& subject, const UpdateInvoice& change);

// Returns the customer's invoices, newest first. The test fails if they cannot be read.
std::vector<InvoiceRecord> MustList(const Store& store, const Subject& subject);

}  // namespace owo::storage

#endif  // OWO_TESTS_SUPPORT_INVOICES_H_
