#include "service/access/operator_key.h"

#include <gmock/gmock.h>

#include <filesystem>
#include <fstream>

#include "tests/support/temp_dir.h"

namespace owo::access {
namespace {

const std::string kFirst = "operator-key-0123456789-abcdefghij";
const std::string kSecond = "operator-key-9876543210-jihgfedcba";

void Write(const std::string& path, std::string_view text) {
  std::ofstream(path, std::ios::binary) << text;
}

TEST(OperatorKeyTest, IsTheKeyThatWasGiven) {
  const auto key = OperatorKey::FromText(kFirst);
  ASSERT_TRUE(key.ok()) << key.status();
  EXPECT_TRUE((*key)->Is(HashKey(kFirst)));
  EXPECT_FALSE((*key)->Is(HashKey(kSecond)));
  EXPECT_FALSE((*key)->Is({}));
  EXPECT_TRUE((*key)->Refresh().ok());
  EXPECT_TRUE((*key)->Is(HashKey(kFirst)));
}

TEST(OperatorKeyTest, WhatIsNoKeyIsRefusedAndNotRepeated) {
  for (const std::string& text : {std::string(), std::string("short"), std::string(31, 'x'),
                                  std::string(257, 'x'), std::string(32, 'x') + " y",
                                  std::string(32, '\xe9'), "owo_sk_live_" + std::string(40, 'x')}) {
    const auto key = OperatorKey::FromText(text);
    EXPECT_TRUE(absl::IsInvalidArgument(key.status())) << text;
    if (text.size() > 10) {
      EXPECT_EQ(key.status().message().find(text), absl::string_view::npos) << key.status();
    }
  }
  EXPECT_TRUE(OperatorKey::FromText(std::string(32, 'x')).ok());
  EXPECT_TRUE(OperatorKey::FromText(std::string(256, 'x')).ok());
}

class OperatorKeyFileTest : public ::testing::Test {
 protected:
  const TempDir dir_;
  const std::string path_ = dir_.path() + "/key";
};

TEST_F(OperatorKeyFileTest, IsReadWithoutTheWhiteSpaceAroundIt) {
  EXPECT_TRUE(absl::IsInvalidArgument(OperatorKey::FromFile(path_).status()));
  Write(path_, kFirst + "\r\n\n");
  const auto key = OperatorKey::FromFile(path_);
  ASSERT_TRUE(key.ok()) << key.status();
  EXPECT_TRUE((*key)->Is(HashKey(kFirst)));
}

TEST_F(OperatorKeyFileTest, IsReplacedWhenTheFileChanges) {
  Write(path_, kFirst);
  const auto key = OperatorKey::FromFile(path_);
  ASSERT_TRUE(key.ok()) << key.status();
  Write(path_, kSecond);
  std::filesystem::last_write_time(
      path_, std::filesystem::last_write_time(path_) + std::chrono::seconds(1));
  EXPECT_TRUE((*key)->Refresh().ok());
  EXPECT_TRUE((*key)->Is(HashKey(kSecond)));
  EXPECT_FALSE((*key)->Is(HashKey(kFirst)));
}

// As Kubernetes replaces a mounted secret: the name stays, and what it leads to is another file.
TEST_F(OperatorKeyFileTest, IsReplacedWhenALinkOnTheWayChanges) {
  for (const auto& [name, text] : {std::pair("one", kFirst), {"two", kSecond}}) {
    std::filesystem::create_directory(dir_.path() + "/" + name);
    Write(dir_.path() + "/" + name + "/key", text);
  }
  const std::string data = dir_.path() + "/data";
  std::filesystem::create_directory_symlink("one", data);
  std::filesystem::create_symlink("data/key", path_);
  const auto key = OperatorKey::FromFile(path_);
  ASSERT_TRUE(key.ok()) << key.status();
  std::filesystem::create_directory_symlink("two", dir_.path() + "/new");
  std::filesystem::rename(dir_.path() + "/new", data);
  EXPECT_TRUE((*key)->Refresh().ok());
  EXPECT_TRUE((*key)->Is(HashKey(kSecond)));
}

TEST_F(OperatorKeyFileTest, StaysWhenTheNewFileHasNoneAndSaysSoOnce) {
  Write(path_, kFirst);
  const auto key = OperatorKey::FromFile(path_);
  ASSERT_TRUE(key.ok()) << key.status();
  Write(path_, "too short");
  const absl::Status refused = (*key)->Refresh();
  EXPECT_TRUE(absl::IsInvalidArgument(refused)) << refused;
  EXPECT_TRUE((*key)->Refresh().ok()) << "this version of the file was reported";
  EXPECT_TRUE((*key)->Is(HashKey(kFirst)));

  std::filesystem::remove(path_);
  EXPECT_TRUE(absl::IsInvalidArgument((*key)->Refresh()));
  EXPECT_TRUE((*key)->Is(HashKey(kFirst)));
  Write(path_, kSecond);
  EXPECT_TRUE((*key)->Refresh().ok());
  EXPECT_TRUE((*key)->Is(HashKey(kSecond)));
}

}  // namespace
}  // namespace owo::access
