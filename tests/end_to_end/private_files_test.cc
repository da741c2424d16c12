// Only the server's own user can read its files: directories 0700, files 0600, also in a directory
// that an earlier release made.

#include <gtest/gtest.h>
#include <sys/stat.h>

#include <filesystem>
#include <string>

#include "tests/end_to_end/metered_customer.h"
#include "tests/end_to_end/server_process.h"
#include "tests/support/temp_dir.h"

namespace owo {
namespace {

namespace fs = std::filesystem;

constexpr fs::perms kOthers = fs::perms::group_all | fs::perms::others_all;

class PrivateFilesTest : public ::testing::Test {
 protected:
  void SetUp() override { umask(022); }

  void Live() const {
    ServerProcess server(data());
    ASSERT_NO_FATAL_FAILURE(AddMeteredCustomer(Owostack({.endpoint = server.endpoint()})));
    ExpectPrivate();
    EXPECT_EQ(server.Stop(), 0);
    ExpectPrivate();
  }
  void ExpectPrivate() const {
    ExpectMode(data(), fs::perms::owner_all);
    size_t files = 0;
    for (const auto& entry : fs::recursive_directory_iterator(data())) {
      ++files;
      ExpectMode(entry.path(), entry.is_directory()
                                   ? fs::perms::owner_all
                                   : fs::perms::owner_read | fs::perms::owner_write);
    }
    EXPECT_GT(files, 5);
  }
  static void ExpectMode(const fs::path& path, fs::perms mode) {
    std::error_code error;  // RocksDB creates and deletes files meanwhile
    const fs::perms found = fs::status(path, error).permissions();
    if (error) return;
    EXPECT_EQ(found, mode) << path;
  }
  std::string data() const { return dir_.path() + "/a/data"; }

  const TempDir dir_;
};

TEST_F(PrivateFilesTest, OtherUsersMayNotReadWhatIsMade) {
  ASSERT_NO_FATAL_FAILURE(Live());
  ExpectMode(dir_.path() + "/a", fs::perms::owner_all);
}

TEST_F(PrivateFilesTest, AnEmptyDirectoryThatWasMadeForItIsClosed) {
  ASSERT_TRUE(fs::create_directories(data()));
  ASSERT_EQ(fs::status(data()).permissions() & kOthers, fs::perms(0055));
  ASSERT_NO_FATAL_FAILURE(Live());
}

TEST_F(PrivateFilesTest, AStoreThatWasOpenToOthersIsClosed) {
  ASSERT_NO_FATAL_FAILURE(Live());
  for (const char* const directory : {"", "/db"}) {
    fs::permissions(data() + directory, fs::perms(0755));
  }
  {
    const ServerProcess server(data());
    ExpectMode(data(), fs::perms::owner_all);
    ExpectMode(data() + "/db", fs::perms::owner_all);
  }
}

// For example a home directory, or /tmp.
TEST_F(PrivateFilesTest, ADirectoryWithOtherThingsInItStaysOpenAndTheStoreDoesNot) {
  ASSERT_TRUE(fs::create_directories(data() + "/other"));
  {
    const ServerProcess server(data());
    ExpectMode(data(), fs::perms(0755));
    ExpectMode(data() + "/other", fs::perms(0755));
    ExpectMode(data() + "/db", fs::perms::owner_all);
  }
  fs::permissions(data(), fs::perms(01777));
  const ServerProcess server(data());
  ExpectMode(data(), fs::perms(01777));
}

}  // namespace
}  // namespace owo
