// Invoices are listed newest first, in pages, for one customer or for all.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "tests/support/ledger.h"

namespace owo::ledger {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

class InvoiceListTest : public ::testing::Test {
 protected:
  InvoiceListTest() {
    for (const char* const id : {"ada", "bob"}) ledger_.AddCustomer(id, "pro");
  }
  storage::InvoiceRecord Bill(std::string_view customer) {
    ledger_.Use(customer, "calls", "1");
    ledger_.Advance(absl::Minutes(1));
    return ledger_.Bill(customer);
  }
  // Returns the numbers of all pages, and expects every page but the last to be full.
  std::vector<uint64_t> Numbers(InvoiceQuery query) {
    std::vector<uint64_t> numbers;
    do {
      const ReadInvoices page = Must(ledger_.ListInvoices(query));
      for (const ReadInvoice& invoice : page.invoices) numbers.push_back(invoice.record.sequence());
      if (!page.next.empty()) {
        EXPECT_EQ(page.invoices.size(), query.limit);
      }
      query.before = page.next;
    } while (!query.before.empty());
    return numbers;
  }

  TestLedger ledger_{CatalogOf(PlanOf("pro", {UsageBased("calls", "10")}))};
};

TEST_F(InvoiceListTest, IsEmptyBeforeTheFirst) {
  EXPECT_THAT(Numbers({.limit = 10}), IsEmpty());
  EXPECT_THAT(Numbers({.customer = "ada", .limit = 10}), IsEmpty());
  EXPECT_THAT(ledger_.ListInvoices({.customer = "nobody", .limit = 10}),
              RefusedAs(Reason::kCustomerNotFound));
}

TEST_F(InvoiceListTest, NewestFirstInPagesOfAnySize) {
  for (const char* const id : {"ada", "bob", "ada", "ada", "bob"}) Bill(id);
  for (size_t limit = 1; limit <= 6; ++limit) {
    EXPECT_THAT(Numbers({.limit = limit}), ElementsAre(5, 4, 3, 2, 1));
    EXPECT_THAT(Numbers({.customer = "ada", .limit = limit}), ElementsAre(4, 3, 1));
    EXPECT_THAT(Numbers({.customer = "bob", .limit = limit}), ElementsAre(5, 2));
  }
}

TEST_F(InvoiceListTest, OnlyThoseWithAStatus) {
  std::vector<storage::InvoiceRecord> invoices;
  for (const char* const id : {"ada", "ada", "bob", "ada", "ada"}) invoices.push_back(Bill(id));
  for (const int paid : {0, 2, 4}) Must(ledger_.Pay(invoices[paid], ""));
  Must(ledger_.Void(invoices[1]));
  for (size_t limit = 1; limit <= 4; ++limit) {
    EXPECT_THAT(Numbers({.status = storage::INVOICE_STATUS_RECORD_PAID, .limit = limit}),
                ElementsAre(5, 3, 1));
    EXPECT_THAT(
        Numbers({.customer = "ada", .status = storage::INVOICE_STATUS_RECORD_PAID, .limit = limit}),
        ElementsAre(5, 1));
    EXPECT_THAT(Numbers({.status = storage::INVOICE_STATUS_RECORD_VOID, .limit = limit}),
                ElementsAre(2));
    EXPECT_THAT(Numbers({.status = storage::INVOICE_STATUS_RECORD_DRAFT, .limit = limit}),
                IsEmpty());
  }
}

TEST_F(InvoiceListTest, ShowsWhoIsBilledByTheNameOfNow) {
  Bill("ada");
  Must(ledger_.Update("ada", {.id = "lovelace", .email = "l@example.com"}));
  const ReadInvoices page = Must(ledger_.ListInvoices({.customer = "L@example.com", .limit = 5}));
  ASSERT_EQ(page.invoices.size(), 1);
  EXPECT_EQ(page.invoices[0].customer_id, "lovelace");
}

TEST_F(InvoiceListTest, ANewInvoiceDoesNotShiftThePages) {
  for (int i = 0; i < 4; ++i) Bill("ada");
  const ReadInvoices first = Must(ledger_.ListInvoices({.limit = 2}));
  Bill("bob");
  const ReadInvoices second = Must(ledger_.ListInvoices({.before = first.next, .limit = 2}));
  EXPECT_EQ(second.invoices.at(0).record.sequence(), 2);
  EXPECT_EQ(second.invoices.at(1).record.sequence(), 1);
}

}  // namespace
}  // namespace owo::ledger
