// A store is reopened many times while other customers use it. Reads of customers that did not
// change return the same as in the first run.

#include <gtest/gtest.h>

#include <map>

#include "absl/strings/str_cat.h"
#include "storage/rocksdb/open.h"
#include "tests/support/all_reads.h"
#include "tests/support/faulty_disk.h"
#include "tests/support/invoices.h"
#include "tests/support/long_run.h"
#include "tests/support/random.h"

namespace owo::storage {
namespace {

constexpr int kQuietInFirstLife = 25;

class ManyLivesTest : public ::testing::Test {
 protected:
  void SetUp() override {
    Open();
    quiet_.Add(*store_, kQuietInFirstLife);
    reads_ = quiet_.Reads();
    for (const StoreRead& read : reads_) {
      expected_[read.name] = read.answer(*store_, kReadAll).value();
    }
  }

  void Open() {
    // Tables of all ages: merged long ago, and up to three new ones of each column family.
    auto store = OpenRocksStore({.data_dir = "/data",
                                 .unflushed_events_max = 20,
                                 .cached_max = 10,
                                 .memtable_bytes = 256 << 10,
                                 .open_tables_max = 10,
                                 .table_bytes = 4 << 10,
                                 .env = disk_.env()});
    ASSERT_TRUE(store.ok()) << store.status();
    store_ = *std::move(store);
  }
  void Stop() { store_.reset(); }
  // Nothing is written from here on. What was not synced may be lost.
  void Kill() {
    disk_.CutPowerAfter(0);
    store_.reset();
    disk_.RestorePower(random_);
  }

  // Adds, changes, uses and bills other customers.
  void Use(int life) {
    const std::string id = absl::StrCat("busy-", life);
    Subject subject = AddSubject(*store_, id);
    TrackOne(*store_, subject, subject.Event(absl::StrCat("event-", id), 5));
    MustCreateInvoice(*store_, subject, InvoiceId(1'000'000 + static_cast<uint64_t>(life)));
    TrackOne(*store_, subject, subject.Event(absl::StrCat("event-", id, "-since"), 1));
    if (busy_.tenant == subject.tenant && life > 0) {
      TrackOne(*store_, busy_, busy_.Event(absl::StrCat("late-", id), 1));
    }
    busy_ = subject;
  }

  void AskMemory(int life) {
    for (const StoreRead& read : reads_) {
      const auto answer = read.answer(*store_, {.tier = ReadTier::kMemoryOnly});
      EXPECT_EQ(answer.value_or(expected_[read.name]), expected_[read.name])
          << read.name << " in memory, in life " << life;
    }
  }

  FaultyDisk disk_;
  std::unique_ptr<Store> store_;
  QuietCustomers quiet_;
  Subject busy_;
  std::vector<StoreRead> reads_;
  std::map<std::string, std::string> expected_;  // by name
  Random random_;
};

TEST_F(ManyLivesTest, TakeNothingFromCustomersThatAreQuiet) {
  const int lives = IsLongRun() ? 1000 : 40;
  for (int life = 0; life < lives; ++life) {
    Use(life);
    random_.OneIn(2) ? Kill() : Stop();
    Open();
    ASSERT_FALSE(HasFatalFailure());
    AskMemory(life);
    // Opens some of the tables.
    for (const StoreRead& read : reads_) {
      if (!random_.OneIn(10)) continue;
      EXPECT_EQ(read.answer(*store_, kReadAll), expected_[read.name])
          << read.name << " in life " << life;
    }
    AskMemory(life);
    ASSERT_FALSE(HasFailure());
  }
  for (const StoreRead& read : reads_) {
    EXPECT_EQ(read.answer(*store_, kReadAll), expected_[read.name]) << read.name;
  }
  quiet_.ExpectDuplicates(*store_);
}

}  // namespace
}  // namespace owo::storage
