// `verify` changes nothing in the directory, even if a killed server left unflushed rows. It
// distinguishes the reasons why it cannot verify.

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <iterator>
#include <map>
#include <string>
#include <tuple>

#include "storage/rocksdb/open.h"
#include "storage/rocksdb/verify/verify.h"
#include "tests/storage/rocksdb/workload.h"
#include "tests/support/store.h"
#include "tests/support/temp_dir.h"

namespace owo::storage {
namespace {

namespace fs = std::filesystem;

// Size, modification time, mode and bytes of a file.
using Facts = std::tuple<uint64_t, fs::file_time_type, fs::perms, std::string>;

std::map<std::string, Facts> Tree(const std::string& root) {
  std::map<std::string, Facts> tree;
  for (const auto& entry : fs::recursive_directory_iterator(root)) {
    std::string bytes;
    if (entry.is_regular_file()) {
      std::ifstream file(entry.path(), std::ios::binary);
      bytes.assign(std::istreambuf_iterator<char>(file), {});
    }
    tree[entry.path().string()] = {bytes.size(), entry.last_write_time(),
                                   entry.status().permissions(), bytes};
  }
  tree[root] = {0, fs::last_write_time(root), fs::status(root).permissions(), ""};
  return tree;
}

class VerifyUntouchedTest : public ::testing::Test {
 protected:
  std::string data() const { return dir_.path() + "/data"; }

  // Creates a store as a kill leaves it: copies its files while it is open.
  void Live() {
    const std::string live = dir_.path() + "/live";
    auto store = OpenRocksStore({.data_dir = live, .unflushed_events_max = 40, .cached_max = 30});
    ASSERT_TRUE(store.ok()) << store.status();
    Workload workload;
    for (int i = 0; i < 200; ++i) workload.Step(**store, random_);
    fs::copy(live, data(), fs::copy_options::recursive);
  }
  absl::StatusOr<VerifyReport> TryVerify() {
    return VerifyRocksStore({.data_dir = data()}, nullptr);
  }

  Random random_;
  const TempDir dir_;
};

TEST_F(VerifyUntouchedTest, TheDirectoryIsByteForByteWhatItWas) {
  ASSERT_NO_FATAL_FAILURE(Live());
  const auto before = Tree(data());
  const auto changed = fs::last_write_time(data());
  for (int round = 0; round < 2; ++round) {
    const auto report = TryVerify();
    ASSERT_TRUE(report.ok()) << report.status();
    EXPECT_EQ(report->differences(), 0) << report->ToString();
    EXPECT_TRUE(Tree(data()) == before);
    EXPECT_EQ(fs::last_write_time(data()), changed);
  }
}

TEST_F(VerifyUntouchedTest, WithoutItsLockFileItIsReadAndNoneIsMade) {
  ASSERT_NO_FATAL_FAILURE(Live());
  fs::remove(data() + "/LOCK");
  const auto before = Tree(data());
  EXPECT_TRUE(TryVerify().ok());
  EXPECT_TRUE(Tree(data()) == before);
}

TEST_F(VerifyUntouchedTest, AMissingWatermarkIsDamage) {
  ASSERT_NO_FATAL_FAILURE(Live());
  fs::remove(data() + "/WATERMARK");
  const auto before = Tree(data());
  const absl::Status status = TryVerify().status();
  EXPECT_TRUE(absl::IsDataLoss(status)) << status;
  EXPECT_NE(status.message().find("WATERMARK is missing"), std::string::npos) << status;
  EXPECT_TRUE(Tree(data()) == before);
}

TEST_F(VerifyUntouchedTest, WhatIsNoStoreIsNotFound) {
  EXPECT_TRUE(absl::IsNotFound(TryVerify().status()));
  fs::create_directory(data());
  EXPECT_TRUE(absl::IsNotFound(TryVerify().status()));
  std::ofstream(data() + "/file") << "something else";
  EXPECT_TRUE(absl::IsNotFound(TryVerify().status()));
}

TEST_F(VerifyUntouchedTest, AStoreThatIsInUseStaysInUse) {
  auto store = OpenRocksStore({.data_dir = data()});
  ASSERT_TRUE(store.ok()) << store.status();
  EXPECT_TRUE(absl::IsFailedPrecondition(TryVerify().status()));
  AddSubject(**store, "acme");
  store->reset();
  EXPECT_TRUE(TryVerify().ok());
}

}  // namespace
}  // namespace owo::storage
