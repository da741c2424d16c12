// Preallocated write-ahead logs, and what a power failure leaves of their last commit.

#include "storage/rocksdb/engine/preallocated_wal.h"

#include <gtest/gtest.h>
#include <rocksdb/write_batch.h>

#include <algorithm>
#include <string>
#include <vector>

#include "storage/rocksdb/engine/database.h"
#include "storage/rocksdb/engine/wal_format.h"
#include "tests/support/long_run.h"
#include "tests/support/memory_disk.h"
#include "tests/support/random.h"

namespace owo::storage {
namespace {

constexpr size_t kSector = 512;
constexpr size_t kBlock = 32'768;  // of the log
constexpr char kRow[] = "row";

// A database in memory, with commits of one row each.
class Commits {
 public:
  Commits() : database_(*Database::Open({.data_dir = kDiskData, .env = disk_.get()})) {}

  void Write(const std::string& row) {
    rocksdb::WriteBatch batch;
    ASSERT_TRUE(batch.Put(database_->handle(ColumnFamily::kMeta), kRow, row).ok());
    ASSERT_TRUE(database_->Write(batch).ok());
  }
  // Starts a new log. The old one is kept, because one of its rows is in no table.
  void NewLog() {
    rocksdb::WriteBatch batch;
    ASSERT_TRUE(batch.Put(database_->handle(ColumnFamily::kCatalog), kRow, kRow).ok());
    ASSERT_TRUE(database_->Write(batch).ok());
    rocksdb::ColumnFamilyHandle* const flushed = database_->handle(ColumnFamily::kMeta);
    ASSERT_TRUE(database_->db().Flush(rocksdb::FlushOptions(), flushed).ok());
  }
  DiskFiles Files() const { return CopyFiles(*disk_); }
  // Returns the bytes of the newest log, to be changed.
  static std::string& LogOf(DiskFiles& files) {
    auto newest = files.end();
    for (auto file = files.begin(); file != files.end(); ++file) {
      if (file->first.ends_with(".log")) newest = file;
    }
    return newest->second;
  }
  std::string Log() const {
    DiskFiles files = Files();
    return LogOf(files);
  }

