// What a change of a customer or an invoice adds to the journal, and what opening replays of it.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "storage/rocksdb/format/keys.h"
#include "storage/rocksdb/open.h"
#include "tests/support/faulty_disk.h"
#include "tests/support/invoices.h"
#include "tests/support/rows.h"

namespace owo::storage {
namespace {

constexpr char kPersonal[] = "a text that is personal";

class ChangeCostTest : public ::testing::Test {
 protected:
  void SetUp() override {
    Open();
    subject_ = AddSubject(*store_, "acme");
  }

  void Open() {
    auto store =
        OpenRocksStore({.data_dir = "/data", .unflushed_events_max = 40, .env = disk_.env()});
    ASSERT_TRUE(store.ok()) << store.status();
    store_ = *std::move(store);
  }
  PutCustomer Read() {
    auto customer = store_->ReadCustomer(kReadAll, subject_.tenant, subject_.customer);
    EXPECT_TRUE(customer.ok()) << customer.status();
    return customer.ok() ? PutCustomer{customer->record, customer->contract} : PutCustomer();
  }
  void Put(const PutCustomer& put) {
    const auto result = Commit(*store_, Change(subject_, put));
    ASSERT_TRUE(result.ok() && result->code == MutationCode::kCommitted) << result.status();
    ++subject_.customer_generation;
  }
  void Subscribe(uint32_t number) {
    PutCustomer put = Read();
    (*put.record.mutable_metadata())["note"] = kPersonal;
    SubscriptionRecord& added = *put.contract.add_subscriptions();
    added.set_number(number);
    added.set_plan(1);
    added.set_start_us(number);
    added.set_end_us(number + 1);
    (*added.mutable_metadata())["note"] = std::string(20'000, 'm') + kPersonal;
    Put(put);
  }
  // Closes the store, and returns its journal, by sequence.
  std::vector<std::string> Journal() {
    store_.reset();
    std::vector<std::string> records;
    const auto database = OpenDatabase("/data", disk_.env());
    const auto it = database->Iterate(ColumnFamily::kJournal);
    for (it->SeekToFirst(); it->Valid(); it->Next()) records.push_back(it->value().ToString());
    return records;
  }
  uint64_t ReplayedFrom(const Database& database) {
    const auto row = database.Get(ColumnFamily::kMeta, keys::kReplayStart);
    ReplayStartRecord replay_start;
    EXPECT_TRUE(row.ok() && row->has_value() && replay_start.ParseFromString(**row));
    return replay_start.first_sequence();
  }
  void DeleteARow(char letter) {
    store_.reset();
    const auto database = OpenDatabase("/data", disk_.env());
    const auto it = database->Iterate(ColumnFamily::kCustomers);
    rocksdb::WriteBatch batch;
    for (it->SeekToFirst(); it->Valid(); it->Next()) {
      if (ToView(it->key())[4] != letter) continue;
      batch.Delete(database->handle(ColumnFamily::kCustomers), it->key());
      break;
    }
    ASSERT_EQ(batch.Count(), 1);
    ASSERT_TRUE(database->Write(batch).ok());
  }

  FaultyDisk disk_;
  std::unique_ptr<Store> store_;
  Subject subject_;
};

TEST_F(ChangeCostTest, MetadataIsNotInTheJournalAndAChangeIsSmall) {
  for (uint32_t number = 1; number <= 20; ++number) Subscribe(number);
  PutCustomer put = Read();
  put.contract.set_spend_cap(5000);
  Put(put);
  put = Read();
  EXPECT_EQ(put.contract.subscriptions_size(), 20);
  EXPECT_EQ(put.contract.subscriptions(19).metadata().at("note").size(),
            20'000 + sizeof kPersonal - 1);
  for (const std::string& record : Journal()) {
    EXPECT_EQ(record.find(kPersonal), std::string::npos);
    EXPECT_LT(record.size(), 200);
  }
}

TEST_F(ChangeCostTest, WhatBecomesOfAnInvoiceIsSmallInTheJournal) {
  std::vector<TrackEvent> events;
  for (uint32_t segment = 0; segment < 200; ++segment) {
    events.push_back(subject_.Event("event-" + std::to_string(segment), 5, segment));
  }
  TrackAll(*store_, subject_, std::move(events));
  CreateInvoice create = InvoiceAll(subject_, ReadAccount(*store_, subject_), InvoiceId(1));
  create.invoice.set_status(INVOICE_STATUS_RECORD_DRAFT);
  const auto made = Commit(*store_, Change(subject_, create));
  ASSERT_TRUE(made.ok()) << made.status();
  InvoiceRecord invoice = InRow(made->invoice);
  ASSERT_GT(made->invoice.size(), 10'000);
  invoice = MustChange(*store_, subject_, Become(invoice, INVOICE_STATUS_RECORD_OPEN));
  EXPECT_EQ(invoice.sequence(), 1);
  invoice = MustChange(*store_, subject_, Become(invoice, INVOICE_STATUS_RECORD_VOID));
  EXPECT_EQ(invoice.lines_size(), 200);
  EXPECT_EQ(invoice.revision(), 3);
  const std::vector<std::string> journal = Journal();
  ASSERT_GE(journal.size(), 3);
  EXPECT_GT(journal[journal.size() - 3].size(), made->invoice.size());
  EXPECT_LT(journal[journal.size() - 2].size(), 100);
  EXPECT_LT(journal[journal.size() - 1].size(), 100);
}

// Changes other than usage must also advance the replay start.
TEST_F(ChangeCostTest, OpeningAfterAKillReplaysLittleHoweverMuchChanged) {
  TrackOne(*store_, subject_, subject_.Event("e1", 1));
  for (int i = 0; i < 500; ++i) {
    PutCustomer put = Read();
    put.contract.set_spend_cap(i);
    Put(put);
  }
  disk_.CutPowerAfter(0);
  store_.reset();
  Random random;
  disk_.RestorePower(random);
  {
    const auto database = OpenDatabase("/data", disk_.env());
    const auto it = database->Iterate(ColumnFamily::kJournal);
    it->SeekToLast();
    ASSERT_TRUE(it->Valid());
    const uint64_t last = keys::TrailingNumber(ToView(it->key()));
    EXPECT_GT(last, 500);
    EXPECT_GT(ReplayedFrom(*database) + 100, last);
  }
  Open();
  EXPECT_TRUE(TrackOne(*store_, subject_, subject_.Event("e1", 1)).duplicate);
  EXPECT_EQ(ReadCounter(*store_, subject_, subject_.Counter()).total, Units(1));
}

TEST_F(ChangeCostTest, ASubscriptionsRowThatIsMissingIsAnErrorAndNotLess) {
  Subscribe(1);
  Subscribe(2);
  DeleteARow('s');
  Open();
  const auto read = store_->ReadCustomer(kReadAll, subject_.tenant, subject_.customer);
  EXPECT_TRUE(absl::IsDataLoss(read.status())) << read.status();
  const auto contracts = store_->ListContracts(kReadAll, subject_.tenant, CustomerNo{}, 10);
  EXPECT_TRUE(absl::IsDataLoss(contracts.status())) << contracts.status();
}

TEST_F(ChangeCostTest, ARowOfMetadataThatIsMissingIsAnErrorAndNotLess) {
  Subscribe(1);
  Subscribe(2);
  DeleteARow('m');
  Open();
  const auto bare = store_->ReadCustomer(kReadAll, subject_.tenant, subject_.customer,
                                         {.subscriptions = true, .metadata = false});
  EXPECT_TRUE(bare.ok()) << bare.status();
  const auto read = store_->ReadCustomer(kReadAll, subject_.tenant, subject_.customer);
  EXPECT_TRUE(absl::IsDataLoss(read.status())) << read.status();
}

}  // namespace
}  // namespace owo::storage
