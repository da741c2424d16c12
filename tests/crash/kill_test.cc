// A process that is killed at any moment loses nothing that it acknowledged and counts nothing
// twice.
//
// This proves nothing about the disk: what was written stays in the system's memory. See
// power_loss_test.

#include <gtest/gtest.h>

#include <set>

#include "storage/rocksdb/replay.h"
#include "storage/rocksdb/verify.h"
#include "tests/crash/child.h"
#include "tests/crash/driver_protocol.h"
#include "tests/support/invoices.h"
#include "tests/support/long_run.h"
#include "tests/support/random.h"
#include "tests/support/rows.h"
#include "tests/support/temp_dir.h"

namespace owo::storage {
namespace {

using Ids = std::set<std::string>;

class KillTest : public ::testing::Test {
 protected:
  std::unique_ptr<Store> Open() {
    auto store = OpenRocksStore({.data_dir = dir_.path()});
    EXPECT_TRUE(store.ok()) << store.status();
    return store.ok() ? *std::move(store) : nullptr;
  }

  // Runs the driver until it was killed, after some number of lines.
  void DriveAndKill(int run) {
    Child child({OWO_STORE_DRIVER, dir_.path(), std::to_string(run)});
    Ids tried;
    Ids acknowledged;
    int64_t left = random_.Between(1, 600);
    while (const std::optional<std::string> line = child.ReadLine()) {
      ASSERT_GT(line->size(), 4);
      (line->starts_with("ack ") ? acknowledged : tried).insert(line->substr(4));
      if (--left == 0) child.Kill();
    }
    ASSERT_LE(left, 0) << "the driver ended by itself";
    for (const std::string& id : tried) {
      Resolve(id, acknowledged.contains(id));
    }
  }

  // Notes what is known of an id; whoever was not answered asks again, below.
  void Resolve(const std::string& id, bool acknowledged) {
    if (id.starts_with(kInvoicePrefix)) {
      if (acknowledged) invoices_.insert(InvoiceId(std::stoull(id.substr(kInvoicePrefix.size()))));
    } else {
      (acknowledged ? acknowledged_ : unknown_).insert(id);
    }
  }

  void ExpectEventsCountedOnce(Store& store) {
    for (const std::string& id : acknowledged_) {
      EXPECT_TRUE(TrackOne(store, subject_, subject_.Event(id, 1)).duplicate) << id << " is lost";
    }
    for (const std::string& id : unknown_) TrackOne(store, subject_, subject_.Event(id, 1));
    acknowledged_.merge(unknown_);
    unknown_.clear();
    const Counter counter = ReadCounter(store, subject_, subject_.Counter());
    EXPECT_EQ(counter.total, Units(static_cast<int64_t>(acknowledged_.size())));
    EXPECT_EQ(counter.events, acknowledged_.size());
    ExpectEventsListed(store);
  }

  void ExpectEventsListed(Store& store) {
    const auto events =
        store.ListEvents(subject_.tenant, subject_.Counter(), {0, UINT64_MAX}, SIZE_MAX);
    ASSERT_TRUE(events.ok()) << events.status();
    Ids listed;
    for (const StoredEvent& event : *events) listed.insert(event.id_text);
    EXPECT_EQ(events->size(), listed.size()) << "an event is listed twice";
    EXPECT_EQ(listed, acknowledged_);
  }

  // What was written behind when the process was killed is not all there was: the rest comes back.
  void ExpectSound() {
    const auto report = VerifyRocksStore({.data_dir = dir_.path()}, nullptr);
    ASSERT_TRUE(report.ok()) << report.status();
    EXPECT_EQ(report->differences(), 0) << report->ToString();
  }

  // Acknowledged ones are there; numbers have no gap; together they cover what the counter says.
  void ExpectInvoicesWhole(Store& store) {
    const auto invoices = store.ListInvoices(subject_.tenant, subject_.customer, "", SIZE_MAX);
    ASSERT_TRUE(invoices.ok()) << invoices.status();
    int64_t amount = 0;
    uint64_t sequence = invoices->size();
    for (const InvoiceRecord& invoice : *invoices) {
      EXPECT_EQ(invoice.sequence(), sequence--);
      amount += invoice.subtotal();
      invoices_.erase(invoice.id());
    }
    EXPECT_TRUE(invoices_.empty()) << invoices_.size() << " invoices are lost";
    EXPECT_EQ(ReadCounter(store, subject_, subject_.Counter()).covered.amount, amount);
  }

  Random random_;
  const TempDir dir_;
  const Subject subject_ = CrashSubject();
  Ids acknowledged_;
  Ids unknown_;
  Ids invoices_;  // acknowledged since the last look
};

TEST_F(KillTest, KeepsWhatWasAcknowledgedAndResolvesTheRest) {
  ASSERT_EQ(AddSubject(*Open(), "acme").customer, subject_.customer);
  const int kills = IsLongRun() ? 200 : 10;
  for (int run = 1; run <= kills; ++run) {
    DriveAndKill(run);
    ExpectSound();
    const auto store = Open();
    ASSERT_NE(store, nullptr) << "after kill " << run;
    ExpectEventsCountedOnce(*store);
    ExpectInvoicesWhole(*store);
    if (HasFailure()) FAIL() << "after kill " << run;
  }
  EXPECT_GT(acknowledged_.size(), static_cast<size_t>(kills) * 10);

  const auto database = OpenDatabase(dir_.path(), nullptr);
  const std::unique_ptr<rocksdb::Env> memory(rocksdb::NewMemEnv(rocksdb::Env::Default()));
  const auto replayed = OpenDatabase("/data", memory.get());
  ASSERT_TRUE(ReplayJournal(*database, *replayed).ok());
  EXPECT_EQ(FoldedRows(*replayed), FoldedRows(*database));
}

}  // namespace
}  // namespace owo::storage
