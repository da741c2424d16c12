// Invoices as tests cut them: no rating, each unit of usage costs one minor unit.
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

// 16 bytes; a greater number is a newer invoice.
std::string InvoiceId(uint64_t number);

// A line over everything of the counter that no line covers.
LineRecord LineOver(const Counter& counter);

// An open invoice over everything that is open in `account`, which it settles.
CreateInvoice InvoiceAll(const Subject& subject, const Account& account, std::string_view id);

// What an invoice's row holds; the test fails when it does not parse.
InvoiceRecord InRow(std::string_view row);

// As the invoice is to become; with the times a ledger would set.
UpdateInvoice Become(const InvoiceRecord& invoice, InvoiceStatusRecord status);

// Cuts everything that is open; the test fails when that is not committed.
InvoiceRecord MustCreateInvoice(Store& store, const Subject& subject, std::string_view id);
InvoiceRecord MustChange(Store& store, const Subject& subject, const UpdateInvoice& change);

// The customer's invoices, newest first; the test fails when they cannot be read.
std::vector<InvoiceRecord> MustList(const Store& store, const Subject& subject);

}  // namespace owo::storage

#endif  // OWO_TESTS_SUPPORT_INVOICES_H_
