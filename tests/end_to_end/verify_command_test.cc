// `owo-billing-server verify`, as operators run it.

#include <gmock/gmock.h>

#include <filesystem>

#include "storage/rocksdb/keys.h"
#include "tests/end_to_end/metered_customer.h"
#include "tests/end_to_end/server_process.h"
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

  // Usage, an invoice, and usage behind it.
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

  // What lies beside the data.
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
    const auto ids = database->Iterate(storage::Space::kIds);
    ids->SeekToFirst();
    batch.Delete(database->handle(storage::Space::kIds), ids->key());
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

}  // namespace
}  // namespace owo
