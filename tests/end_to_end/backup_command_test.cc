// Backups as operators make and restore them: a server under load, its volume destroyed, and a
// server on what was restored.

#include <gmock/gmock.h>

#include <atomic>
#include <filesystem>
#include <optional>
#include <thread>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/time/clock.h"
#include "tests/crash/child.h"
#include "tests/end_to_end/metered_customer.h"
#include "tests/end_to_end/server_process.h"
#include "tests/support/random.h"
#include "tests/support/temp_dir.h"

namespace owo {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;

constexpr absl::Duration kBetweenLooks = absl::Milliseconds(50);
constexpr int kExitUsage = 2;

class BackupCommandTest : public ::testing::Test {
 protected:
  std::string Data() const { return dir_.path() + "/data"; }
  std::string Backup() const { return dir_.path() + "/backup"; }
  std::string Restored() const { return dir_.path() + "/restored"; }

  std::vector<std::string> Flags() const {
    return {"--backup_dir=" + Backup(), "--backup_every=1s"};
  }
  static ProgramRun Run(std::vector<std::string> arguments) {
    arguments.insert(arguments.begin(), OWO_SERVER);
    return RunProgram(std::move(arguments));
  }
  // The number of the newest backup; 0: there is none.
  int NewestBackup() const {
    const ProgramRun run = Run({"backups", "list", "--from=" + Backup()});
    int newest = 0;
    for (const absl::string_view line : absl::StrSplit(run.output, '\n')) {
      if (!line.empty() && line.front() != ' ') newest = std::max(newest, std::atoi(line.data()));
    }
    return newest;
  }
  // Returns when a backup is there that began after this call.
  void AwaitBackup() const {
    const int wanted = NewestBackup() + 2;  // the next one may have begun
    while (NewestBackup() < wanted) absl::SleepFor(kBetweenLooks);
  }

