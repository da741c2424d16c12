// An invoice does not change when names and prices change later. Usage always shows what the next
// invoice will contain.

#include <gtest/gtest.h>

#include <string>

#include "storage/convert.h"
#include "tests/support/ledger.h"

namespace owo::ledger {
namespace {

using storage::InvoiceRecord;

CatalogSpec FrozenInvoiceCatalog(std::string_view price = "10", bool at_once = false) {
  CatalogSpec spec = CatalogOf(PlanOf(
      "pro", {PerUnit("calls", "5", price), Graduated("bytes", "0", {"10: 3 + 7", ": 1.5"})}));
  spec.at_once = at_once;
  return spec;
}

class FrozenInvoiceTest : public ::testing::Test {
 protected:
  FrozenInvoiceTest() { ledger_.AddCustomer("ada", "pro"); }

  InvoiceRecord Stored(const InvoiceRecord& invoice) { return ledger_.Stored(invoice.id()); }
  // Makes an invoice, and compares it with what Usage showed.
  InvoiceRecord BillWhatIsShown() {
    const UsageAnswer usage = Must(ledger_.Usage("ada"));
    InvoiceRecord invoice = ledger_.Bill("ada");
    EXPECT_EQ(invoice.subtotal(), usage.statement.total);
    EXPECT_EQ(static_cast<size_t>(invoice.lines_size()), usage.statement.rows.size());
    storage::MinorUnits sum = 0;
    for (int i = 0; i < invoice.lines_size(); ++i) {
      const StatementRow& row = usage.statement.rows.at(i);
      EXPECT_EQ(invoice.lines(i).feature_slug(), row.context.feature->slug);
      EXPECT_EQ(Must(storage::FromRecord(invoice.lines(i).covers())), row.adds);
      sum += invoice.lines(i).covers().amount();
    }
    EXPECT_EQ(sum, invoice.total());
    EXPECT_TRUE(Must(ledger_.Usage("ada")).statement.rows.empty());
    return invoice;
  }

