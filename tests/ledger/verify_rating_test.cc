// `verify` rates invoices again, and detects wrong ones.

#include <gmock/gmock.h>

#include "storage/convert.h"
#include "storage/rocksdb/format/journal.h"
#include "storage/rocksdb/format/keys.h"
#include "tests/support/ledger.h"

namespace owo::ledger {
namespace {

using storage::ColumnFamily;
using storage::JournalChange;
using ::testing::Contains;
using ::testing::Not;

class VerifyRatingTest : public ::testing::Test {
 protected:
  VerifyRatingTest() { ledger_.AddCustomer("ada", "pro"); }

  std::vector<std::string> Differing() {
    const storage::VerifyReport report = ledger_.Verify();
    std::vector<std::string> kinds;
    for (const auto& kind : report.kinds()) {
      if (kind.differences > 0) kinds.push_back(kind.name);
    }
    if (!kinds.empty()) std::cout << report.ToString();
    return kinds;
  }

  // Changes the newest change of this kind in the journal.
  void DamageJournal(JournalChange::ChangeCase kind,
                     const std::function<void(JournalChange&, storage::Micros)>& change) {
    ledger_.Damage([&](const storage::Database& database, rocksdb::WriteBatch& batch) {
      const auto it = database.Iterate(ColumnFamily::kJournal);
      for (it->SeekToLast(); it->Valid() && batch.Count() == 0; it->Prev()) {
        storage::JournalRecord record;
        ASSERT_TRUE(record.ParseFromString(it->value().ToString()));
        if (record.changes(0).change_case() != kind) continue;
        change(*record.mutable_changes(0), record.committed_us());
        batch.Put(database.handle(ColumnFamily::kJournal), it->key(), record.SerializeAsString());
      }
      ASSERT_EQ(batch.Count(), 1);
    });
  }

