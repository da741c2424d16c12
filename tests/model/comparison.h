// Holds a ledger against the plain one: usage, history and invoices must say the same, and both
// laws of rating must hold.
//
//   ExpectSameCustomer(real, plain, "ada");
#ifndef OWO_TESTS_MODEL_COMPARISON_H_
#define OWO_TESTS_MODEL_COMPARISON_H_

#include <string>
#include <vector>

#include "tests/model/plain_ledger.h"
#include "tests/support/ledger.h"

namespace owo::model {

// What the test calls by number and the ledger by id.
using InvoiceIds = std::vector<std::string>;  // in the order of PlainLedger::invoices

rating::Decimal ToDecimal(Milli milli);
rating::Decimal PriceToDecimal(Price price);

// Usage and history of one customer.
void ExpectSameCustomer(ledger::TestLedger& real, const PlainLedger& plain,
                        const std::string& customer);

// Totals, free and billable units and costs of all counters, whatever is invoiced of them.
void ExpectSameCharges(ledger::TestLedger& real, const PlainLedger& plain,
                       const std::string& customer);

void ExpectSameInvoice(ledger::TestLedger& real, const PlainLedger& plain, size_t invoice,
                       const InvoiceIds& ids);

// The list of all invoices, and each of them.
void ExpectSameInvoices(ledger::TestLedger& real, const PlainLedger& plain, const InvoiceIds& ids);

// The two laws, of what the ledger itself says of a customer:
// 1. What the invoices that are not void charge for a counter, and what is unbilled of it, is its
//    cost.
// 2. The free units of a period are never more than the largest allowance in force in it.
void ExpectLaws(ledger::TestLedger& real, const std::string& customer);

}  // namespace owo::model

#endif  // OWO_TESTS_MODEL_COMPARISON_H_