  TestLedger ledger_{FrozenInvoiceCatalog()};
};

TEST_F(FrozenInvoiceTest, UsageIsTheNextInvoice) {
  ledger_.Use("ada", "calls", "12.5");
  ledger_.Use("ada", "bytes", "11");
  const InvoiceRecord invoice = BillWhatIsShown();
  EXPECT_EQ(invoice.total(), 75 + 39);  // 38.5 rounds away from zero
  ledger_.Use("ada", "bytes", "0.25");
  EXPECT_EQ(ledger_.Unbilled("ada"), 0);  // 38.875 rounds to 39 as well
  ledger_.Use("ada", "calls", "1");
  EXPECT_EQ(BillWhatIsShown().lines_size(), 2);
}

TEST_F(FrozenInvoiceTest, KeepsTheNamesItWasMadeWith) {
  ledger_.Use("ada", "calls", "6");
  const InvoiceRecord before = BillWhatIsShown();
  EXPECT_EQ(before.lines(0).feature_name(), "The feature calls");
  ledger_.Use("ada", "calls", "1");
  CatalogSpec renamed = FrozenInvoiceCatalog();
  renamed.features[1].name = "Requests";
  Must(ledger_.Sync(renamed));
  EXPECT_EQ(BillWhatIsShown().lines(0).feature_name(), "Requests");
  EXPECT_EQ(Stored(before).SerializeAsString(), before.SerializeAsString());
}

// Usage keeps the price that was in force at its time.
TEST_F(FrozenInvoiceTest, APriceEditedInMidPeriodTouchesNoUsageBefore) {
  ledger_.Use("ada", "calls", "6");
  const InvoiceRecord before = BillWhatIsShown();
  ledger_.Use("ada", "calls", "2");
  ledger_.Advance(absl::Hours(1));
  Must(ledger_.Sync(FrozenInvoiceCatalog("1000")));
  EXPECT_EQ(BillWhatIsShown().total(), 20);
  ledger_.Use("ada", "calls", "2");
  ledger_.Advance(absl::Hours(1));
  Must(ledger_.Sync(FrozenInvoiceCatalog("2000", /*at_once=*/true)));
  ledger_.Use("ada", "calls", "1");
  const InvoiceRecord after = BillWhatIsShown();
  EXPECT_EQ(after.total(), 20 + 2000);
  EXPECT_EQ(Stored(before).SerializeAsString(), before.SerializeAsString());
}

TEST_F(FrozenInvoiceTest, KeepsTheMemoItWasMadeWith) {
  ledger_.Use("ada", "calls", "6");
  const InvoiceParams params{.customer = "ada",
                             .draft = true,
                             .notes = NotesOf({}, "order 4711"),
                             .request = {"r1", "fingerprint"}};
  const InvoiceRecord draft = Must(ledger_.Invoice(params)).value.record;
  EXPECT_EQ(draft.memo(), "order 4711");
  const InvoiceRecord open = Must(ledger_.Finalize(draft)).value.record;
  EXPECT_EQ(open.memo(), "order 4711");
  EXPECT_EQ(Must(ledger_.Invoice(params)).value.record.memo(), "order 4711");  // a repeat
  EXPECT_EQ(Must(ledger_.Pay(open, "transfer")).value.record.memo(), "order 4711");
  ledger_.Reopen();
  EXPECT_EQ(Stored(open).memo(), "order 4711");
  EXPECT_EQ(Must(ledger_.ListInvoices({.limit = 5})).invoices.at(0).record.memo(), "order 4711");
}

TEST_F(FrozenInvoiceTest, SaysPeriodPlanAndPriceOfEachLine) {
  ledger_.Use("ada", "calls", "6");
  const storage::LineRecord line = ledger_.Bill("ada").lines(0);
  EXPECT_EQ(line.feature_slug(), "calls");
  EXPECT_EQ(line.plan(), "pro");
  EXPECT_EQ(line.plan_version(), 1);
  EXPECT_EQ(line.unit_price(), "10");
  EXPECT_EQ(line.period_label(), "2026-11");
  EXPECT_EQ(line.time_zone(), "UTC");
  EXPECT_EQ(line.period_start_us(), At("2026-11-01T00:00:00Z"));
  EXPECT_EQ(line.period_end_us(), At("2026-12-01T00:00:00Z"));
}

TEST_F(FrozenInvoiceTest, LateUsageOfAnInvoicedPeriodIsLabelledWithItsOwn) {
  ledger_.Use("ada", "calls", "6");
  const InvoiceRecord november = BillWhatIsShown();
  ledger_.SetNow("2026-12-10T00:00:00Z");
  ledger_.Use("ada", "calls", "7");
  ledger_.Use("ada", "calls", "3", "2026-11-30T23:59:59Z");
  const InvoiceRecord december = BillWhatIsShown();
  ASSERT_EQ(december.lines_size(), 2);
  EXPECT_EQ(december.lines(0).period_label(), "2026-11");
  EXPECT_EQ(december.lines(0).covers().amount(), 30);
  EXPECT_EQ(december.lines(1).period_label(), "2026-12");
  EXPECT_EQ(december.lines(1).covers().amount(), 20);
  EXPECT_EQ(Stored(november).SerializeAsString(), november.SerializeAsString());
}

TEST_F(FrozenInvoiceTest, AverageIsShownWhereUnitsHadSeveralPrices) {
  ledger_.Use("ada", "bytes", "20");
  const storage::LineRecord line = ledger_.Bill("ada").lines(0);
  EXPECT_EQ(line.covers().amount(), 10 * 3 + 7 + 15);
  EXPECT_EQ(line.unit_price(), "2.6");
  EXPECT_EQ(line.tiers(0).flat_fee(), "7");
  EXPECT_EQ(line.tiers(0).amount(), "37");
}

// Usage that is counted while an invoice is decided is completely on the next one.
TEST_F(FrozenInvoiceTest, UsageDuringTheInvoiceIsNotLost) {
  ledger_.Use("ada", "calls", "6");
  ledger_.store().BeforeNextCommit([this] { ledger_.Use("ada", "calls", "4"); });
  EXPECT_EQ(ledger_.Bill("ada").total(), 10);
  EXPECT_EQ(BillWhatIsShown().total(), 40);
}

TEST_F(FrozenInvoiceTest, AVoidDuringTheInvoiceIsSeen) {
  ledger_.Use("ada", "calls", "6");
  const InvoiceRecord first = ledger_.Bill("ada");
  ledger_.Use("ada", "calls", "1");
  ledger_.store().BeforeNextCommit([&] { Must(ledger_.Void(first)); });
  EXPECT_EQ(ledger_.Bill("ada").total(), 20);
  EXPECT_THAT(ledger_.Invoice({.customer = "ada"}), RefusedAs(Reason::kNoUnbilledUsage));
}

}  // namespace
}  // namespace owo::ledger
