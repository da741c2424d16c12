// Writes to an overlay can be read back, and do not change the files below.

#include "storage/rocksdb/engine/overlay.h"

#include <gmock/gmock.h>

#include <map>
#include <string>
#include <vector>

#include "tests/support/memory_disk.h"

namespace owo::storage {
namespace {

using ::testing::UnorderedElementsAre;

class OverlayTest : public ::testing::Test {
 protected:
  void SetUp() override {
    ASSERT_TRUE(below_->CreateDir("/d").ok());
    for (const char* const name : {"a", "b"}) Write(*below_, name, "below");
  }
  static void Write(rocksdb::Env& env, const std::string& name, const std::string& bytes) {
    ASSERT_TRUE(rocksdb::WriteStringToFile(&env, bytes, "/d/" + name).ok()) << name;
  }
  static std::string Read(rocksdb::Env& env, const std::string& name) {
    std::string bytes;
    const rocksdb::Status status = rocksdb::ReadFileToString(&env, "/d/" + name, &bytes);
    return status.ok() ? bytes : "missing";
  }
  static std::vector<std::string> Names(rocksdb::Env& env) {
    std::vector<std::string> names;
    EXPECT_TRUE(env.GetChildren("/d", &names).ok());
    return names;
  }
  void ExpectBelowUnchanged() {
    EXPECT_THAT(Names(*below_), UnorderedElementsAre("a", "b"));
    for (const char* const name : {"a", "b"}) EXPECT_EQ(Read(*below_, name), "below");
  }

  const std::unique_ptr<rocksdb::Env> below_ = NewMemoryDisk();
  Overlay overlay_{*below_};
  rocksdb::Env& env_ = *overlay_.env();
};

TEST_F(OverlayTest, ReadsWhatIsBelowAndWhatWasWritten) {
  EXPECT_EQ(overlay_.Bytes(), 0);
  Write(env_, "a", "above");
  Write(env_, "c", "new");
  EXPECT_EQ(Read(env_, "a"), "above");
  EXPECT_EQ(Read(env_, "b"), "below");
  EXPECT_EQ(Read(env_, "c"), "new");
  EXPECT_THAT(Names(env_), UnorderedElementsAre("a", "b", "c"));
  uint64_t size = 0;
  EXPECT_TRUE(env_.GetFileSize("/d//c", &size).ok());
  EXPECT_EQ(size, 3);
  EXPECT_EQ(overlay_.Bytes(), 8);
  ExpectBelowUnchanged();
}

TEST_F(OverlayTest, FilesThatAreRemovedOrRenamedAreGone) {
  ASSERT_TRUE(env_.DeleteFile("/d/a").ok());
  EXPECT_TRUE(env_.FileExists("/d/a").IsNotFound());
  EXPECT_FALSE(env_.DeleteFile("/d/a").ok());
  EXPECT_EQ(Read(env_, "a"), "missing");
  ASSERT_TRUE(env_.RenameFile("/d/b", "/d/c").ok());
  EXPECT_EQ(Read(env_, "b"), "missing");
  EXPECT_EQ(Read(env_, "c"), "below");
  ASSERT_TRUE(env_.LinkFile("/d/c", "/d/linked").ok());
  EXPECT_EQ(Read(env_, "linked"), "below");
  EXPECT_THAT(Names(env_), UnorderedElementsAre("c", "linked"));
  Write(env_, "a", "again");
  EXPECT_EQ(Read(env_, "a"), "again");
  ExpectBelowUnchanged();
}

TEST_F(OverlayTest, WritingInPlaceChangesACopy) {
  std::unique_ptr<rocksdb::RandomRWFile> file;
  ASSERT_TRUE(env_.NewRandomRWFile("/d/a", &file, rocksdb::EnvOptions()).ok());
  ASSERT_TRUE(file->Write(0, "B").ok());
  ASSERT_TRUE(file->Sync().ok());
  EXPECT_EQ(Read(env_, "a"), "Below");
  ExpectBelowUnchanged();
}

TEST_F(OverlayTest, ClearedItShowsWhatIsBelow) {
  ASSERT_TRUE(env_.DeleteFile("/d/a").ok());
  Write(env_, "b", "above");
  ASSERT_TRUE(env_.CreateDirIfMissing("/e").ok());
  EXPECT_TRUE(env_.FileExists("/e").ok());
  overlay_.Clear();
  EXPECT_EQ(overlay_.Bytes(), 0);
  EXPECT_EQ(Read(env_, "a"), "below");
  EXPECT_EQ(Read(env_, "b"), "below");
  EXPECT_FALSE(env_.FileExists("/e").ok());
}

TEST_F(OverlayTest, ALockThatIsHeldBelowIsMetAndNoneIsMade) {
  rocksdb::FileLock* lock = nullptr;
  ASSERT_TRUE(env_.LockFile("/d/LOCK", &lock).ok());
  ASSERT_TRUE(env_.UnlockFile(lock).ok());
  ExpectBelowUnchanged();
  ASSERT_TRUE(below_->LockFile("/d/LOCK", &lock).ok());
  rocksdb::FileLock* second = nullptr;
  EXPECT_FALSE(env_.LockFile("/d/LOCK", &second).ok());
  ASSERT_TRUE(below_->UnlockFile(lock).ok());
  EXPECT_TRUE(env_.LockFile("/d/LOCK", &second).ok());
  EXPECT_FALSE(below_->LockFile("/d/LOCK", &lock).ok());
  ASSERT_TRUE(env_.UnlockFile(second).ok());
}

}  // namespace
}  // namespace owo::storage