  TestLedger ledger_{CatalogOf(PlanOf(
      "pro", {PerUnit("calls", "100", "10"), Graduated("bytes", "5", {"30: 100", ": 50"})}))};
};

TEST_F(VerifyRatingTest, AnInvoiceDecidedBeforeUsageThatCameMeanwhileIsSound) {
  ledger_.Use("ada", "calls", "150");
  ledger_.Use("ada", "bytes", "40");
  ledger_.store().BeforeNextCommit([this] {
    ledger_.Use("ada", "calls", "7");
    ledger_.Use("ada", "bytes", "7");
  });
  const storage::InvoiceRecord first = ledger_.Bill("ada");
  EXPECT_EQ(first.lines(0).covers().amount() + first.lines(1).covers().amount(), first.total());
  ledger_.store().BeforeNextCommit([this] { ledger_.Use("ada", "calls", "1"); });
  Must(ledger_.Void(first));
  ledger_.Use("ada", "calls", "2");
  ledger_.Bill("ada");
  ledger_.Use("ada", "calls", "2");
  const storage::VerifyReport report = ledger_.Verify();
  EXPECT_EQ(report.differences(), 0) << report.ToString();
  EXPECT_THAT(report.kinds(),
              Contains(::testing::Field(&storage::VerifyReport::Kind::name, "unbilled usage")));
}

TEST_F(VerifyRatingTest, ALineThatAddsUpButIsNotWhatItsUsageCosts) {
  ledger_.Use("ada", "calls", "150");
  ledger_.Bill("ada");
  DamageJournal(JournalChange::kInvoiceCreated, [](JournalChange& change, storage::Micros) {
    storage::InvoiceRecord& invoice = *change.mutable_invoice_created()->mutable_invoice();
    storage::CoverageRecord& covers = *invoice.mutable_lines(0)->mutable_covers();
    covers.set_amount(covers.amount() + 1);
    invoice.set_subtotal(invoice.subtotal() + 1);
    invoice.set_total(invoice.total() + 1);
  });
  EXPECT_THAT(Differing(), Contains("invoice lines"));
}

TEST_F(VerifyRatingTest, AnInvoiceThatDoesNotAddUp) {
  ledger_.Use("ada", "calls", "150");
  ledger_.Bill("ada");
  DamageJournal(JournalChange::kInvoiceCreated, [](JournalChange& change, storage::Micros) {
    storage::InvoiceRecord& invoice = *change.mutable_invoice_created()->mutable_invoice();
    invoice.set_subtotal(invoice.subtotal() + 1);
    invoice.set_total(invoice.total() + 1);
  });
  EXPECT_THAT(Differing(), Contains("invoices made"));
}

TEST_F(VerifyRatingTest, ATotalThatIsNotItsSubtotalAndTaxes) {
  ledger_.Use("ada", "calls", "150");
  ledger_.Bill("ada");
  DamageJournal(JournalChange::kInvoiceCreated, [](JournalChange& change, storage::Micros) {
    storage::InvoiceRecord& invoice = *change.mutable_invoice_created()->mutable_invoice();
    invoice.set_total(invoice.total() + 1);
  });
  EXPECT_THAT(Differing(), Contains("invoices made"));
}

TEST_F(VerifyRatingTest, APaymentThatIsNotTheTotal) {
  ledger_.Use("ada", "calls", "150");
  Must(ledger_.Pay(ledger_.Bill("ada"), "transfer"));
  DamageJournal(JournalChange::kInvoiceUpdate, [](JournalChange& change, storage::Micros) {
    storage::PaymentRecord& payment = *change.mutable_invoice_update()->mutable_payments(0);
    payment.set_amount(payment.amount() - 1);
  });
  EXPECT_THAT(Differing(), Contains("invoice changes"));
}

TEST_F(VerifyRatingTest, AMemoThatChangedAfterItsInvoiceWasMade) {
  ledger_.Use("ada", "calls", "150");
  Must(ledger_.Invoice({.customer = "ada", .notes = NotesOf({}, "order 4711")}));
  DamageJournal(JournalChange::kInvoiceCreated, [](JournalChange& change, storage::Micros) {
    change.mutable_invoice_created()->mutable_invoice()->set_memo("order 4712");
  });
  EXPECT_THAT(Differing(), Contains("invoices"));
}

TEST_F(VerifyRatingTest, AnAllowanceThatWasNotGranted) {
  ledger_.Use("ada", "calls", "150");
  ledger_.Bill("ada");
  DamageJournal(JournalChange::kInvoiceCreated, [](JournalChange& change, storage::Micros) {
    storage::LineRecord& line =
        *change.mutable_invoice_created()->mutable_invoice()->mutable_lines(0);
    line.mutable_covers()->set_free(storage::PackQuantity({}));
    line.mutable_covers()->set_billable(line.covers().usage());
  });
  EXPECT_THAT(Differing(), Contains("invoice lines"));
}

TEST_F(VerifyRatingTest, APriceThatIsShownButWasNotThere) {
  ledger_.Use("ada", "bytes", "40");
  ledger_.Bill("ada");
  DamageJournal(JournalChange::kInvoiceCreated, [](JournalChange& change, storage::Micros) {
    storage::LineRecord& line =
        *change.mutable_invoice_created()->mutable_invoice()->mutable_lines(0);
    line.mutable_tiers(0)->set_unit_price("99");
  });
  EXPECT_THAT(Differing(), Contains("invoice lines"));
}

// The price that releases up to 0.1.0 showed for units that a void invoice had covered.
TEST_F(VerifyRatingTest, APriceOfTheFormerRulesIsSoundIfTheWholeInvoiceFollowsThem) {
  ledger_.Use("ada", "bytes", "15");
  ledger_.Use("ada", "calls", "150");
  const storage::InvoiceRecord first = ledger_.Bill("ada");
  ledger_.Use("ada", "bytes", "30");
  ledger_.Bill("ada");
  Must(ledger_.Void(first));
  // 10 units at 100; the old rules used the price of units 31 to 40.
  ASSERT_EQ(ledger_.Bill("ada").lines(0).unit_price(), "100");
  const auto show = [this](std::string_view price) {
    DamageJournal(JournalChange::kInvoiceCreated, [price](JournalChange& change, storage::Micros) {
      storage::LineRecord& line =
          *change.mutable_invoice_created()->mutable_invoice()->mutable_lines(0);
      line.set_unit_price(std::string(price));
    });
  };
  EXPECT_EQ(ledger_.Verify().differences(), 0);
  show("50");
  // The row differs from the journal now, but the invoice follows the rules.
  EXPECT_THAT(Differing(), Not(Contains("invoice lines")));
  show("75");
  EXPECT_THAT(Differing(), Contains("invoice lines"));
}

TEST_F(VerifyRatingTest, UsageThatWasClosedThoughItCostsSomething) {
  ledger_.Use("ada", "calls", "150");
  DamageJournal(JournalChange::kEvents, [](JournalChange& change, storage::Micros committed) {
    std::string run;
    EXPECT_TRUE(storage::ReadEvents(change.events(), committed, [&](storage::CountedEvent event) {
                  event.closes = true;
                  storage::AppendEvent(run, event, committed);
                  return absl::OkStatus();
                }).ok());
    change.set_events(run);
  });
  EXPECT_THAT(Differing(), Contains("unbilled usage"));
}

}  // namespace
}  // namespace owo::ledger
