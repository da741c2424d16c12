// What the program says and measures of backups, and how it reads its commands.

#include "service/server_backup.h"

#include <gmock/gmock.h>

#include "service/server_flags.h"
#include "storage/disk_full.h"
#include "tests/support/recorded_log.h"
#include "tests/support/recorded_metrics.h"

namespace owo::service {
namespace {

using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;

class ObservedBackupsTest : public ::testing::Test {
 protected:
  const std::shared_ptr<telemetry::RecordedLog> log_ = std::make_shared<telemetry::RecordedLog>();
  telemetry::RecordedMetrics metrics_;
};

TEST_F(ObservedBackupsTest, AreMeasured) {
  const storage::BackupOptions options = Observed({.dir = "/backup"}, log_, metrics_);
  options.on_backup({.id = 1, .time = absl::FromUnixSeconds(1000), .bytes = 70});
  EXPECT_EQ(metrics_.value("owo_backup_last_success_timestamp_seconds"), 1000);
  EXPECT_EQ(metrics_.value("owo_backups_total/success"), 0);  // of an earlier process
  options.on_backup({.id = 2,
                     .time = absl::FromUnixSeconds(1060),
                     .bytes = 80,
                     .copied_bytes = 10,
                     .duration = absl::Milliseconds(1500)});
  EXPECT_EQ(metrics_.value("owo_backup_last_success_timestamp_seconds"), 1060);
  EXPECT_EQ(metrics_.value("owo_backup_last_size_bytes"), 80);
  EXPECT_EQ(metrics_.value("owo_backup_copied_bytes_total"), 10);
  EXPECT_EQ(metrics_.value("owo_backup_last_duration_milliseconds"), 1500);
  EXPECT_EQ(metrics_.value("owo_backups_total/success"), 1);
  EXPECT_THAT(log_->lines(), IsEmpty());
}

TEST_F(ObservedBackupsTest, FailuresAreCountedAndLogged) {
  const storage::BackupOptions options = Observed({.dir = "/backup"}, log_, metrics_);
  options.on_failure(absl::UnavailableError("no answer"));
  options.on_failure(storage::DiskFull("000012.sst"));
  EXPECT_EQ(metrics_.value("owo_backups_total/failure"), 2);
  ASSERT_THAT(log_->lines(), SizeIs(2));
  EXPECT_THAT(log_->lines()[0], HasSubstr("no answer"));
  EXPECT_THAT(log_->lines()[1], HasSubstr("the disk for backups is full"));
}

TEST_F(ObservedBackupsTest, AMigrationWithoutABackupIsLogged) {
  const storage::BackupOptions options = Observed({}, log_, metrics_);
  options.on_migration_without_backup(absl::FailedPreconditionError("format 3 becomes 4"));
  ASSERT_THAT(log_->lines(), SizeIs(1));
  EXPECT_THAT(log_->lines()[0], HasSubstr("format 3 becomes 4"));
}

TEST(NextNumberTest, IsASeriesAndANumber) {
  const auto plain = ParseNextNumber("INV:1043");
  ASSERT_TRUE(plain.ok()) << plain.status();
  EXPECT_EQ(plain->tenant, storage::kDefaultTenant);
  EXPECT_EQ(plain->series, "INV");
  EXPECT_EQ(plain->next, 1043);
  const auto of_tenant = ParseNextNumber("7/A:B:2");
  ASSERT_TRUE(of_tenant.ok()) << of_tenant.status();
  EXPECT_EQ(of_tenant->tenant, storage::TenantId{7});
  EXPECT_EQ(of_tenant->series, "A:B");
  EXPECT_EQ(of_tenant->next, 2);
  for (const char* const wrong : {"", "INV", "INV:", ":5", "INV:x", "INV:-1", "INV:1x", "0/INV:1",
                                  "x/INV:1", "/INV:1", "INV:99999999999999999999"}) {
    EXPECT_TRUE(absl::IsInvalidArgument(ParseNextNumber(wrong).status())) << wrong;
  }
}

class BackupCommandLineTest : public ::testing::Test {
 protected:
  static CommandLine Parsed(const std::vector<std::string>& arguments) {
    const absl::StatusOr<CommandLine> line = ParseCommandLine(arguments);
    EXPECT_TRUE(line.ok()) << line.status();
    return line.value_or(CommandLine());
  }
};

TEST_F(BackupCommandLineTest, TheServerTakesASchedule) {
  CommandLine line = Parsed({"--backup_dir=/b"});
  EXPECT_EQ(line.server.backup.dir, "/b");
  EXPECT_EQ(line.server.backup.every, absl::Minutes(1));
  EXPECT_EQ(line.server.backup.keep, 60);
  EXPECT_EQ(line.server.backup.bytes_per_second, 32 << 20);
  line = Parsed({"--backup_dir=/b", "--backup_every=5s", "--backup_keep=3", "--backup_rate_mib=0"});
  EXPECT_EQ(line.server.backup.every, absl::Seconds(5));
  EXPECT_EQ(line.server.backup.keep, 3);
  EXPECT_EQ(line.server.backup.bytes_per_second, 0);
}

TEST_F(BackupCommandLineTest, CommandsTakeTheirFlags) {
  BackupCommand command = Parsed({"backup", "--to=/b", "--data_dir=/d", "--keep=2"}).backup;
  EXPECT_EQ(command.action, BackupAction::kCreate);
  EXPECT_EQ(command.dir, "/b");
  EXPECT_EQ(command.data_dir, "/d");
  EXPECT_EQ(command.keep, 2);
  command = Parsed({"backups", "list", "--from=/b"}).backup;
  EXPECT_EQ(command.action, BackupAction::kList);
  command = Parsed({"backups", "verify", "--from=/b", "--backup=3"}).backup;
  EXPECT_EQ(command.action, BackupAction::kVerify);
  EXPECT_EQ(command.backup, 3);
  command = Parsed({"backups", "prune", "--from=/b", "--keep=1"}).backup;
  EXPECT_EQ(command.action, BackupAction::kPrune);
  command = Parsed({"restore", "--from=/b", "--store=rocksdb:/d", "--next_number=A:1,B:2",
                    "--skip_numbers=9"})
                .backup;
  EXPECT_EQ(command.action, BackupAction::kRestore);
  EXPECT_EQ(command.data_dir, "/d");
  ASSERT_THAT(command.next_numbers, SizeIs(2));
  EXPECT_EQ(command.next_numbers[1].series, "B");
  EXPECT_EQ(command.skip_numbers, 9);
  EXPECT_EQ(Parsed({"restore", "--from=/b"}).backup.skip_numbers, std::nullopt);
}

}  // namespace
}  // namespace owo::service
