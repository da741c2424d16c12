// Data of an older format is backed up before it is migrated; that of a newer format is refused.

#include <gmock/gmock.h>

#include <fstream>

#include "storage/rocksdb/backup/backup_catalog.h"
#include "storage/rocksdb/backup/store_backups.h"
#include "storage/rocksdb/format/keys.h"
#include "tests/storage/rocksdb/backup_testing.h"
#include "tests/storage/rocksdb/former_version.h"
#include "tests/support/rows.h"

namespace owo::storage {
namespace {

using ::testing::HasSubstr;
using ::testing::SizeIs;

class MigrationTest : public BackupTest {
 protected:
  void MakeFormerStore() {
    {
      const auto store = Open({.data_dir = Data()});
      AddSubject(*store, "acme");
    }
    MakeFormer(*OpenDatabase(Data(), nullptr));
  }
  std::string Format(const std::string& data_dir) const {
    const auto database = OpenDatabase(data_dir, nullptr);
    return database->Get(ColumnFamily::kMeta, keys::kFormat)->value_or("");
  }
};

TEST_F(MigrationTest, TheDataIsBackedUpBeforeItAndThatBackupStays) {
  MakeFormerStore();
  OpenOptions options = Opening();
  options.backup.keep = 1;
  {
    const auto store = Open(options);
    AddSubject(*store, "other");
    MustBackUp(*store);
    MustBackUp(*store);
  }
  EXPECT_EQ(Format(Data()), kFormatVersion);
  const auto listed = ListBackups(Backup(), nullptr);
  ASSERT_TRUE(listed.ok()) << listed.status();
  ASSERT_THAT(*listed, SizeIs(2));
  EXPECT_TRUE(listed->front().info.before_migration);
  EXPECT_EQ(listed->front().info.format, kFormerFormat);
  EXPECT_EQ(listed->back().info.format, kFormatVersion);
  // To go back to the earlier version.
  ASSERT_TRUE(Restore(listed->front().info.id).ok());
  EXPECT_EQ(Format(Restored(listed->front().info.id)), kFormerFormat);
}

TEST_F(MigrationTest, IsNotBegunIfTheBackupFails) {
  MakeFormerStore();
  std::ofstream(Backup()) << "not a directory";
  const auto store = OpenRocksStore(Opening());
  EXPECT_TRUE(absl::IsFailedPrecondition(store.status())) << store.status();
  EXPECT_EQ(Format(Data()), kFormerFormat);
}

TEST_F(MigrationTest, IsReportedIfThereIsNoBackup) {
  MakeFormerStore();
  int reported = 0;
  OpenOptions options{.data_dir = Data()};
  options.backup.on_migration_without_backup = [&](const absl::Status&) { ++reported; };
  AddSubject(*Open(options), "other");
  EXPECT_EQ(reported, 1);
  Open(options);
  EXPECT_EQ(reported, 1);
}

TEST_F(MigrationTest, ABackupOfANewerFormatIsRefusedByName) {
  {
    const auto store = Open(Opening());
    AddSubject(*store, "acme");
  }
  {
    const auto database = OpenDatabase(Data(), nullptr);
    rocksdb::WriteBatch batch;
    batch.Put(ToSlice(keys::kFormat), "99");
    ASSERT_TRUE(database->Write(batch).ok());
    ASSERT_TRUE(StoreBackups(*database, Opening()).Create().ok());
  }
  const auto restored = Restore();
  EXPECT_TRUE(absl::IsFailedPrecondition(restored.status())) << restored.status();
  EXPECT_THAT(restored.status().message(), HasSubstr("99"));
  EXPECT_FALSE(std::filesystem::exists(Restored()));
}

}  // namespace
}  // namespace owo::storage