 private:
  const std::unique_ptr<rocksdb::Env> disk_ = NewMemoryDisk();
  std::unique_ptr<Database> database_;
};

std::string RowIn(const DiskFiles& files) {
  const auto disk = DiskOf(files);
  const auto database = Database::Open({.data_dir = kDiskData, .env = disk.get()});
  if (!database.ok()) return database.status().ToString();
  return (*database)->Get(ColumnFamily::kMeta, kRow)->value_or("");
}

// Returns a log where each sector is as before or as after the write.
std::string Torn(const std::string& before, const std::string& after, Random& random) {
  std::string torn = before;
  // The file may have been extended or not.
  if (!random.OneIn(3)) torn.resize(std::max(before.size(), after.size()));
  const int64_t rare = random.Between(1, 4);
  for (size_t at = 0; at < torn.size(); at += kSector) {
    const size_t size = std::min(kSector, torn.size() - at);
    if (random.OneIn(rare)) torn.replace(at, size, after.substr(at, size));
  }
  return torn;
}

// Returns a few bytes, or several blocks of the log, sometimes with zeros.
std::string AnyRow(Random& random) {
  const int64_t size = random.OneIn(3) ? random.Between(0, 70'000) : random.Between(0, 5'000);
  std::string row = random.Bytes(size);
  if (random.OneIn(4)) row.resize(row.size() + static_cast<size_t>(random.Between(0, 2'000)));
  return row;
}

TEST(PreallocatedWalTest, OfACommitWhosePowerWasCutThereIsAllOrNothing) {
  Random random;
  int nothing = 0;
  const int rounds = IsLongRun() ? 1'000 : kSanitized ? 6 : 20;
  for (int round = 0; round < rounds; ++round) {
    Commits commits;
    std::string former;
    for (int64_t i = random.Between(0, 10); i > 0; --i) commits.Write(former = AnyRow(random));
    const std::string before = commits.Log();
    const std::string row = AnyRow(random) + "!";
    commits.Write(row);
    DiskFiles files = commits.Files();
    std::string& log = Commits::LogOf(files);
    for (int i = 0; i < 5; ++i) {
      DiskFiles torn = files;
      Commits::LogOf(torn) = Torn(before, log, random);
      const std::string found = RowIn(torn);
      ASSERT_TRUE(found == former || found == row) << "round " << round << ": " << found;
      nothing += found == former ? 1 : 0;
    }
  }
  EXPECT_GT(nothing, rounds);
}

TEST(PreallocatedWalTest, DamageIsNotTakenForATornCommit) {
  Random random;
  Commits commits;
  while (commits.Log().find_last_not_of('\0') < 100'000) {
    commits.Write(random.Bytes(random.Between(0, 2'000)));
  }
  const std::string log = commits.Log();
  EXPECT_EQ(ValidPrefixSize(log), log.size());
  for (int i = 0; i < 1'000; ++i) {
    std::string damaged = log;
    const auto bit = static_cast<size_t>(random.Between(0, int64_t{8} * 65'535));
    damaged[bit / 8] = static_cast<char>(damaged[bit / 8] ^ (1 << bit % 8));
    ASSERT_EQ(ValidPrefixSize(damaged), std::nullopt) << "bit " << bit;
  }
}

// No sector of an acknowledged commit may be missing.
TEST(PreallocatedWalTest, AMissingSectorBeforeAWholeCommitIsDamage) {
  Random random;
  Commits commits;
  for (int i = 0; i < 40; ++i) commits.Write(random.Bytes(2'000));
  const size_t last = commits.Log().find_last_not_of('\0');
  commits.Write(random.Bytes(100));
  const std::string log = commits.Log();
  for (size_t sector = 0; sector + kSector <= last; sector += kSector) {
    std::string damaged = log;
    damaged.replace(sector, kSector, std::string(kSector, '\0'));
    ASSERT_EQ(ValidPrefixSize(damaged), std::nullopt) << sector;
  }
}

// As after a full disk, or after a kill during the write.
TEST(PreallocatedWalTest, ACommitThatTheFilesEndCutsOffIsTorn) {
  Random random;
  Commits commits;
  commits.Write("first");
  const size_t first = commits.Log().find_last_not_of('\0') + 1;
  commits.Write(random.Bytes(100'000) + "!");
  const std::string log = commits.Log();
  const size_t last = log.find_last_not_of('\0');
  const size_t step = kSanitized ? 997 : 97;
  ASSERT_EQ(ValidPrefixSize(log), log.size());
  for (size_t size = first + 1; size < last; size += size % 4096 < 4090 ? step : 1) {
    ASSERT_EQ(ValidPrefixSize(std::string_view(log).substr(0, size)), first) << size;
  }
  // Truncated between two records: each remaining record is complete.
  EXPECT_EQ(ValidPrefixSize(std::string_view(log).substr(0, 2 * kBlock)), first);
  EXPECT_EQ(ValidPrefixSize(log.substr(0, 2 * kBlock) + std::string(kBlock, '\0')), first);
}

// A disk writes a sector completely or not at all.
TEST(PreallocatedWalTest, AFlippedBitInTheLastCommitIsDamage) {
  Commits commits;
  commits.Write(std::string(300, 'a'));
  const std::string before = commits.Log();
  commits.Write("last");
  const std::string log = commits.Log();
  size_t seen = 0;
  const size_t first = before.find_last_not_of('\0') + 1;
  const size_t last = log.find_last_not_of('\0');
  for (size_t bit = 8 * first; bit < 8 * last; ++bit) {
    std::string damaged = log;
    damaged[bit / 8] = static_cast<char>(damaged[bit / 8] ^ (1 << bit % 8));
    if (!ValidPrefixSize(damaged).has_value()) ++seen;
  }
  // Only flips in the record's 2-byte length may look like a torn commit, by exceeding what was
  // written.
  EXPECT_GE(seen, 8 * (last - first) - 8);
}

// RocksDB skips a header of zeros and what follows. The last commit of an older log was
// acknowledged, even if it looks torn.
TEST(PreallocatedWalTest, DamageOfALogBeforeTheNewestIsRefused) {
  Random random;
  Commits commits;
  commits.Write("first");
  const size_t first = commits.Log().find_last_not_of('\0') + 1;
  commits.Write(random.Bytes(3 * kSector));
  commits.NewLog();
  commits.Write("second");
  const DiskFiles files = commits.Files();
  EXPECT_EQ(RowIn(files), "second");
  const auto older = std::find_if(files.begin(), files.end(),
                                  [](const auto& file) { return file.first.ends_with(".log"); });
  const auto damaged = [&](size_t at, const std::string& bytes) {
    DiskFiles copy = files;
    copy[older->first].replace(at, bytes.size(), bytes);
    const auto disk = DiskOf(copy);
    const auto opened = Database::Open({.data_dir = kDiskData, .env = disk.get()});
    EXPECT_TRUE(absl::IsDataLoss(opened.status())) << opened.status();
    EXPECT_EQ(CopyFiles(*disk)[older->first], copy[older->first]);
  };
  damaged(first, std::string(7, '\0'));                                      // a header
  damaged(first + 4, "\xff");                                                // a length
  damaged(first / kSector * kSector + kSector, std::string(kSector, '\0'));  // a sector
}

// The sector of a header's end may be written while the one with its first bytes is missing.
TEST(PreallocatedWalTest, ACommitWhoseHeaderIsCutInTwoIsTorn) {
  Random random;
  for (int in_sector = 1; in_sector < 7; ++in_sector) {  // bytes of the header
    Commits commits;
    commits.Write(std::string(300, 'a'));
    const size_t first = commits.Log().find_last_not_of('\0') + 1;
    commits.Write(std::string(300, 'a'));
    const size_t second = commits.Log().find_last_not_of('\0') + 1;
    const size_t third = second + (second - first) + kSector;
    commits.Write(std::string(300 + kSector + (kSector - third % kSector) - in_sector, 'a'));
    const std::string before = commits.Log();
    ASSERT_EQ((before.find_last_not_of('\0') + 1) % kSector, kSector - in_sector);
    std::string row = random.Bytes(2'000);
    for (char& byte : row) byte = static_cast<char>(byte & 7);
    commits.Write(row);
    DiskFiles files = commits.Files();
    std::string& log = Commits::LogOf(files);
    const size_t begin = before.find_last_not_of('\0') / kSector * kSector;
    log.replace(begin, kSector, before.substr(begin, kSector));
    const auto size = ValidPrefixSize(log);
    ASSERT_TRUE(size.has_value());
    EXPECT_EQ(RowIn(files)[0], 'a');
  }
}

TEST(PreallocatedWalTest, ASmallCommitDoesNotMakeTheFileLonger) {
  Commits commits;
  commits.Write("first");
  const std::string first = commits.Log();
  for (int i = 0; i < 100; ++i) commits.Write("next");
  const std::string last = commits.Log();
  EXPECT_EQ(last.size(), first.size());
  EXPECT_GT(last.find_last_not_of('\0'), first.find_last_not_of('\0'));
}

TEST(PreallocatedWalTest, NothingIsPreallocatedAfterALargeCommit) {
  Commits commits;
  commits.Write(std::string(1'000'000, 'x'));
  const std::string log = commits.Log();
  EXPECT_LT(log.size(), 1'010'000);
  EXPECT_EQ(log.find_last_not_of('\0'), log.size() - 1);
}

}  // namespace
}  // namespace owo::storage
