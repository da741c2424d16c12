// `owo-billing-server verify`, as operators run it.

#include <gmock/gmock.h>
#include <unistd.h>

#include <algorithm>
#include <filesystem>

#include "storage/rocksdb/format/keys.h"
#include "tests/end_to_end/metered_customer.h"
#include "tests/end_to_end/server_process.h"
#include "tests/support/loop_disk.h"
#include "tests/support/rows.h"
#include "tests/support/temp_dir.h"

namespace owo {
namespace {

using ::testing::ContainsRegex;
using ::testing::EndsWith;
using ::testing::HasSubstr;

class VerifyCommandTest : public ::testing::Test {
 protected:
  std::string data() const { return dir_.path() + "/data"; }

  ProgramRun Verify(const std::vector<std::string>& flags = {}) const {
    std::vector<std::string> command = {OWO_SERVER, "verify", "--data_dir=" + data()};
    command.insert(command.end(), flags.begin(), flags.end());
    return RunProgram(std::move(command));
  }

  // Makes usage and invoices, and usage after the last invoice.
  static void Live(const ServerProcess& server) {
    const Owostack owo({.endpoint = server.endpoint()});
    ASSERT_NO_FATAL_FAILURE(AddMeteredCustomer(owo));
    for (const char* quantity : {"1", "2.5"}) {
      ASSERT_TRUE(
          owo.track_now({.customer = kCustomer, .feature = "calls", .quantity = quantity}).ok());
      ASSERT_TRUE(owo.billing.invoice({.customer = kCustomer}).ok());
    }
    ASSERT_TRUE(owo.track_now({.customer = kCustomer, .feature = "calls", .quantity = "9"}).ok());
  }

  // Returns how many entries are in the directory that holds the data directory.
  size_t Beside() const {
    return static_cast<size_t>(std::distance(std::filesystem::directory_iterator(dir_.path()), {}));
  }

