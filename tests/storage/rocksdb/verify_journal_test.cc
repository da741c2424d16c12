// What `verify` reports about a store whose journal or files are damaged, and when it refuses a
// store.

#include <gmock/gmock.h>

#include "storage/convert.h"
#include "storage/rocksdb/format/journal.h"
#include "storage/rocksdb/format/keys.h"
#include "storage/rocksdb/open.h"
#include "tests/storage/rocksdb/verified_store.h"

namespace owo::storage {
namespace {

using ::testing::Contains;
using ::testing::ElementsAre;
using Kinds = std::vector<std::string>;

using VerifyJournalTest = VerifiedStoreTest;

std::string PackedPlusOne(const std::string& quantity) {
  return PackQuantity(UnpackQuantity(quantity).value() + Quantity{1});
}

TEST_F(VerifyJournalTest, AnotherQuantityInTheJournal) {
  Live(100);
  DamageJournal(JournalChange::kEvents, [](JournalChange& change, Micros committed) {
    std::string run;
    EXPECT_TRUE(ReadEvents(change.events(), committed, [&](CountedEvent event) {
                  event.quantity += Quantity{1};
                  AppendEvent(run, event, committed);
                  return absl::OkStatus();
                }).ok());
    change.set_events(run);
    return true;
  });
  const Kinds kinds = Differing();
  EXPECT_THAT(kinds, Contains("counters"));
  EXPECT_THAT(kinds, Contains("event ids"));
}

TEST_F(VerifyJournalTest, ALineWhoseUsageIsNotThatOfItsEvents) {
  Live(100);
  DamageJournal(JournalChange::kInvoiceCreated, [](JournalChange& change, Micros) {
    InvoiceRecord& invoice = *change.mutable_invoice_created()->mutable_invoice();
    if (invoice.lines().empty()) return false;
    CoverageRecord& covers = *invoice.mutable_lines(0)->mutable_covers();
    covers.set_usage(PackedPlusOne(covers.usage()));
    covers.set_billable(PackedPlusOne(covers.billable()));
    return true;
  });
  EXPECT_THAT(Differing(), Contains("invoice lines"));
}

TEST_F(VerifyJournalTest, ANumberThatIsNotTheNext) {
  Live(100);
  DamageJournal(JournalChange::kInvoiceCreated, [](JournalChange& change, Micros) {
    InvoiceRecord& invoice = *change.mutable_invoice_created()->mutable_invoice();
    if (invoice.sequence() == 0) return false;
    invoice.set_sequence(invoice.sequence() + 1);
    return true;
  });
  EXPECT_THAT(Differing(), Contains("invoice numbers"));
}

TEST_F(VerifyJournalTest, AnInvoiceOfUsageThatWasNot) {
  Live(100);
  DamageJournal(JournalChange::kInvoiceCreated, [](JournalChange& change, Micros) {
    change.mutable_invoice_created()->set_usage_version(change.invoice_created().usage_version() +
                                                        100);
    return true;
  });
  EXPECT_THAT(Differing(), Contains("invoices made"));
}

TEST_F(VerifyJournalTest, AnInvoiceThatChangesAsNoneDoes) {
  Live(100);
  DamageJournal(JournalChange::kInvoiceUpdate, [](JournalChange& change, Micros) {
    if (change.invoice_update().status() != INVOICE_STATUS_RECORD_PAID) return false;
    change.mutable_invoice_update()->set_status(INVOICE_STATUS_RECORD_DRAFT);
    return true;
  });
  EXPECT_THAT(Differing(), Contains("invoice changes"));
}

TEST_F(VerifyJournalTest, AChangeOfAContractThatDoesNotFollow) {
  Live(100);
  DamageJournal(JournalChange::kContractChange, [](JournalChange& change, Micros) {
    ContractChangeRecord& contract = *change.mutable_contract_change();
    if (contract.generation() < 2) return false;
    contract.set_generation(contract.generation() + 1);
    return true;
  });
  EXPECT_THAT(Differing(), ElementsAre("journal records"));
}

TEST_F(VerifyJournalTest, AnotherCurrencyInTheJournal) {
  Live(100);
  DamageJournal(JournalChange::kContractChange, [](JournalChange& change, Micros) {
    change.mutable_contract_change()->set_currency("XXX");
    return true;
  });
  EXPECT_THAT(Differing(), Contains("contracts"));
}

TEST_F(VerifyJournalTest, AMissingJournalRecord) {
  Live(100);
  Damage([](const Database& database, rocksdb::WriteBatch& batch) {
    batch.Delete(database.handle(ColumnFamily::kJournal), keys::Journal(5));
  });
  EXPECT_THAT(Differing(), ElementsAre("journal records"));
}

TEST_F(VerifyJournalTest, ABitThatFlippedInAFile) {
  Live(100);
  OpenDatabase(kVerifiedData, memory_.get());  // moves the content of the log to tables
  const std::string tables = std::string(kVerifiedData) + "/db";
  std::vector<std::string> names;
  ASSERT_TRUE(memory_->GetChildren(tables, &names).ok());
  std::erase_if(names, [](const std::string& name) { return !name.ends_with(".sst"); });
  int tried = 0;
  for (const std::string& name : names) {
    const std::string path = tables + "/" + name;
    // Opening may have compacted and removed some.
    if (!memory_->FileExists(path).ok()) continue;
    ++tried;
    std::string whole;
    ASSERT_TRUE(rocksdb::ReadFileToString(memory_.get(), path, &whole).ok());
    std::string flipped = whole;
    flipped[10] = static_cast<char>(flipped[10] ^ 1);  // in the first block
    ASSERT_TRUE(rocksdb::WriteStringToFile(memory_.get(), flipped, path).ok());
    const auto report = TryVerify();
    if (report.ok()) {
      EXPECT_GT(report->differences(), 0) << name;
    } else {
      EXPECT_TRUE(absl::IsDataLoss(report.status())) << report.status();
    }
    if (!memory_->FileExists(path).ok()) continue;
    ASSERT_TRUE(rocksdb::WriteStringToFile(memory_.get(), whole, path).ok());
  }
  EXPECT_GT(tried, 0);
}

TEST_F(VerifyJournalTest, AStoreThatIsOpenIsRefused) {
  const auto store = OpenRocksStore({.data_dir = kVerifiedData, .env = memory_.get()});
  ASSERT_TRUE(store.ok());
  EXPECT_TRUE(absl::IsFailedPrecondition(TryVerify().status())) << TryVerify().status();
}

TEST_F(VerifyJournalTest, WhereNoStoreIsNoneIsMade) {
  EXPECT_TRUE(absl::IsNotFound(TryVerify().status()));
  EXPECT_FALSE(memory_->FileExists(kVerifiedData).ok());
  ASSERT_TRUE(memory_->CreateDir(kVerifiedData).ok());
  EXPECT_TRUE(absl::IsNotFound(TryVerify().status()));
  EXPECT_FALSE(memory_->FileExists(std::string(kVerifiedData) + "/CURRENT").ok());
}

TEST_F(VerifyJournalTest, WhoIsToldToStopStops) {
  Live(400);
  const auto report = VerifyRocksStore(
      {.data_dir = kVerifiedData, .stopped = [] { return true; }, .env = memory_.get()}, nullptr);
  EXPECT_TRUE(absl::IsCancelled(report.status())) << report.status();
}

}  // namespace
}  // namespace owo::storage
