// A bit that flips in the database's files is seen: opening or reading is refused, or nothing has
// changed.

#include <gtest/gtest.h>

#include <optional>

#include "storage/rocksdb/replay.h"
#include "tests/storage/rocksdb/workload.h"
#include "tests/support/rows.h"

namespace owo::storage {
namespace {

constexpr char kData[] = "/data";

void Flip(std::string& bytes, int64_t bit) {
  char& byte = bytes[static_cast<size_t>(bit / 8)];
  byte = static_cast<char>(byte ^ (1 << bit % 8));
}

class DamageTest : public ::testing::Test {
 protected:
  void Live() {
    auto store = OpenRocksStore({.data_dir = kData, .env = memory_.get()});
    ASSERT_TRUE(store.ok()) << store.status();
    Workload workload;
    for (int i = 0; i < 100; ++i) workload.Step(**store, random_);
  }
  // Moves all rows from the write-ahead log to tables, by opening once.
  void MakeTables() { OpenDatabase(kData, memory_.get()); }

  std::vector<std::string> FilesEndingIn(std::string_view ending) {
    std::vector<std::string> names;
    EXPECT_TRUE(memory_->GetChildren(kData, &names).ok());
    std::erase_if(names, [&](const std::string& name) { return !name.ends_with(ending); });
    for (std::string& name : names) name.insert(0, std::string(kData).append("/"));
    return names;
  }
  std::string Read(const std::string& file) {
    std::string bytes;
    EXPECT_TRUE(rocksdb::ReadFileToString(memory_.get(), file, &bytes).ok());
    return bytes;
  }
  void Write(const std::string& file, const std::string& bytes) {
    EXPECT_TRUE(rocksdb::WriteStringToFile(memory_.get(), bytes, file).ok());
  }

  // What a reader of everything gets: the rows, or nothing when it is refused.
  std::optional<std::map<std::string, Rows>> ReadAll() {
    auto database = Database::Open({.data_dir = kData, .env = memory_.get()});
    if (!database.ok()) {
      EXPECT_TRUE(absl::IsDataLoss(database.status())) << database.status();
      return std::nullopt;
    }
    const std::unique_ptr<rocksdb::Env> other(rocksdb::NewMemEnv(rocksdb::Env::Default()));
    const auto replayed = OpenDatabase(kData, other.get());
    const auto records = ReplayJournal(**database, *replayed);
    if (!records.ok()) {
      EXPECT_TRUE(absl::IsDataLoss(records.status())) << records.status();
      return std::nullopt;
    }
    return FoldedRows(*replayed);
  }

  Random random_;
  const std::unique_ptr<rocksdb::Env> memory_{rocksdb::NewMemEnv(rocksdb::Env::Default())};
};

TEST_F(DamageTest, AFlippedBitInATableIsRefusedOrHarmless) {
  Live();
  MakeTables();
  const auto expected = ReadAll();
  ASSERT_TRUE(expected.has_value());
  const std::vector<std::string> tables = FilesEndingIn(".sst");
  ASSERT_FALSE(tables.empty());
  int refused = 0;
  for (int i = 0; i < 60; ++i) {
    const auto table =
        static_cast<size_t>(random_.Between(0, static_cast<int64_t>(tables.size()) - 1));
    const std::string whole = Read(tables[table]);
    std::string flipped = whole;
    const auto bit = random_.Between(0, 8 * static_cast<int64_t>(whole.size()) - 1);
    Flip(flipped, bit);
    Write(tables[table], flipped);
    const auto read = ReadAll();
    if (!read.has_value()) ++refused;
    EXPECT_TRUE(!read.has_value() || read == expected) << tables[table] << " bit " << bit;
    Write(tables[table], whole);
  }
  EXPECT_GT(refused, 0);
}

TEST_F(DamageTest, AFlippedBitInsideTheWriteAheadLogIsRefused) {
  Live();
  const std::vector<std::string> logs = FilesEndingIn(".log");
  ASSERT_EQ(logs.size(), 1);
  const std::string whole = Read(logs[0]);
  for (int i = 0; i < 60; ++i) {
    std::string flipped = whole;
    const auto bit = random_.Between(0, 4 * static_cast<int64_t>(whole.size()));
    Flip(flipped, bit);
    Write(logs[0], flipped);
    EXPECT_EQ(ReadAll(), std::nullopt) << "bit " << bit << " of " << whole.size() << " bytes";
    Write(logs[0], whole);
  }
  EXPECT_TRUE(ReadAll().has_value());
}

}  // namespace
}  // namespace owo::storage
