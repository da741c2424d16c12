// A disk in memory with the files of a store, which can be copied, changed and opened again.
//
//   DiskFiles files = CopyFiles(*disk);
//   files["/data/db/000007.log"].resize(100);
//   const auto changed = DiskOf(files);
//   Database::Open({.data_dir = kDiskData, .env = changed.get()});
#ifndef OWO_TESTS_SUPPORT_MEMORY_DISK_H_
#define OWO_TESTS_SUPPORT_MEMORY_DISK_H_

#include <gtest/gtest.h>
#include <rocksdb/env.h>

#include <map>
#include <memory>
#include <string>
#include <vector>

namespace owo {

inline constexpr char kDiskData[] = "/data";
inline constexpr char kDiskDatabase[] = "/data/db";

using DiskFiles = std::map<std::string, std::string>;  // by path

inline std::unique_ptr<rocksdb::Env> NewMemoryDisk() {
  return std::unique_ptr<rocksdb::Env>(rocksdb::NewMemEnv(rocksdb::Env::Default()));
}

// Returns the files of the store in kDiskData.
inline DiskFiles CopyFiles(rocksdb::Env& disk) {
  DiskFiles files;
  for (const std::string directory : {kDiskData, kDiskDatabase}) {
    std::vector<std::string> names;
    EXPECT_TRUE(disk.GetChildren(directory, &names).ok());
    for (const std::string& name : names) {
      const std::string path = directory + "/" + name;
      if (name == "LOCK" || path == kDiskDatabase) continue;
      EXPECT_TRUE(rocksdb::ReadFileToString(&disk, path, &files[path]).ok()) << path;
    }
  }
  return files;
}

inline std::unique_ptr<rocksdb::Env> DiskOf(const DiskFiles& files) {
  auto disk = NewMemoryDisk();
  EXPECT_TRUE(disk->CreateDirIfMissing(kDiskData).ok());
  EXPECT_TRUE(disk->CreateDirIfMissing(kDiskDatabase).ok());
  for (const auto& [path, bytes] : files) {
    EXPECT_TRUE(rocksdb::WriteStringToFile(disk.get(), bytes, path).ok());
  }
  return disk;
}

}  // namespace owo

#endif  // OWO_TESTS_SUPPORT_MEMORY_DISK_H_
