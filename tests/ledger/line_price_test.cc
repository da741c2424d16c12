// The price on a line depends only on the units that it covers, whatever was invoiced and voided
// before.

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "service/ledger/invoice_lines.h"
#include "tests/support/ledger.h"

namespace owo::ledger {
namespace {

using storage::InvoiceRecord;

class LinePriceTest : public ::testing::Test {
 protected:
  // "seats" makes invoices positive that "calls" alone would not.
  void Start(const PlanFeatureSpec& calls) {
    Must(ledger_.Sync(CatalogOf(PlanOf("pro", {calls, PerUnit("seats", "0", "1000000")}))));
    ledger_.AddCustomer("ada", "pro");
  }
  InvoiceRecord Bill(const std::string& calls) {
    ledger_.Use("ada", "calls", calls);
    ledger_.Use("ada", "seats", "1");
    return ledger_.Bill("ada");
  }

  // The row of "calls" that `Usage` shows, which the next invoice must show as well.
  struct Shown {
    std::string quantity;
    storage::MinorUnits amount = 0;
    std::string price;  // "": no price
    friend bool operator==(const Shown&, const Shown&) = default;
    friend void PrintTo(const Shown& s, std::ostream* out) {
      *out << s.quantity << " for " << s.amount << " at \"" << s.price << "\"";
    }
  };
  Shown Next() {
    const Statement statement = Must(ledger_.Usage("ada")).statement;
    const StatementRow& row = statement.rows.at(0);
    EXPECT_EQ(row.context.feature->slug, "calls");
    Shown shown{ToDecimal(row.adds.billable).ToString(), row.adds.amount,
                row.unit_price.has_value() ? row.unit_price->ToString() : ""};
    ledger_.Use("ada", "seats", "1");
    const InvoiceRecord invoice = ledger_.Bill("ada");
    EXPECT_EQ(invoice.lines(0).unit_price(), shown.price);
    EXPECT_EQ(invoice.lines(0).covers().amount(), shown.amount);
    EXPECT_EQ(ledger_.Verify().differences(), 0);
    return shown;
  }

  TestLedger ledger_{CatalogSpec(), {.allow_negative_quantities = true}};
};

TEST_F(LinePriceTest, GraduatedUnitsOfAVoidInvoiceKeepTheirPrice) {
  Start(Graduated("calls", "0", {"10: 100", ": 1"}));
  Bill("5");
  const InvoiceRecord second = Bill("5");
  Bill("10");
  Must(ledger_.Void(second));
  EXPECT_EQ(Next(), (Shown{"5", 500, "100"}));
}

TEST_F(LinePriceTest, GraduatedUnitsOfSeveralVoidInvoicesAreAveraged) {
  Start(Graduated("calls", "0", {"10: 100", "20: 10", ": 1"}));
  const InvoiceRecord first = Bill("5");
  Bill("10");
  const InvoiceRecord third = Bill("10");
  Must(ledger_.Void(first));
  Must(ledger_.Void(third));
  // Units 1 to 5 at 100, 16 to 20 at 10, and 21 to 25 at 1.
  EXPECT_EQ(Next(), (Shown{"15", 555, "37"}));
}

TEST_F(LinePriceTest, VolumeUnitsShowThePriceAndNotTheRoundedAmountByUnit) {
  Start(Volume("calls", "0", {"100: 20", ": 12.25"}));
  const InvoiceRecord first = Bill("5590");
  Bill("50");
  Must(ledger_.Void(first));
  EXPECT_EQ(Next(), (Shown{"5590", 68478, "12.25"}));
}

TEST_F(LinePriceTest, APriceTooSmallForAnAmountIsStillShown) {
  Start(Volume("calls", "0", {"100: 1", ": 0.000001"}));
  const InvoiceRecord first = Bill("200");
  Bill("50");
  Must(ledger_.Void(first));
  EXPECT_EQ(Next(), (Shown{"200", 0, "0.000001"}));
}

TEST_F(LinePriceTest, VolumeUnitsThatWereRepricedAreAveraged) {
  Start(Volume("calls", "0", {"10: 100", ": 12.5"}));
  Bill("8");
  ledger_.Use("ada", "calls", "3");
  // 11 at 12.5, which is 137.5, replace 8 at 100.
  EXPECT_EQ(Next(), (Shown{"3", 138 - 800, "-220.833333333333"}));
}

TEST_F(LinePriceTest, CorrectionsHaveThePriceOfTheUnitsThatTheyTakeBack) {
  Start(Graduated("calls", "0", {"10: 100", ": 1"}));
  Bill("12");
  ledger_.Use("ada", "calls", "-2");
  EXPECT_EQ(Next(), (Shown{"-2", -2, "1"}));
  ledger_.Use("ada", "calls", "-3");
  EXPECT_EQ(Next(), (Shown{"-3", -300, "100"}));
}

TEST_F(LinePriceTest, OneTierMoreAndAnotherLessWithoutUnitsHasNoPrice) {
  Start(Volume("calls", "0", {"10: 100", ": 10"}));
  const InvoiceRecord first = Bill("5");
  Bill("6");  // 11 at 10 replace 5 at 100
  Must(ledger_.Void(first));
  ledger_.Use("ada", "calls", "-5");
  // Now 6 at 100 are due. Covered are 11 at 10 less 5 at 100.
  EXPECT_EQ(Next(), (Shown{"0", 600 - (110 - 500), ""}));
}

TEST_F(LinePriceTest, UnitsOfTwoTiersAtOnePriceShowIt) {
  Start(Graduated("calls", "0", {"10: 4 + 50", "20: 4", ": 1"}));
  ledger_.Use("ada", "calls", "15");
  EXPECT_EQ(Next(), (Shown{"15", 110, "4"}));
}

TEST_F(LinePriceTest, TheAverageIsOfUnroundedAmounts) {
  Start(Graduated("calls", "0", {"1: 0.125", ": 0.25"}));
  ledger_.Use("ada", "calls", "2");
  EXPECT_EQ(Next(), (Shown{"2", 0, "0.1875"}));
  ledger_.Use("ada", "calls", "1");
  EXPECT_EQ(Next(), (Shown{"1", 1, "0.25"}));  // the exact total is 0.625
}

TEST_F(LinePriceTest, APackageShowsThePriceByUnit) {
  Start(Package("calls", "0", "500", "100"));
  const InvoiceRecord first = Bill("130");
  Bill("50");
  Must(ledger_.Void(first));
  EXPECT_EQ(Next(), (Shown{"130", 1000, "5"}));
}

TEST_F(LinePriceTest, TiersWithoutUnitsAndFeeAreLeftOut) {
  Start(Graduated("calls", "0", {"10: 100", ": 1"}));
  const InvoiceRecord first = Bill("1");
  Bill("5");
  const InvoiceRecord credit = Bill("-5");
  Bill("5");
  Must(ledger_.Void(first));
  Must(ledger_.Void(credit));
  // All units of the first tier are covered; its fee is 0.
  ledger_.Use("ada", "calls", "6");
  const StatementRow row = Must(ledger_.Usage("ada")).statement.rows.at(0);
  ASSERT_EQ(row.adds.tiers.size(), 2);
  const std::vector<LineTier> shown = TiersOf(row);
  ASSERT_EQ(shown.size(), 1);
  EXPECT_EQ(shown[0].quantity, "2");
  EXPECT_EQ(shown[0].amount, "2");
  EXPECT_EQ(Next(), (Shown{"2", 2, "1"}));
}

}  // namespace
}  // namespace owo::ledger