  const TempDir dir_;
};

TEST_F(BackupCommandTest, ADestroyedVolumeIsRestoredWithoutLossOrARepeatedNumber) {
  std::vector<std::string> acknowledged;
  {
    ServerProcess server(Data(), Flags());
    const Owostack owo({.endpoint = server.endpoint()});
    ASSERT_NO_FATAL_FAILURE(AddMeteredCustomer(owo));
    std::atomic<bool> stopping = false;
    std::thread load([&] {
      const Owostack other({.endpoint = server.endpoint(), .retry = {.attempts_max = 1}});
      for (int i = 0; !stopping; ++i) {
        if (!other.track_now(Call(absl::StrCat("load-", i))).ok()) break;
      }
    });
    for (int i = 0; i < 300; ++i) {
      acknowledged.push_back(absl::StrCat("event-", i));
      const auto tracked = owo.track_now(Call(acknowledged.back()));
      ASSERT_TRUE(tracked.ok()) << tracked.status();
      if (i % 100 != 0) continue;
      ASSERT_TRUE(owo.billing.invoice({.customer = kCustomer}).ok());
    }
    AwaitBackup();
    server.Kill();
    stopping = true;
    load.join();
  }
  std::filesystem::remove_all(Data());

  EXPECT_EQ(Run({"backups", "verify", "--from=" + Backup()}).exit_status, 0);
  const std::vector<std::string> restore = {"restore", "--from=" + Backup(),
                                            "--data_dir=" + Restored()};
  ProgramRun run = Run(restore);
  EXPECT_EQ(run.exit_status, kExitUsage);
  EXPECT_THAT(run.output,
              AllOf(HasSubstr("INV"), HasSubstr("number was 4"), HasSubstr("--next_number=INV:N")));
  std::vector<std::string> with_number = restore;
  with_number.push_back("--next_number=INV:500");
  run = Run(with_number);
  ASSERT_EQ(run.exit_status, 0) << run.output;
  EXPECT_THAT(run.output, HasSubstr("invoices go on with INV:500"));
  EXPECT_THAT(Run(with_number).output, HasSubstr("is not empty"));
  run = Run({"verify", "--data_dir=" + Restored()});
  EXPECT_EQ(run.exit_status, 0) << run.output;
  {
    const ServerProcess server(Restored(), Flags());
    const Owostack owo({.endpoint = server.endpoint()});
    for (const std::string& id : acknowledged) {
      const auto tracked = owo.track_now(Call(id));
      ASSERT_TRUE(tracked.ok()) << tracked.status();
      ASSERT_TRUE(tracked->duplicate) << id << " is lost";
    }
    const auto invoiced = owo.billing.invoice({.customer = kCustomer});
    ASSERT_TRUE(invoiced.ok()) << invoiced.status();
    EXPECT_EQ(invoiced->invoice.number, "INV-000500");
  }
  run = Run({"verify", "--data_dir=" + Restored()});
  EXPECT_EQ(run.exit_status, 0) << run.output;
}

TEST_F(BackupCommandTest, AKillDuringABackupLeavesSoundBackups) {
  Random random;
  for (int i = 0; i < 5; ++i) {
    ServerProcess server(Data(), Flags());
    const Owostack owo({.endpoint = server.endpoint()});
    if (i == 0) {
      ASSERT_NO_FATAL_FAILURE(AddMeteredCustomer(owo));
    }
    std::vector<std::string> ids;
    for (int j = 0; j < 500; ++j) ids.push_back(absl::StrCat(i, "-", j));
    ASSERT_TRUE(owo.track_batch(Calls(ids)).ok());
    AwaitBackup();
    absl::SleepFor(absl::Milliseconds(random.Between(900, 1000)));  // when the next one runs
    server.Kill();
  }
  const ProgramRun run = Run({"backups", "verify", "--from=" + Backup()});
  EXPECT_EQ(run.exit_status, 0) << run.output;
}

TEST_F(BackupCommandTest, AKillDuringARestoreLeavesADirectoryThatDoesNotOpen) {
  {
    const ServerProcess server(Data());
    const Owostack owo({.endpoint = server.endpoint()});
    ASSERT_NO_FATAL_FAILURE(AddMeteredCustomer(owo));
    std::vector<std::string> ids;
    for (int i = 0; i < 1000; ++i) ids.push_back(absl::StrCat(i));
    ASSERT_TRUE(owo.track_batch(Calls(ids)).ok());
    ASSERT_TRUE(owo.billing.invoice({.customer = kCustomer}).ok());
  }
  ProgramRun run = Run({"backup", "--data_dir=" + Data(), "--to=" + Backup()});
  ASSERT_EQ(run.exit_status, 0) << run.output;
  const std::vector<std::string> restore = {OWO_SERVER, "restore", "--from=" + Backup(),
                                            "--data_dir=" + Restored(), "--skip_numbers=10"};
  const std::string mark = Restored() + "/RESTORING";
  Random random;
  for (int interrupted = 0; interrupted < 5;) {
    Child child(restore, Child::Reads::kStdoutAndStderr);
    // The file may be there already, of an earlier round.
    while (!std::filesystem::exists(mark) && !std::filesystem::exists(Restored() + "/WATERMARK")) {
      absl::SleepFor(absl::Milliseconds(1));
    }
    absl::SleepFor(absl::Milliseconds(random.Between(0, 100)));
    child.Kill();
    child.Wait();
    if (!std::filesystem::exists(mark)) {
      std::filesystem::remove_all(Restored());
      continue;
    }
    ++interrupted;
    EXPECT_THAT(RunRefusedServer({"--listen=127.0.0.1:0", "--data_dir=" + Restored()}).output,
                HasSubstr("interrupted"));
    EXPECT_EQ(Run({"verify", "--data_dir=" + Restored()}).exit_status, kExitUsage);
  }
  run = RunProgram(restore);
  ASSERT_EQ(run.exit_status, 0) << run.output;
  EXPECT_EQ(Run({"verify", "--data_dir=" + Restored()}).exit_status, 0);
}

TEST_F(BackupCommandTest, AServerWithoutABackupVolumeServesAndSaysSo) {
  const ServerProcess server(Data(), {"--backup_dir=/proc/no-such-place", "--backup_every=1s"});
  const Owostack owo({.endpoint = server.endpoint()});
  ASSERT_NO_FATAL_FAILURE(AddMeteredCustomer(owo));
}

TEST_F(BackupCommandTest, WrongFlagsAreNamed) {
  const std::string file = dir_.path() + "/file";
  for (const auto& [arguments, named] :
       std::vector<std::pair<std::vector<std::string>, std::string>>{
           {{"backups"}, "list, verify or prune"},
           {{"backups", "list"}, "--from"},
           {{"backups", "prune", "--from=" + Backup()}, "--keep"},
           {{"backups", "list", "--from=" + Backup()}, "no backups"},
           {{"backup", "--data_dir=" + Data()}, "--to"},
           {{"backup", "--data_dir=" + Data(), "--to=" + Backup()}, "no store"},
           {{"restore", "--from=" + Backup(), "--data_dir=" + Restored()}, "no backups"},
           {{"restore", "--from=x", "--next_number=INV"}, "--next_number"},
           {{"--backup_dir=x", "--backup_every=1ms"}, "--backup_every"},
           {{"--backup_dir=x", "--backup_keep=0"}, "--backup_keep"},
           {{"--data_dir=" + Data(), "--backup_dir=" + Data() + "/b", "--listen=127.0.0.1:0"},
            "another volume"}}) {
    const ProgramRun run = Run(arguments);
    EXPECT_EQ(run.exit_status, kExitUsage) << run.output;
    EXPECT_THAT(run.output, HasSubstr(named));
  }
}

}  // namespace
}  // namespace owo
