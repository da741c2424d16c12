// A store on the disk, its backups, and directories that are restored from them.
//
//   const auto store = Open(Opening());
//   MustBackUp(*store);
//   ASSERT_TRUE(Restore().ok());
//   ExpectSound(Restored());
#ifndef OWO_TESTS_STORAGE_ROCKSDB_BACKUP_TESTING_H_
#define OWO_TESTS_STORAGE_ROCKSDB_BACKUP_TESTING_H_

#include <gtest/gtest.h>

#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "storage/rocksdb/backup/restore.h"
#include "storage/rocksdb/open.h"
#include "storage/rocksdb/verify/verify.h"
#include "tests/support/store.h"
#include "tests/support/temp_dir.h"

namespace owo::storage {

class BackupTest : public ::testing::Test {
 protected:
  std::string Data() const { return dir_.path() + "/data"; }
  std::string Backup() const { return dir_.path() + "/backup"; }
  std::string Restored(uint32_t id = 0) const {
    return absl::StrCat(dir_.path(), "/restored-", id);
  }

  OpenOptions Opening() const {
    return {.data_dir = Data(), .backup = {.dir = Backup(), .bytes_per_second = 0}};
  }
  std::unique_ptr<Store> Open(const OpenOptions& options) {
    auto store = OpenRocksStore(options);
    EXPECT_TRUE(store.ok()) << store.status();
    return store.ok() ? *std::move(store) : nullptr;
  }
  static BackupInfo MustBackUp(Store& store) {
    const auto made = store.backups()->Create();
    EXPECT_TRUE(made.ok()) << made.status();
    return made.value_or(BackupInfo());
  }
  absl::StatusOr<RestoredBackup> Restore(uint32_t id = 0) {
    return RestoreBackup(
        {.from = Backup(), .backup = id, .data_dir = Restored(id), .skip_numbers = 0});
  }
  static void ExpectSound(const std::string& data_dir) {
    const auto report = VerifyRocksStore({.data_dir = data_dir}, nullptr);
    ASSERT_TRUE(report.ok()) << report.status();
    EXPECT_EQ(report->differences(), 0) << report->ToString();
  }
  std::vector<std::string> FilesOf(const std::string& dir) const {
    std::vector<std::string> files;
    for (const auto& entry : std::filesystem::recursive_directory_iterator(dir)) {
      if (entry.is_regular_file() && entry.path().filename() != "LOCK") {
        files.push_back(entry.path().string());
      }
    }
    return files;
  }

  const TempDir dir_;
};

}  // namespace owo::storage

#endif  // OWO_TESTS_STORAGE_ROCKSDB_BACKUP_TESTING_H_
