// A process that is killed at any moment loses nothing that it acknowledged and counts nothing
// twice: neither when the system keeps what it had written, nor when the power fails with it.

#include <gtest/gtest.h>

#include <array>
#include <set>

#include "storage/rocksdb/open.h"
#include "storage/rocksdb/verify.h"
#include "tests/crash/child.h"
#include "tests/crash/deadly_disk.h"
#include "tests/crash/driver_protocol.h"
#include "tests/support/invoices.h"
#include "tests/support/long_run.h"
#include "tests/support/random.h"
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

  // Runs the driver until it was killed: by itself at this point, or after some number of lines.
  void DriveAndKill(int run, std::string_view point, const std::string& disk) {
    // Commits are many; tables and manifests are written once in a while.
    const bool rare = point == "table-writing" || point == "manifest-synced";
    const int64_t passes = random_.Between(1, rare ? 2 : 30);
    Child child({OWO_STORE_DRIVER, dir_.path(), std::to_string(run), std::string(point),
                 std::to_string(passes), disk});
    Ids tried;
    Ids acknowledged;
    int64_t left = point == kKillPointNames[0] ? random_.Between(1, 150) : kLinesMax;
    while (const std::optional<std::string> line = child.ReadLine()) {
      ASSERT_GT(line->size(), 4);
      (line->starts_with("ack ") ? acknowledged : tried).insert(line->substr(4));
      if (--left == 0) child.Kill();
    }
    ASSERT_EQ(child.Wait(), kKilled) << "the driver ended by itself, on its way to " << point;
    reached_ += left > 0;
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

  // Asks for these again. Gives how many had not been counted.
  size_t AskAgain(Store& store, const Ids& ids) {
    size_t counted = 0;
    for (auto at = ids.begin(); at != ids.end();) {
      std::vector<TrackEvent> events;
      for (; at != ids.end() && events.size() < kBatchMax; ++at) {
        events.push_back(subject_.Event(*at, 1));
      }
      for (const TrackOutcome& outcome : TrackAll(store, subject_, std::move(events))) {
        EXPECT_EQ(outcome.code, TrackCode::kCounted);
        counted += outcome.duplicate ? 0 : 1;
      }
    }
    return counted;
  }

  // Gives how many acknowledged events were lost.
  size_t CountEventsOnce(Store& store) {
    const size_t lost = AskAgain(store, acknowledged_);
    AskAgain(store, unknown_);
    acknowledged_.merge(unknown_);
    unknown_.clear();
    const Counter counter = ReadCounter(store, subject_, subject_.Counter());
    EXPECT_EQ(counter.total, Units(static_cast<int64_t>(acknowledged_.size())));
    EXPECT_EQ(counter.events, acknowledged_.size());
    ExpectEventsListed(store);
    return lost;
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
    const std::vector<InvoiceRecord> invoices = MustList(store, subject_);
    int64_t amount = 0;
    uint64_t sequence = invoices.size();
    for (const InvoiceRecord& invoice : invoices) {
      EXPECT_EQ(invoice.sequence(), sequence--);
      amount += invoice.subtotal();
      invoices_.erase(invoice.id());
    }
    EXPECT_TRUE(invoices_.empty()) << invoices_.size() << " invoices are lost";
    EXPECT_EQ(ReadCounter(store, subject_, subject_.Counter()).covered.amount, amount);
  }

  static constexpr size_t kBatchMax = 1000;
  static constexpr int64_t kLinesMax = 3000;
  static constexpr int kKilled = 128 + 9;

  Random random_;
  const TempDir dir_;
  const Subject subject_ = CrashSubject();
  int reached_ = 0;  // kill points
  Ids acknowledged_;
  Ids unknown_;
  Ids invoices_;  // acknowledged since the last look
};

TEST_F(KillTest, KeepsWhatWasAcknowledgedAndResolvesTheRest) {
  ASSERT_EQ(AddSubject(*Open(), "acme").customer, subject_.customer);
  const int kills = IsLongRun() ? 1000 : 50;
  int points = 0;
  for (int run = 1; run <= kills; ++run) {
    const std::string_view point =
        kKillPointNames[static_cast<size_t>(run) % kKillPointNames.size()];
    points += point != kKillPointNames[0];
    DriveAndKill(run, point, random_.Between(0, 1) == 0 ? "keeps" : "loses");
    ExpectSound();
    const auto store = Open();
    ASSERT_NE(store, nullptr) << "after kill " << run << ", " << point;
    EXPECT_EQ(CountEventsOnce(*store), 0) << "acknowledged events are lost";
    ExpectInvoicesWhole(*store);
    if (HasFailure()) FAIL() << "after kill " << run << ", " << point;
  }
  EXPECT_GT(acknowledged_.size(), static_cast<size_t>(kills) * 3);
  EXPECT_GT(reached_, points / 2) << "most kill points were never reached";
}

// If this one finds nothing lost, the one above proves nothing.
TEST_F(KillTest, LosesAcknowledgedEventsWhenAnswersDoNotWaitForTheDisk) {
  ASSERT_EQ(AddSubject(*Open(), "acme").customer, subject_.customer);
  size_t lost = 0;
  for (int run = 1; run <= 5; ++run) {
    DriveAndKill(run, kKillPointNames[0], "unsafe");
    const auto store = Open();
    ASSERT_NE(store, nullptr) << "after kill " << run;
    lost += CountEventsOnce(*store);
  }
  EXPECT_GT(lost, 0);
}

}  // namespace
}  // namespace owo::storage
