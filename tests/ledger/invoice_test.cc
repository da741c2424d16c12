// What an invoice comes to follows from its lines, taxes and payments.

#include "service/ledger/invoice.h"

#include <gtest/gtest.h>

#include <cstdint>
#include <limits>
#include <vector>

#include "tests/support/refusal.h"

namespace owo::ledger {
namespace {

constexpr int64_t kMax = std::numeric_limits<int64_t>::max();

Invoice OpenInvoice(const std::vector<int64_t>& lines, const std::vector<int64_t>& taxes = {}) {
  Invoice invoice{.id = std::string(16, 'i'), .status = storage::INVOICE_STATUS_RECORD_OPEN};
  for (const int64_t amount : lines) invoice.lines.push_back({.covers = {.amount = amount}});
  for (const int64_t amount : taxes) invoice.taxes.push_back({amount});
  EXPECT_TRUE(invoice.SumUp().ok());
  return invoice;
}

TEST(InvoiceTest, SubtotalIsTheSumOfItsLines) {
  const Invoice invoice = OpenInvoice({100, -30, 7});
  EXPECT_EQ(invoice.subtotal, 77);
  EXPECT_EQ(invoice.tax(), 0);
  EXPECT_EQ(invoice.total, 77);
  EXPECT_TRUE(invoice.CheckSums().ok());
}

TEST(InvoiceTest, TotalIsSubtotalAndTaxes) {
  const Invoice invoice = OpenInvoice({100, 50}, {30, 8});
  EXPECT_EQ(invoice.subtotal, 150);
  EXPECT_EQ(invoice.tax(), 38);
  EXPECT_EQ(invoice.total, 188);
  EXPECT_EQ(invoice.due(), 188);
  EXPECT_TRUE(invoice.CheckSums().ok());
}

TEST(InvoiceTest, SumsMayPassAnInt64OnTheWay) {
  EXPECT_EQ(OpenInvoice({kMax, kMax, -kMax}).total, kMax);
}

TEST(InvoiceTest, SumsThatExceedAnInt64AreRefused) {
  Invoice invoice = OpenInvoice({kMax});
  invoice.lines.push_back({.covers = {.amount = 1}});
  EXPECT_TRUE(absl::IsInternal(invoice.SumUp()));
  EXPECT_TRUE(absl::IsDataLoss(invoice.CheckSums()));
  invoice.lines.pop_back();
  invoice.taxes.push_back({1});
  EXPECT_TRUE(absl::IsInternal(invoice.SumUp()));
}

TEST(InvoiceTest, ASumThatIsNotThatOfItsPartsIsDataLoss) {
  const Invoice sound = OpenInvoice({100}, {7});
  for (const auto& harm : std::vector<void (*)(Invoice&)>{
           [](Invoice& invoice) { ++invoice.subtotal; },
           [](Invoice& invoice) { --invoice.total; },
           [](Invoice& invoice) { ++invoice.lines[0].covers.amount; },
           [](Invoice& invoice) { invoice.taxes.clear(); },
           [](Invoice& invoice) { invoice.payments.push_back({.amount = 108}); },
           [](Invoice& invoice) { invoice.status = storage::INVOICE_STATUS_RECORD_PAID; },
       }) {
    Invoice invoice = sound;
    harm(invoice);
    EXPECT_TRUE(absl::IsDataLoss(invoice.CheckSums()));
  }
}

TEST(InvoiceTest, DueIsWhatPaymentsLeave) {
  Invoice invoice = OpenInvoice({100}, {7});
  invoice.payments = {{.amount = 40}, {.amount = 2}};
  EXPECT_EQ(invoice.amount_paid(), 42);
  EXPECT_EQ(invoice.due(), 65);
  EXPECT_TRUE(Must(invoice.Pay("the rest", std::nullopt, 5)));
  EXPECT_EQ(invoice.payments.back().amount, 65);
  EXPECT_EQ(invoice.due(), 0);
  EXPECT_TRUE(invoice.CheckSums().ok());
}

TEST(InvoiceTest, NothingIsDueOfAVoidInvoice) {
  Invoice invoice = OpenInvoice({100});
  EXPECT_TRUE(Must(invoice.Void("wrong", 5)));
  EXPECT_EQ(invoice.total, 100);
  EXPECT_EQ(invoice.due(), 0);
  EXPECT_TRUE(invoice.CheckSums().ok());
}

TEST(InvoiceTest, ARefusedChangeLeavesTheInvoiceAsItWas) {
  Invoice invoice = OpenInvoice({100});
  invoice.finalized_at = 10;
  EXPECT_FALSE(invoice.Pay("early", 9, 20).ok());
  EXPECT_EQ(invoice.status, storage::INVOICE_STATUS_RECORD_OPEN);
  EXPECT_TRUE(invoice.payments.empty());
  EXPECT_EQ(invoice.paid_at, 0);
}

}  // namespace
}  // namespace owo::ledger