  const TempDir dir_;
};

TEST_F(VerifyCommandTest, SoundDataIsSaidToBeSoundAlsoAfterAKill) {
  ServerProcess server(data());
  ASSERT_NO_FATAL_FAILURE(Live(server));
  server.Kill();
  const ProgramRun run = Verify();
  EXPECT_EQ(run.exit_status, 0) << run.output;
  EXPECT_THAT(run.output, ContainsRegex("\nevents +3\n"));
  EXPECT_THAT(run.output, ContainsRegex("\ninvoice lines +2\n"));
  EXPECT_THAT(run.output, EndsWith("sound: what is stored is what the journal gives\n"));
  EXPECT_EQ(Beside(), 1) << "the scratch database is gone";
  EXPECT_EQ(Verify({"--scratch_dir=" + data()}).exit_status, 0) << "where all else is read-only";
}

TEST_F(VerifyCommandTest, WhatDiffersIsNamed) {
  {
    const ServerProcess server(data());
    ASSERT_NO_FATAL_FAILURE(Live(server));
  }
  {
    const auto database = storage::OpenDatabase(data(), nullptr);
    rocksdb::WriteBatch batch;
    const auto ids = database->Iterate(storage::ColumnFamily::kIds);
    ids->SeekToFirst();
    batch.Delete(database->handle(storage::ColumnFamily::kIds), ids->key());
    ASSERT_TRUE(database->Write(batch).ok());
  }
  const TempDir scratch;
  const ProgramRun run = Verify({"--scratch_dir=" + scratch.path()});
  EXPECT_EQ(run.exit_status, 1);
  EXPECT_THAT(run.output, ContainsRegex("\nevent ids +2  1 difference\n    tenant 1, "));
  EXPECT_THAT(run.output, EndsWith("not sound: 1 difference\n"));
  EXPECT_TRUE(std::filesystem::is_empty(scratch.path()));
}

TEST_F(VerifyCommandTest, DataThatIsInUseIsLeftAlone) {
  const ServerProcess server(data());
  const ProgramRun run = Verify();
  EXPECT_EQ(run.exit_status, 2);
  EXPECT_THAT(run.output, HasSubstr("in use by another process"));
}

TEST_F(VerifyCommandTest, DataThatIsNotThereIsNotMade) {
  const ProgramRun run = Verify();
  EXPECT_EQ(run.exit_status, 2);
  EXPECT_THAT(run.output, HasSubstr("there is no store in"));
  EXPECT_EQ(Beside(), 0);
  EXPECT_EQ(Verify({"--listen=127.0.0.1:1"}).exit_status, 2) << "a flag of another command";
}

TEST_F(VerifyCommandTest, AMissingWatermarkIsDamage) {
  {
    const ServerProcess server(data());
    ASSERT_NO_FATAL_FAILURE(Live(server));
  }
  std::filesystem::remove(data() + "/WATERMARK");
  const ProgramRun run = Verify();
  EXPECT_EQ(run.exit_status, 1) << run.output;
  EXPECT_THAT(run.output, HasSubstr("WATERMARK is missing"));
  EXPECT_FALSE(std::filesystem::exists(data() + "/WATERMARK"));
}

TEST_F(VerifyCommandTest, DamagedBytesDoNotReachTheTerminal) {
  ASSERT_EQ(ServerProcess(data()).Stop(), 0);
  {
    const auto database = storage::OpenDatabase(data(), nullptr);
    rocksdb::WriteBatch batch;
    batch.Put(storage::ToSlice(storage::keys::kFormat), "\x1b[31m\xff\n");
    ASSERT_TRUE(database->Write(batch).ok());
  }
  const ProgramRun run = Verify();
  EXPECT_EQ(run.exit_status, 2);
  EXPECT_THAT(run.output, HasSubstr("has format \\x1b[31m\\xff\\n; this program reads"));
  EXPECT_EQ(std::count(run.output.begin(), run.output.end(), '\n'), 1);
}

TEST_F(VerifyCommandTest, AReadOnlyMountIsVerified) {
  std::string why_not;
  const auto disk = LoopDisk::Make({.mib = 32}, why_not);
  if (disk == nullptr) GTEST_SKIP() << why_not;
  const std::string data_dir = disk->path() + "/data";
  ServerProcess server(data_dir);
  ASSERT_NO_FATAL_FAILURE(Live(server));
  server.Kill();
  disk->MakeReadOnly();
  const TempDir scratch;
  const std::vector<std::string> verify = {OWO_SERVER, "verify", "--data_dir=" + data_dir};
  std::vector<std::string> with_scratch = verify;
  with_scratch.push_back("--scratch_dir=" + scratch.path());
  const ProgramRun run = RunProgram(with_scratch);
  EXPECT_EQ(run.exit_status, 0) << run.output;
  EXPECT_THAT(run.output, ContainsRegex("\nevents +3\n"));
  EXPECT_TRUE(std::filesystem::is_empty(scratch.path()));

  // The disk is read-only, so the scratch database cannot be next to the data.
  std::vector<std::string> elsewhere = {"/usr/bin/env", "TMPDIR=" + scratch.path()};
  elsewhere.insert(elsewhere.end(), verify.begin(), verify.end());
  const ProgramRun noted = RunProgram(elsewhere);
  EXPECT_EQ(noted.exit_status, 0) << noted.output;
  EXPECT_THAT(noted.output, HasSubstr("the scratch is " + scratch.path()));
  EXPECT_TRUE(std::filesystem::is_empty(scratch.path()));

  with_scratch.back() = "--scratch_dir=" + disk->path();
  const ProgramRun refused = RunProgram(with_scratch);
  EXPECT_EQ(refused.exit_status, 2) << refused.output;
  EXPECT_THAT(refused.output, HasSubstr("name another with --scratch_dir"));
}

// Runs as another user, who may read the data. That user cannot reach the build directory, so the
// test runs a copy of the binary.
TEST_F(VerifyCommandTest, APermissionToReadIsEnough) {
  if (geteuid() != 0) GTEST_SKIP() << "takes another user";
  ServerProcess server(data());
  ASSERT_NO_FATAL_FAILURE(Live(server));
  server.Kill();
  const std::string program = dir_.path() + "/program";
  std::filesystem::copy_file(OWO_SERVER, program);
  const TempDir scratch;
  for (const std::string& path : {dir_.path(), program, data(), data() + "/db"}) {
    std::filesystem::permissions(path, std::filesystem::perms(0755));
  }
  std::filesystem::permissions(scratch.path(), std::filesystem::perms(0777));
  const auto verify = [&] {
    return RunProgram({"/usr/bin/setpriv", "--reuid=65534", "--regid=65534", "--clear-groups",
                       program, "verify", "--data_dir=" + data(),
                       "--scratch_dir=" + scratch.path()});
  };
  for (const auto& entry : std::filesystem::recursive_directory_iterator(data())) {
    if (entry.is_regular_file()) std::filesystem::permissions(entry, std::filesystem::perms(0444));
  }
  const ProgramRun sound = verify();
  EXPECT_EQ(sound.exit_status, 0) << sound.output;

  const ServerProcess in_use(data());
  std::filesystem::permissions(data(), std::filesystem::perms(0755));
  std::filesystem::permissions(data() + "/db", std::filesystem::perms(0755));
  const ProgramRun used = verify();
  EXPECT_EQ(used.exit_status, 2) << used.output;
  EXPECT_THAT(used.output, HasSubstr("in use by another process"));
}

TEST_F(VerifyCommandTest, AMissingPermissionIsSaid) {
  if (geteuid() != 0) GTEST_SKIP() << "takes another user";
  ASSERT_EQ(ServerProcess(data()).Stop(), 0);
  const std::string program = dir_.path() + "/program";
  std::filesystem::copy_file(OWO_SERVER, program);
  for (const std::string& path : {dir_.path(), program}) {
    std::filesystem::permissions(path, std::filesystem::perms(0755));
  }
  const std::string parts[] = {data(), data() + "/db", data() + "/WATERMARK",
                               data() + "/db/CURRENT"};
  for (const std::string& part : parts) {
    std::filesystem::permissions(part, std::filesystem::perms(0700));
    const ProgramRun run =
        RunProgram({"/usr/bin/setpriv", "--reuid=65534", "--regid=65534", "--clear-groups", program,
                    "verify", "--data_dir=" + data(), "--scratch_dir=/tmp"});
    EXPECT_EQ(run.exit_status, 2) << part << ": " << run.output;
    EXPECT_THAT(run.output, HasSubstr("this user may not read all of")) << part;
    std::filesystem::permissions(part, std::filesystem::perms(0755));
  }
}

}  // namespace
}  // namespace owo
