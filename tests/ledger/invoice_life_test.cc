// draft → open → paid; draft or open → void. An invoice gets its number when it opens.

#include <gtest/gtest.h>

#include "tests/support/ledger.h"
#include "tests/support/store.h"

namespace owo::ledger {
namespace {

using storage::InvoiceRecord;

class InvoiceLifeTest : public ::testing::Test {
 protected:
  InvoiceLifeTest() { ledger_.AddCustomer("ada", "pro"); }

  InvoiceRecord NewInvoice(bool draft = false) {
    ledger_.Use("ada", "calls", "7");
    return Must(ledger_.Invoice({.customer = "ada", .draft = draft})).value.record;
  }
  InvoiceRecord Stored(const InvoiceRecord& invoice) { return ledger_.Stored(invoice.id()); }

  TestLedger ledger_{CatalogOf(PlanOf("pro", {UsageBased("calls", "10")}))};
};

TEST_F(InvoiceLifeTest, AnInvoiceIsOpenAndNumberedAtOnce) {
  const storage::Micros now = ledger_.now();
  const InvoiceRecord invoice = NewInvoice();
  EXPECT_EQ(invoice.status(), storage::INVOICE_STATUS_RECORD_OPEN);
  EXPECT_EQ(InvoiceNumber(invoice.series(), invoice.sequence()), "INV-000001");
  EXPECT_EQ(invoice.currency(), "USD");
  EXPECT_EQ(invoice.subtotal(), 70);
  EXPECT_EQ(invoice.total(), 70);
  EXPECT_EQ(invoice.created_us(), now);
  EXPECT_EQ(invoice.finalized_us(), now);
  EXPECT_EQ(Stored(invoice).SerializeAsString(), invoice.SerializeAsString());
}

TEST_F(InvoiceLifeTest, ADraftIsAFrozenInvoiceWithoutANumber) {
  const InvoiceRecord draft = NewInvoice(/*draft=*/true);
  EXPECT_EQ(draft.status(), storage::INVOICE_STATUS_RECORD_DRAFT);
  EXPECT_EQ(draft.sequence(), 0);
  EXPECT_EQ(draft.finalized_us(), 0);
  ledger_.Use("ada", "calls", "5");
  EXPECT_EQ(ledger_.Unbilled("ada"), 50);  // the draft covers the other 50
  ledger_.Advance(absl::Hours(1));
  const InvoiceRecord open = Must(ledger_.Finalize(draft)).value.record;
  EXPECT_EQ(open.status(), storage::INVOICE_STATUS_RECORD_OPEN);
  EXPECT_EQ(open.sequence(), 1);
  EXPECT_EQ(open.finalized_us(), ledger_.now());
  EXPECT_EQ(open.total(), 70);
}

TEST_F(InvoiceLifeTest, NumbersFollowTheOrderOfOpening) {
  const InvoiceRecord draft = NewInvoice(/*draft=*/true);
  EXPECT_EQ(NewInvoice().sequence(), 1);
  EXPECT_EQ(Must(ledger_.Finalize(draft)).value.record.sequence(), 2);
}

// A number derived from the number of rows would be used twice.
TEST_F(InvoiceLifeTest, NumbersOfVoidInvoicesAreNotGivenAgain) {
  const InvoiceRecord first = NewInvoice();
  const InvoiceRecord draft = NewInvoice(/*draft=*/true);
  Must(ledger_.Void(first));
  Must(ledger_.Void(draft));
  ledger_.Reopen();
  EXPECT_EQ(Stored(first).sequence(), 1);
  EXPECT_EQ(Stored(draft).sequence(), 0);
  EXPECT_EQ(NewInvoice().sequence(), 2);
}

TEST_F(InvoiceLifeTest, PayingSettlesTheWholeInvoice) {
  const InvoiceRecord invoice = NewInvoice();
  ledger_.Advance(absl::Hours(3));
  const InvoiceRecord paid = Must(ledger_.Pay(invoice, "transfer 4711")).value.record;
  EXPECT_EQ(paid.status(), storage::INVOICE_STATUS_RECORD_PAID);
  EXPECT_EQ(paid.paid_us(), ledger_.now());
  ASSERT_EQ(paid.payments_size(), 1);
  EXPECT_EQ(paid.payments(0).amount(), 70);
  EXPECT_EQ(paid.payments(0).reference(), "transfer 4711");
}

TEST_F(InvoiceLifeTest, PaymentMayBeDated) {
  const InvoiceRecord invoice = NewInvoice();
  const storage::Micros then = ledger_.now() + 60'000'000;
  ledger_.Advance(absl::Hours(1));
  const PaymentParams params{.invoice = invoice.id(), .reference = "x", .paid_at = then};
  EXPECT_EQ(Must(ledger_.Pay(params)).value.record.paid_us(), then);
  EXPECT_TRUE(ledger_.Pay(params).ok());
  EXPECT_TRUE(ledger_.Pay(invoice, "x").ok());  // without a time
  PaymentParams other = params;
  other.paid_at = then + 1;
  EXPECT_THAT(ledger_.Pay(other), RefusedAs(Reason::kInvoiceStatusConflict));
}

TEST_F(InvoiceLifeTest, PaymentIsNotBeforeTheInvoice) {
  const storage::Micros made = ledger_.now();
  const InvoiceRecord invoice = NewInvoice();
  ledger_.Advance(absl::Hours(1));
  PaymentParams params{.invoice = invoice.id(), .paid_at = made - 1};
  EXPECT_THAT(ledger_.Pay(params), RefusesField("paid_at"));
  params.paid_at = made;
  EXPECT_TRUE(ledger_.Pay(params).ok());
}

TEST_F(InvoiceLifeTest, TransitionsRepeatedWithEqualArgumentsChangeNothing) {
  const InvoiceRecord invoice = NewInvoice();
  const auto unchanged = [](const InvoiceRecord& a, const InvoiceRecord& b) {
    return a.revision() == b.revision() && a.SerializeAsString() == b.SerializeAsString();
  };
  EXPECT_TRUE(unchanged(Must(ledger_.Finalize(invoice)).value.record, invoice));
  const InvoiceRecord paid = Must(ledger_.Pay(invoice, "a")).value.record;
  EXPECT_TRUE(unchanged(Must(ledger_.Pay(invoice, "a")).value.record, paid));
  EXPECT_TRUE(unchanged(Must(ledger_.Finalize(invoice)).value.record, paid));
  const InvoiceRecord other = NewInvoice();
  const InvoiceRecord gone = Must(ledger_.Void(other, "twice")).value.record;
  EXPECT_TRUE(unchanged(Must(ledger_.Void(other, "twice")).value.record, gone));
  EXPECT_EQ(ledger_.Unbilled("ada"), 70);  // unbilled again, once
}

TEST_F(InvoiceLifeTest, PaidTwiceWithOtherReferencesConflicts) {
  const InvoiceRecord invoice = NewInvoice();
  Must(ledger_.Pay(invoice, "a"));
  const auto again = ledger_.Pay(invoice, "b");
  EXPECT_THAT(again, RefusedAs(Reason::kInvoiceStatusConflict));
  EXPECT_EQ(ValueIn(again.status(), "status"), "paid");
  EXPECT_EQ(ValueIn(again.status(), "invoice_id"), InvoiceIdText(invoice.id()));
}

TEST_F(InvoiceLifeTest, OnlyTheDrawnTransitionsExist) {
  const InvoiceRecord draft = NewInvoice(/*draft=*/true);
  EXPECT_THAT(ledger_.Pay(draft, "a"), RefusedAs(Reason::kInvoiceStatusConflict));
  Must(ledger_.Void(draft, "x"));
  EXPECT_THAT(ledger_.Finalize(draft), RefusedAs(Reason::kInvoiceStatusConflict));
  EXPECT_THAT(ledger_.Pay(draft, "a"), RefusedAs(Reason::kInvoiceStatusConflict));
  EXPECT_THAT(ledger_.Void(draft, "y"), RefusedAs(Reason::kInvoiceStatusConflict));
  const InvoiceRecord paid = NewInvoice();
  Must(ledger_.Pay(paid, "a"));
  EXPECT_THAT(ledger_.Void(paid), RefusedAs(Reason::kInvoiceStatusConflict));
  EXPECT_EQ(Stored(paid).status(), storage::INVOICE_STATUS_RECORD_PAID);
  EXPECT_EQ(Stored(draft).void_reason(), "x");
}

TEST_F(InvoiceLifeTest, DraftAndOpenInvoicesReturnTheirUsage) {
  for (const bool draft : {true, false}) {
    const InvoiceRecord invoice = NewInvoice(draft);
    EXPECT_EQ(ledger_.Unbilled("ada"), 0);
    Must(ledger_.Void(invoice));
    EXPECT_EQ(ledger_.Unbilled("ada"), invoice.total());
  }
}

TEST_F(InvoiceLifeTest, AnUnknownInvoiceIsNotFound) {
  InvoiceRecord unknown;
  unknown.set_id(std::string(16, 'x'));
  EXPECT_THAT(ledger_.GetInvoice(unknown.id()), RefusedAs(Reason::kInvoiceNotFound));
  EXPECT_THAT(ledger_.Finalize(unknown), RefusedAs(Reason::kInvoiceNotFound));
  EXPECT_THAT(ledger_.Pay(unknown, ""), RefusedAs(Reason::kInvoiceNotFound));
  EXPECT_THAT(ledger_.Void(unknown), RefusedAs(Reason::kInvoiceNotFound));
}

TEST_F(InvoiceLifeTest, TenConcurrentPaymentsSettleOne) {
  const InvoiceRecord invoice = NewInvoice();
  std::atomic<int> settled = 0;
  storage::InParallel(10, [&](int i) {
    const auto paid = ledger_.Pay(invoice, "transfer " + std::to_string(i));
    if (paid.ok()) {
      ++settled;
    } else {
      EXPECT_THAT(paid, RefusedAs(Reason::kInvoiceStatusConflict));
    }
  });
  EXPECT_EQ(settled, 1);
  EXPECT_EQ(Stored(invoice).payments_size(), 1);
}

TEST_F(InvoiceLifeTest, TenConcurrentRepeatsOfOnePaymentAllSucceed) {
  const InvoiceRecord invoice = NewInvoice();
  storage::InParallel(10, [&](int) { EXPECT_TRUE(ledger_.Pay(invoice, "same").ok()); });
  EXPECT_EQ(Stored(invoice).payments_size(), 1);
}

TEST_F(InvoiceLifeTest, MetadataStaysWithTheInvoice) {
  ledger_.Use("ada", "calls", "1");
  const InvoiceRecord invoice =
      Must(ledger_.Invoice({.customer = "ada", .notes = NotesOf({{"order", "17"}})})).value.record;
  EXPECT_EQ(Stored(invoice).metadata().at("order"), "17");
}

}  // namespace
}  // namespace owo::ledger
