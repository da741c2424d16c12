// The journal is the truth: its replay reproduces the rows, and missing or changed records are
// detected.

#include "storage/rocksdb/commit/replay.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <functional>

#include "storage/rocksdb/format/journal.h"
#include "storage/rocksdb/format/keys.h"
#include "storage/rocksdb/open.h"
#include "tests/storage/rocksdb/workload.h"
#include "tests/support/rows.h"

namespace owo::storage {
namespace {

constexpr char kReplayData[] = "/data";

class ReplayTest : public ::testing::Test {
 protected:
  // Runs a workload with restarts, and closes the store.
  void Live(int steps) {
    Workload workload;
    for (int done = 0; done < steps;) {
      auto store =
          OpenRocksStore({.data_dir = kReplayData, .cached_max = 30, .env = memory_.get()});
      ASSERT_TRUE(store.ok()) << store.status();
      const int until = done + static_cast<int>(random_.Between(1, steps / 2));
      for (; done < std::min(steps, until); ++done) workload.Step(**store, random_);
    }
    source_ = OpenDatabase(kReplayData, memory_.get());
  }

  absl::StatusOr<uint64_t> Replay() {
    target_.reset();
    memory_of_target_.reset(rocksdb::NewMemEnv(rocksdb::Env::Default()));
    target_ = OpenDatabase(kReplayData, memory_of_target_.get());
    return ReplayJournal(*source_, *target_);
  }

  uint64_t LastSequence() const {
    const auto records = source_->Iterate(ColumnFamily::kJournal);
    records->SeekToLast();
    return records->Valid() ? static_cast<uint64_t>(keys::TrailingCustomer(ToView(records->key())))
                            : 0;
  }
  JournalRecord ReadRecord(uint64_t sequence) {
    const auto row = source_->Get(ColumnFamily::kJournal, keys::Journal(sequence));
    JournalRecord record;
    EXPECT_TRUE(row.ok() && row->has_value() && record.ParseFromString(**row));
    return record;
  }
  void WriteRecord(uint64_t sequence, std::string_view bytes) {
    rocksdb::WriteBatch batch;
    batch.Put(source_->handle(ColumnFamily::kJournal), ToSlice(keys::Journal(sequence)),
              ToSlice(bytes));
    ASSERT_TRUE(source_->Write(batch).ok());
  }
  // Returns the newest record with a change of this kind.
  uint64_t FindRecord(JournalChange::ChangeCase kind) {
    uint64_t sequence = LastSequence();
    for (; sequence > 0; --sequence) {
      const JournalRecord record = ReadRecord(sequence);
      if (record.changes(0).change_case() == kind) break;
    }
    EXPECT_GT(sequence, 0);
    return sequence;
  }

  Random random_;
  const std::unique_ptr<rocksdb::Env> memory_{rocksdb::NewMemEnv(rocksdb::Env::Default())};
  std::unique_ptr<rocksdb::Env> memory_of_target_;
  std::unique_ptr<Database> source_;
  std::unique_ptr<Database> target_;
};

TEST_F(ReplayTest, AnEmptyJournalReplaysToNothing) {
  source_ = OpenDatabase(kReplayData, memory_.get());
  EXPECT_EQ(Replay().value(), 0);
  EXPECT_EQ(ReplayedRows(*target_), ReplayedRows(*source_));
}

TEST_F(ReplayTest, TheJournalReplaysToTheRowsThatAreThere) {
  Live(600);
  const auto records = Replay();
  ASSERT_TRUE(records.ok()) << records.status();
  EXPECT_EQ(*records, LastSequence());
  const auto expected = ReplayedRows(*source_);
  const auto replayed = ReplayedRows(*target_);
  for (const auto& [family, rows] : expected) {
    EXPECT_FALSE(rows.empty()) << family;
    EXPECT_EQ(replayed.at(family), rows) << family;
  }
}

TEST_F(ReplayTest, AMissingRecordIsSeen) {
  Live(60);
  rocksdb::WriteBatch batch;
  const uint64_t last = LastSequence();
  const auto missing = static_cast<uint64_t>(random_.Between(1, static_cast<int64_t>(last) - 1));
  batch.Delete(source_->handle(ColumnFamily::kJournal), ToSlice(keys::Journal(missing)));
  ASSERT_TRUE(source_->Write(batch).ok());
  EXPECT_TRUE(absl::IsDataLoss(Replay().status())) << "record " << missing;
}

TEST_F(ReplayTest, AMissingLastRecordLeavesOtherRows) {
  Live(60);
  rocksdb::WriteBatch batch;
  const uint64_t end = LastSequence();
  for (uint64_t gone = FindRecord(JournalChange::kEvents); gone <= end; ++gone) {
    batch.Delete(source_->handle(ColumnFamily::kJournal), ToSlice(keys::Journal(gone)));
  }
  ASSERT_TRUE(source_->Write(batch).ok());
  ASSERT_TRUE(Replay().ok());
  EXPECT_NE(ReplayedRows(*target_), ReplayedRows(*source_));
}

TEST_F(ReplayTest, ARecordThatDoesNotParseIsSeen) {
  Live(60);
  WriteRecord(LastSequence() / 2, "not a record");
  EXPECT_TRUE(absl::IsDataLoss(Replay().status()));
}

TEST_F(ReplayTest, ARecordThatDoesNotFollowIsSeen) {
  Live(200);
  // Removes the events that an invoice covers.
  const uint64_t created = FindRecord(JournalChange::kInvoiceCreated);
  for (uint64_t sequence = 1; sequence < created; ++sequence) {
    JournalRecord record = ReadRecord(sequence);
    if (record.changes(0).has_events()) {
      record.clear_changes();
      WriteRecord(sequence, record.SerializeAsString());
    }
  }
  EXPECT_TRUE(absl::IsDataLoss(Replay().status()));
}

TEST_F(ReplayTest, AnotherIdOrQuantityLeavesOtherRows) {
  Live(60);
  const uint64_t sequence = FindRecord(JournalChange::kEvents);
  const JournalRecord record = ReadRecord(sequence);
  const auto expected = ReplayedRows(*source_);
  const std::vector<std::function<void(CountedEvent&)>> changes = {
      [](CountedEvent& event) { event.quantity += Quantity{1}; },
      [](CountedEvent& event) { event.id = EventId::Of("another"); },
      [](CountedEvent& event) { event.over = !event.over; },
      [](CountedEvent& event) { event.counter.customer = CustomerNo{1000}; },
  };
  for (size_t i = 0; i < changes.size(); ++i) {
    std::string run;
    ASSERT_TRUE(
        ReadEvents(record.changes(0).events(), record.committed_us(), [&](CountedEvent event) {
          changes[i](event);
          AppendEvent(run, event, record.committed_us());
          return absl::OkStatus();
        }).ok());
    JournalRecord changed = record;
    changed.mutable_changes(0)->set_events(run);
    WriteRecord(sequence, changed.SerializeAsString());
    EXPECT_TRUE(!Replay().ok() || ReplayedRows(*target_) != expected) << "change " << i;
  }
  WriteRecord(sequence, record.SerializeAsString());
  ASSERT_TRUE(Replay().ok());
  EXPECT_EQ(ReplayedRows(*target_), expected);
}

}  // namespace
}  // namespace owo::storage
