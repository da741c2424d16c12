// An invoice covers what no earlier invoice covers. So the total cost of a period depends neither
// on how often it is invoiced, nor on voids, nor on the order in which usage arrives.

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "tests/support/ledger.h"

namespace owo::ledger {
namespace {

using storage::InvoiceRecord;

// Returns the total of the non-void invoices and of the unbilled usage.
storage::MinorUnits Charged(TestLedger& ledger, const std::string& customer) {
  storage::MinorUnits sum = ledger.Unbilled(customer);
  for (const ReadInvoice& invoice :
       Must(ledger.ListInvoices({.customer = customer, .limit = kWholePage})).invoices) {
    if (invoice.record.status() == storage::INVOICE_STATUS_RECORD_VOID) continue;
    sum += invoice.record.subtotal();
  }
  return sum;
}

TEST(InvoiceTest, SecondInvoiceInOnePeriodDoesNotGrantTheAllowanceAgain) {
  TestLedger ledger(CatalogOf(PlanOf("pro", {PerUnit("calls", "100", "10")})));
  ledger.AddCustomer("ada", "pro");
  ledger.Use("ada", "calls", "150");
  EXPECT_EQ(ledger.Bill("ada").total(), 500);
  ledger.Use("ada", "calls", "80");
  EXPECT_EQ(ledger.Bill("ada").total(), 800);
}

TEST(InvoiceTest, UsageWithinTheAllowanceJoinsTheNextLine) {
  TestLedger ledger(CatalogOf(PlanOf("pro", {PerUnit("calls", "100", "10")})));
  ledger.AddCustomer("ada", "pro");
  ledger.Use("ada", "calls", "60");
  EXPECT_THAT(ledger.Invoice({.customer = "ada"}), RefusedAs(Reason::kNoUnbilledUsage));
  ledger.Use("ada", "calls", "60");
  const Statement statement = Must(ledger.Usage("ada")).statement;
  ASSERT_EQ(statement.rows.size(), 1);
  EXPECT_EQ(ToDecimal(statement.rows[0].adds.usage), D("120"));
  EXPECT_EQ(ToDecimal(statement.rows[0].adds.free), D("100"));
  EXPECT_EQ(ToDecimal(statement.rows[0].adds.billable), D("20"));
  EXPECT_EQ(statement.rows[0].adds.ranges, (std::vector<storage::OrdinalRange>{{0, 2}}));
}

TEST(InvoiceTest, GraduatedTiersGoOnWhereTheLastInvoiceStopped) {
  TestLedger ledger(
      CatalogOf(PlanOf("pro", {Graduated("calls", "0", {"30: 100 + 1000", ": 50"})})));
  ledger.AddCustomer("ada", "pro");
  ledger.Use("ada", "calls", "20");
  EXPECT_EQ(ledger.Bill("ada").total(), 20 * 100 + 1000);
  ledger.Use("ada", "calls", "20");
  const InvoiceRecord second = ledger.Bill("ada");
  EXPECT_EQ(second.total(), 10 * 100 + 10 * 50);
  ASSERT_EQ(second.lines(0).tiers_size(), 2);
  EXPECT_EQ(second.lines(0).tiers(0).quantity(), "10");
  EXPECT_EQ(second.lines(0).tiers(0).flat_fee(), "0");
  EXPECT_EQ(second.lines(0).tiers(1).amount(), "500");
  EXPECT_FALSE(second.lines(0).tiers(1).has_up_to());
}

TEST(InvoiceTest, PackageThatWasStartedIsPaidOnce) {
  TestLedger ledger(CatalogOf(PlanOf("pro", {Package("calls", "0", "500", "100")})));
  ledger.AddCustomer("ada", "pro");
  ledger.Use("ada", "calls", "130");
  EXPECT_EQ(ledger.Bill("ada").total(), 1000);
  ledger.Use("ada", "calls", "60");
  const Statement inside = Must(ledger.Usage("ada")).statement;
  ASSERT_EQ(inside.rows.size(), 1);  // 60 more units within the paid packages
  EXPECT_EQ(inside.total, 0);
  ledger.Use("ada", "calls", "20");
  const InvoiceRecord second = ledger.Bill("ada");
  EXPECT_EQ(second.total(), 500);
  EXPECT_EQ(second.lines(0).unit_price(), "5");
}

TEST(InvoiceTest, CheaperVolumeTierGivesMoneyBack) {
  TestLedger ledger(CatalogOf(
      PlanOf("pro", {Volume("calls", "0", {"10: 100", ": 10"}), PerUnit("seats", "0", "1000")})));
  ledger.AddCustomer("ada", "pro");
  ledger.Use("ada", "calls", "10");
  EXPECT_EQ(ledger.Bill("ada").total(), 1000);
  ledger.Use("ada", "calls", "10");  // now all 20 at 10
  EXPECT_EQ(ledger.Unbilled("ada"), 200 - 1000);
  const auto refused = ledger.Invoice({.customer = "ada"});
  EXPECT_THAT(refused, RefusedAs(Reason::kCreditBalance));
  EXPECT_EQ(ValueIn(refused.status(), "amount"), "-800");
  EXPECT_EQ(ValueIn(refused.status(), "currency"), "USD");
  ledger.Use("ada", "seats", "1");
  const InvoiceRecord netted = ledger.Bill("ada");
  EXPECT_EQ(netted.lines_size(), 2);
  EXPECT_EQ(netted.total(), 200);
}

TEST(InvoiceTest, RowsThatNetToNothingAreACreditBalanceOfNothing) {
  TestLedger ledger(CatalogOf(PlanOf("pro", {PerUnit("calls", "0", "0")})));
  ledger.AddCustomer("ada", "pro");
  ledger.Use("ada", "calls", "5");
  const auto refused = ledger.Invoice({.customer = "ada"});
  EXPECT_THAT(refused, RefusedAs(Reason::kCreditBalance));
  EXPECT_EQ(ValueIn(refused.status(), "amount"), "0");
}

TEST(InvoiceTest, VoidedUsageIsInvoicedAgain) {
  TestLedger ledger(CatalogOf(PlanOf("pro", {PerUnit("calls", "100", "10")})));
  ledger.AddCustomer("ada", "pro");
  ledger.Use("ada", "calls", "150");
  const InvoiceRecord first = ledger.Bill("ada");
  EXPECT_EQ(ledger.Unbilled("ada"), 0);
  Must(ledger.Void(first, "wrong address"));
  EXPECT_EQ(ledger.Unbilled("ada"), 500);
  const InvoiceRecord again = ledger.Bill("ada");
  EXPECT_EQ(again.total(), 500);
  EXPECT_NE(again.id(), first.id());
  EXPECT_EQ(again.lines(0).covers().SerializeAsString(),
            first.lines(0).covers().SerializeAsString());
}

TEST(InvoiceTest, VoidingTheFirstOfTwoReturnsOnlyItsPart) {
  TestLedger ledger(CatalogOf(PlanOf("pro", {Graduated("calls", "10", {"30: 100", ": 50"})})));
  ledger.AddCustomer("ada", "pro");
  ledger.Use("ada", "calls", "25");
  const InvoiceRecord first = ledger.Bill("ada");
  EXPECT_EQ(first.total(), 1500);
  ledger.Use("ada", "calls", "35");
  const InvoiceRecord second = ledger.Bill("ada");
  EXPECT_EQ(second.total(), 15 * 100 + 20 * 50);
  Must(ledger.Void(first));
  EXPECT_EQ(ledger.Unbilled("ada"), 1500);
  ledger.Use("ada", "calls", "1");
  EXPECT_EQ(ledger.Bill("ada").total(), 1550);
  EXPECT_EQ(Charged(ledger, "ada"), 30 * 100 + 21 * 50);
}

TEST(InvoiceTest, CorrectionAfterTheInvoiceIsACreditOnTheNext) {
  TestLedger ledger(CatalogOf(PlanOf("pro", {PerUnit("calls", "100", "10")})),
                    {.allow_negative_quantities = true});
  ledger.AddCustomer("ada", "pro");
  ledger.Use("ada", "calls", "150");
  EXPECT_EQ(ledger.Bill("ada").total(), 500);
  ledger.Use("ada", "calls", "-70");
  EXPECT_EQ(ledger.Unbilled("ada"), -500);
  EXPECT_THAT(ledger.Invoice({.customer = "ada"}), RefusedAs(Reason::kCreditBalance));
  ledger.Use("ada", "calls", "90");
  // 170 in total, of which 50 billable units were paid.
  const InvoiceRecord next = ledger.Bill("ada");
  EXPECT_EQ(next.total(), 200);
  EXPECT_EQ(Charged(ledger, "ada"), 700);
}

TEST(InvoiceTest, CorrectionBelowTheAllowanceGivesEverythingBack) {
  TestLedger ledger(CatalogOf(PlanOf("pro", {PerUnit("calls", "100", "10")})),
                    {.allow_negative_quantities = true});
  ledger.AddCustomer("ada", "pro");
  ledger.Use("ada", "calls", "150");
  const InvoiceRecord paid = ledger.Bill("ada");
  ledger.Use("ada", "calls", "-150");
  const Statement statement = Must(ledger.Usage("ada")).statement;
  ASSERT_EQ(statement.rows.size(), 1);
  EXPECT_EQ(ToDecimal(statement.rows[0].adds.usage), D("-150"));
  EXPECT_EQ(ToDecimal(statement.rows[0].adds.free), D("-100"));
  EXPECT_EQ(ToDecimal(statement.rows[0].adds.billable), D("-50"));
  EXPECT_EQ(statement.total, -paid.total());
}

// After a void, the coverage of usage can exceed the largest total of a counter.
TEST(InvoiceTest, CoverageBeyondTheLargestTotalCanStillBeShown) {
  TestLedger ledger(CatalogOf(PlanOf("pro", {Graduated("calls", "0", {": 0.000001"}),
                                             PerUnit("seats", "0", "1")})),
                    {.allow_negative_quantities = true});
  ledger.AddCustomer("ada", "pro");
  const auto use = [&](std::string_view quantity) {
    std::vector<UsageEvent> events(600, EventOf("ada", "calls", quantity));
    for (const TrackResult& result : Must(ledger.Track(events))) ASSERT_TRUE(result.recorded);
  };
  use("1000000000000");
  EXPECT_EQ(ledger.Bill("ada").total(), 600'000'000);
  use("-1000000000000");
  ledger.Use("ada", "seats", "1000000000");
  const InvoiceRecord credit = ledger.Bill("ada");
  EXPECT_EQ(credit.total(), 400'000'000);
  use("1000000000000");
  EXPECT_EQ(ledger.Bill("ada").total(), 600'000'000);
  Must(ledger.Void(credit));
  EXPECT_EQ(ledger.Unbilled("ada"), 400'000'000);
  EXPECT_EQ(Charged(ledger, "ada"), 600'000'000 + 1'000'000'000);
}

}  // namespace
}  // namespace owo::ledger
