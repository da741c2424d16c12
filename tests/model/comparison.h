// Compares a ledger with the plain one: usage, history and invoices must be the same. Also checks
// the two laws of rating.
//
//   ExpectSameCustomer(real, plain, "ada");
#ifndef OWO_TESTS_MODEL_COMPARISON_H_
#define OWO_TESTS_MODEL_COMPARISON_H_

#include <string>
#include <vector>

#include "tests/model/plain_ledger.h"
#include "tests/support/ledger.h"

namespace owo::model {

// Invoice ids. The test uses numbers, the ledger ids.
using InvoiceIds = std::vector<std::string>;  // in the order of PlainLedger::invoices

rating::Decimal ToDecimal(Milli milli);
rating::Decimal PriceToDecimal(Price price);

// Compares usage and history of one customer.
void ExpectSameCustomer(ledger::TestLedger& real, const PlainLedger& plain,
                        const std::string& customer);

// Compares totals, free and billable units and costs of all counters, whatever invoices cover.
void ExpectSameCharges(ledger::TestLedger& real, const PlainLedger& plain,
                       const std::string& customer);

void ExpectSameInvoice(ledger::TestLedger& real, const PlainLedger& plain, size_t invoice,
                       const InvoiceIds& ids);

// Compares the list of all invoices, and each single invoice.
void ExpectSameInvoices(ledger::TestLedger& real, const PlainLedger& plain, const InvoiceIds& ids);

// Checks two laws, on what the ledger itself returns for a customer:
// 1. The charges of non-void invoices for a counter, plus what is unbilled of it, are its cost.
// 2. The free units of a period never exceed the largest allowance in force in it.
void ExpectLaws(ledger::TestLedger& real, const std::string& customer);

}  // namespace owo::model

#endif  // OWO_TESTS_MODEL_COMPARISON_H_
